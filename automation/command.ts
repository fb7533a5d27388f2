import * as path from "node:path";
import type { Stack } from "@pulumi/pulumi/automation";
import { type ExitCode, exitCodes } from "../commands/exitCodes";
import { parseOutputs } from "../commands/outputs";
import { explain, UserError } from "../commands/userError";
import { type Change, changesOf, type Finding, findingsOf } from "./changes";
import { root } from "./engine";
import { engineError } from "./errors";
import type { Guarded } from "./guarded";
import { canReach, checkHealth } from "./health";
import { Progress } from "./progress";
import type { Summary } from "./summary";
import { openStack } from "./workspace";

/** How a command has ended. */
export interface Result {
    readonly code: ExitCode;
    readonly summary: Summary;
}

export interface Surroundings {
    /** Says what happens. */
    readonly print: (line: string) => void;
    /** Ends what runs, cleanly. */
    readonly signal: AbortSignal;
}

const policies = path.join(root, "policies");

/** One command about one stack: what it has found out so far is in the summary, also when it is refused or fails. */
export class Command {
    private changes: readonly Change[] = [];
    private findings: readonly Finding[] = [];
    private health: readonly string[] = [];
    /** How far it came with what makes, changes or deletes. */
    private reached: keyof typeof reachedEndings = "nothing";

    constructor(
        private readonly name: Summary["command"],
        private readonly stackName: string,
        private readonly surroundings: Surroundings,
    ) {}

    /** Runs it, and turns whatever is thrown into an end with a summary. */
    async end(action: () => Promise<[ExitCode, string]>): Promise<Result> {
        try {
            const [code, outcome] = await action();
            return { code, summary: this.summary(outcome, []) };
        } catch (error) {
            const code = error instanceof UserError ? codeOf(error.exitCode) : "failed";
            const outcome = `${reachedEndings[this.reached](endings[code] ?? "Failed")}.`;
            return { code, summary: this.summary(outcome, explain(error).split("\n")) };
        }
    }

    private summary(outcome: string, faults: readonly string[]): Summary {
        const { name: command, stackName: stack, changes, findings, health } = this;
        return { stack, command, changes, findings, faults, outcome, health };
    }

    open = ({ engine }: Guarded): Promise<Stack> => openStack(this.stackName, engine);

    /** What an update would do. @throws UserError where a policy refuses it */
    async preview(stack: Stack, options: { readonly refresh?: boolean } = {}): Promise<readonly Change[]> {
        await this.operate("Previewing", false, (progress) =>
            stack.preview({ ...options, policyPacks: [policies], ...this.listening(progress) }),
        );
        return this.changes;
    }

    async up(stack: Stack): Promise<void> {
        await this.operate("Updating", true, (progress) =>
            stack.up({ policyPacks: [policies], ...this.listening(progress) }),
        );
    }

    async destroy(stack: Stack): Promise<void> {
        await this.operate("Destroying", true, (progress) => stack.destroy(this.listening(progress)));
    }

    async previewDestroy(stack: Stack): Promise<void> {
        await this.operate("Previewing", false, (progress) => stack.previewDestroy(this.listening(progress)));
    }

    private listening = ({ onEvent }: Progress) => ({ onEvent, signal: this.surroundings.signal });

    private async operate(
        doing: string,
        changes: boolean,
        run: (progress: Progress) => Promise<unknown>,
    ): Promise<void> {
        const { print, signal } = this.surroundings;
        if (signal.aborted) {
            throw interrupted();
        }
        const progress = new Progress(print, changes);
        print(`${doing} ${this.stackName} …`);
        try {
            await run(progress);
        } catch (error) {
            this.reached = changes && progress.hasBegun ? "begun" : "nothing";
            // First: policies about a whole stack have seen half of one then, and what they say of it is no news.
            if (signal.aborted) {
                throw interrupted();
            }
            this.findings = findingsOf(progress.events);
            if (this.findings.some(({ mandatory }) => mandatory)) {
                throw new UserError("a mandatory policy refuses it", exitCodes.violation);
            }
            throw engineError(this.stackName, error as Error, progress.errors);
        }
        // An update that was announced has happened: the summary keeps what the preview said.
        if (changes) {
            this.reached = "all";
        } else {
            this.changes = changesOf(progress.events);
            this.findings = findingsOf(progress.events);
        }
    }

    async checkHealth(stack: Stack, minutes: number): Promise<boolean> {
        const values = Object.entries(await stack.outputs()).map(([name, { value }]) => [name, value as unknown]);
        const outputs = parseOutputs(Object.fromEntries(values));
        if (!canReach(outputs)) {
            this.health = [
                "health: not checked: the tunnel is over SSH, with a teammate's key (npm run doctor checks it)",
            ];
            return true;
        }
        const { print, signal } = this.surroundings;
        print("Checking the server …");
        const { healthy, lines } = await checkHealth(outputs, print, signal, minutes);
        this.health = lines;
        if (!healthy && signal.aborted) {
            throw new UserError("interrupted: whether the server works was not found out", exitCodes.failed);
        }
        return healthy;
    }
}

const interrupted = () =>
    new UserError("interrupted: what had begun was ended, and the state has what is there", exitCodes.failed);

const reachedEndings = {
    nothing: (ending: string) => `${ending}: nothing was changed`,
    begun: () => "Failed on the way: the state has what was done, and the next up goes on from there",
    all: () => "The update is done; what comes after it failed",
} as const;

const endings: Partial<Record<ExitCode, string>> = {
    refused: "Refused",
    violation: "Refused by a policy",
    locked: "Locked",
};

const codeOf = (code: number): ExitCode =>
    (Object.keys(exitCodes) as ExitCode[]).find((name) => exitCodes[name] === code) ?? "failed";
