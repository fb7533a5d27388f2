import { type ChildProcess, spawn } from "node:child_process";
import * as path from "node:path";
import * as readline from "node:readline";
import { clientSteps, stepReport, type StepReport } from "./steps";

/** The running client. Its steps can be waited for by name. */
export class Session {
    readonly reports: StepReport[] = [];
    /** Settled once the client has ended and everything it said was read. */
    readonly ended: Promise<void>;
    private readonly child: ChildProcess;
    private said = "";
    private readonly waiting = new Map<string, (report: StepReport | undefined) => void>();
    private readonly steps: ReadonlyMap<string, Promise<StepReport | undefined>>;

    constructor(python: string, env: NodeJS.ProcessEnv) {
        this.steps = new Map(
            clientSteps.map(({ name }) => [name, new Promise((resolve) => this.waiting.set(name, resolve))]),
        );
        // A group of its own: Ctrl-C is for this program, which then asks the client to clean up.
        this.child = spawn(python, [path.join(__dirname, "smoke.py")], {
            env,
            stdio: ["pipe", "pipe", "pipe"],
            detached: true,
        });
        this.child.stdin!.on("error", () => undefined); // it ended before us
        this.child.stderr!.setEncoding("utf8").on("data", (text: string) => {
            this.said = (this.said + text).slice(-1000);
        });
        readline.createInterface(this.child.stdout!).on("line", (line) => this.take(line));
        this.ended = new Promise<void>((resolve) => {
            this.child
                .once("close", () => resolve())
                .once("error", (error) => {
                    this.said = error.message;
                    resolve();
                });
        }).then(() => this.waiting.forEach((resolve) => resolve(undefined)));
    }

    /** The last line on its standard error: why it ended, where it did so before its first step. */
    get lastWords(): string {
        return this.said.trimEnd().split("\n").slice(-1)[0];
    }

    /** How the step ended; undefined when the client left it out. */
    step(name: string): Promise<StepReport | undefined> {
        return this.steps.get(name)!;
    }

    /** Has the client stop, and clean up. It does so too when this program is no more. */
    interrupt(): void {
        this.child.stdin!.end();
    }

    /** Ends it as it is. */
    kill(): void {
        this.child.kill("SIGKILL");
    }

    private take(line: string): void {
        const report = stepReport.parse(JSON.parse(line));
        this.reports.push(report);
        for (const { name } of clientSteps) {
            if (name === report.name) {
                this.waiting.get(name)!(report);
                return;
            }
            this.waiting.get(name)!(undefined); // settled already, or left out after a failure
        }
    }
}
