import * as path from "node:path";
import type { Stack } from "@pulumi/pulumi/automation";
import { type ExitCode, exitCodes } from "../commands/exitCodes";
import { parseOutputs } from "../commands/outputs";
import { explain, UserError } from "../commands/userError";
import { type Change, changesOf, type Finding, findingsOf } from "./changes";
import { root } from "./engine";
import { engineError } from "./errors";
import { type Guarded, guarded, refuse } from "./guarded";
import { destroyFaults } from "./guards";
import { canReach, checkHealth, requireHealthTools } from "./health";
import { useOfKeys } from "./keysInUse";
import { architectureFaults, losses } from "./losses";
import { Progress } from "./progress";
import { counted, type Summary } from "./summary";
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
class Command {
    private changes: readonly Change[] = [];
    private findings: readonly Finding[] = [];
    private health: readonly string[] = [];

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
            const outcome = endings[code] ?? "Failed.";
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
        const progress = new Progress(print, changes);
        print(`${doing} ${this.stackName} …`);
        try {
            await run(progress);
        } catch (error) {
            this.findings = findingsOf(progress.events);
            if (this.findings.some(({ mandatory }) => mandatory)) {
                throw new UserError("a mandatory policy refuses it", exitCodes.violation);
            }
            if (signal.aborted) {
                throw new UserError(
                    "interrupted: what had begun was ended, and the state has what is there",
                    exitCodes.failed,
                );
            }
            throw engineError(this.stackName, error as Error, progress.errors);
        }
        // An update that was announced has happened: the summary keeps what the preview said.
        if (!changes) {
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
        return healthy;
    }
}

const endings: Partial<Record<ExitCode, string>> = {
    refused: "Refused: nothing was changed.",
    violation: "Refused by a policy: nothing was changed.",
    input: "Nothing was changed.",
    missing: "Nothing was changed.",
    locked: "Nothing was changed: the stack is locked.",
};

const codeOf = (code: number): ExitCode =>
    (Object.keys(exitCodes) as ExitCode[]).find((name) => exitCodes[name] === code) ?? "failed";

/** What an update would do; refused where a policy or a guard would refuse the update. */
export async function preview(name: string, accepted: readonly string[], surroundings: Surroundings): Promise<Result> {
    const command = new Command("preview", name, surroundings);
    return command.end(async () => {
        const place = await guarded(name, false);
        const changes = await command.preview(await command.open(place));
        await refuseLosses(changes, accepted, place);
        return [
            "done",
            changes.length === 0 ? "Nothing would change." : `An update would change: ${counted(changes)}.`,
        ];
    });
}

async function refuseLosses(changes: readonly Change[], accepted: readonly string[], { deployed }: Guarded) {
    refuse([...architectureFaults(changes), ...losses(changes, accepted, await useOfKeys(changes, deployed))]);
}

export interface UpOptions {
    readonly accept: readonly string[];
    /** How long the server may take; nothing: it is not asked. */
    readonly healthMinutes: number | undefined;
}

/** Previews, and updates where no policy and no guard refuses; then asks the server whether it works. */
export async function up(
    name: string,
    { accept, healthMinutes }: UpOptions,
    surroundings: Surroundings,
): Promise<Result> {
    const command = new Command("up", name, surroundings);
    return command.end(async () => {
        const place = await guarded(name, true);
        if (healthMinutes !== undefined) {
            requireHealthTools();
        }
        const stack = await command.open(place);
        const changes = await command.preview(stack);
        await refuseLosses(changes, accept, place);
        const started = performance.now();
        await command.up(stack);
        const seconds = Math.round((performance.now() - started) / 1000);
        const done = changes.length === 0 ? "Nothing changed" : `Done in ${seconds} s: ${counted(changes)}`;
        if (healthMinutes === undefined) {
            return ["done", `${done}. Whether the server works was not checked.`];
        }
        return (await command.checkHealth(stack, healthMinutes))
            ? ["done", `${done}.`]
            : ["unhealthy", `${done}. But the server does not work.`];
    });
}

/** Compares what exists with what the program and the settings say; changes nothing, not even the state. */
export async function drift(name: string, surroundings: Surroundings): Promise<Result> {
    const command = new Command("drift", name, surroundings);
    return command.end(async () => {
        const place = await guarded(name, false);
        const changes = await command.preview(await command.open(place), { refresh: true });
        return changes.length === 0
            ? ["done", "What exists is what the program says."]
            : ["changes", `What exists differs. An update with a refresh would change: ${counted(changes)}.`];
    });
}

/** Deletes everything that the stack holds, except what is protected. */
export async function destroy(name: string, surroundings: Surroundings): Promise<Result> {
    const command = new Command("destroy", name, surroundings);
    return command.end(async () => {
        const place = await guarded(name, true);
        refuse(destroyFaults(name, place.protect));
        const stack = await command.open(place);
        await command.previewDestroy(stack);
        await command.destroy(stack);
        return ["done", "Destroyed. The data volume left a last snapshot, unless forceDestroy was set."];
    });
}
