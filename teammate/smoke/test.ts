import { UserError } from "../../commands/userError";
import { endCommands } from "../../commands/run";
import type { StackOutputs } from "../../commands/outputs";
import { clientProcessEnvironment, findClient } from "./client";
import { Session } from "./session";
import type { Step } from "./show";
import { clientSteps, type StepReport, tunnelStep } from "./steps";
import { lookForServer } from "./tunnel";

/** The smoke test of one server. */
export class SmokeTest {
    private tunnel?: StepReport;
    private session?: Session;
    private trouble?: Error;
    private interrupted = false;

    constructor(
        private readonly outputs: StackOutputs,
        private readonly python: string | undefined,
    ) {}

    /** In their order. The first ones start what the others wait for. */
    readonly steps: readonly Step[] = [
        { title: tunnelStep.title, report: () => this.lookForServer() },
        ...clientSteps.map(({ name, title }) => ({ title, report: () => this.clientStep(name) })),
    ];

    get reports(): readonly StepReport[] {
        return [...(this.tunnel ? [this.tunnel] : []), ...(this.session?.reports ?? [])];
    }

    /** The first time it cleans up, the second time it ends as it is. */
    interrupt(): void {
        if (this.interrupted) {
            this.session?.kill();
            return;
        }
        this.interrupted = true;
        console.error("Interrupted: cleaning up. Once more, and it ends without.");
        endCommands();
        this.session?.interrupt();
    }

    /** @throws what kept the client from being started, once its steps are over */
    async end(): Promise<void> {
        await this.session?.ended;
        if (this.interrupted) {
            return;
        }
        if (this.trouble) {
            throw this.trouble;
        }
        if (this.session?.reports.length === 0) {
            throw new UserError(`The client ended before its first step: ${this.session.lastWords}`);
        }
    }

    private async lookForServer(): Promise<StepReport> {
        this.tunnel = await lookForServer(this.outputs);
        return this.tunnel;
    }

    private async clientStep(name: string): Promise<StepReport | undefined> {
        if (name === clientSteps[0].name && this.tunnel?.ok) {
            await this.start();
        }
        return this.session?.step(name);
    }

    private async start(): Promise<void> {
        try {
            const python = await findClient(this.python, this.outputs);
            if (!this.interrupted) {
                this.session = new Session(python, clientProcessEnvironment(this.outputs));
            }
        } catch (error) {
            this.trouble = error as Error;
        }
    }
}
