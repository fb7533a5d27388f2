import { existsSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { runCommand, userPath } from "../commands/command";
import { exitCodeHelp, exitCodes } from "../commands/exitCodes";
import { leaveEngine } from "./engine";
import { guarded } from "./guarded";
import { defaultPatience } from "./health";
import type { Result, Surroundings } from "./command";
import { Interrupts } from "./interrupts";
import { destroy, drift, preview, up } from "./run";
import { summaryMarkdown, summaryText } from "./summary";

// `npm run stack -- <command> <stack>`: what a person or CI does to a stack, with guards around it.

interface SummaryOption {
    readonly summary?: string;
}
interface AcceptOption {
    readonly accept?: string[];
}
interface HealthOption {
    readonly healthCheck: boolean;
    readonly healthMinutes: number;
}

const surroundings = (stack: string): Surroundings => {
    const interrupted = new AbortController();
    const interrupts = new Interrupts();
    const hear = () => {
        const meaning = interrupts.hear(performance.now());
        if (meaning === "end") {
            console.error("Interrupted: what has begun is brought to its end. Once more leaves at once.");
            interrupted.abort();
        } else if (meaning === "leave") {
            console.error(`Left at once. If the stack is locked now: npx pulumi cancel --stack ${stack}`);
            // The command ends with its engine; without one, there is nothing to wait for.
            if (!leaveEngine()) {
                process.exit(exitCodes.failed);
            }
        }
    };
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
        process.on(signal, hear);
    }
    // Where nobody reads any more, such as after a lost connection, the engine still has to be brought to its end.
    for (const stream of [process.stdout, process.stderr]) {
        stream.on("error", () => undefined);
    }
    return { print: (line) => console.log(line), signal: interrupted.signal };
};

/** Prints and writes the summary, and ends with its exit code. */
async function end(running: Promise<Result>, { summary: file }: SummaryOption): Promise<void> {
    const { code, summary } = await running;
    (exitCodes[code] === 0 ? console.log : console.error)(`\n${summaryText(summary)}`);
    if (file !== undefined) {
        writeFileSync(file, summaryMarkdown(summary));
    }
    process.exit(exitCodes[code]); // handlers of signals would keep it alive
}

/** Found out before an update, not after it. */
function writable(name: string): string {
    const file = userPath(name);
    if (!existsSync(path.dirname(file))) {
        throw new InvalidArgumentError(`there is no folder ${path.dirname(file)}.`);
    }
    return file;
}

function positive(text: string): number {
    const minutes = Number(text);
    if (!(minutes > 0)) {
        throw new InvalidArgumentError("a number of minutes above 0 is allowed.");
    }
    return minutes;
}

const program = new Command("npm run stack --")
    .description("Previews, updates, compares and destroys a stack, with guards around it.")
    .exitOverride()
    .addHelpText(
        "after",
        exitCodeHelp([
            ...(["done", "failed", "changes", "refused", "violation"] as const),
            ...(["input", "locked", "unhealthy", "missing"] as const),
        ]),
    );

const command = (name: string, description: string) =>
    program.command(name).description(description).argument("<stack>", "name of the stack: Pulumi.<stack>.yaml");
const changing = (name: string, description: string) =>
    command(name, description).option(
        "--summary <file>",
        "writes the summary as Markdown, also when it is refused",
        writable,
    );
const accept = [
    "--accept <resource...>",
    "resources that may be lost: database, data volume, bucket or key in use",
] as const;

changing("preview", "Shows what an update would do, and whether a policy or a guard would refuse it.")
    .option(...accept)
    .action((stack: string, options: SummaryOption & AcceptOption) =>
        end(preview(stack, options.accept ?? [], surroundings(stack)), options),
    );
changing("up", "Previews, updates where nothing refuses it, and asks the server whether it works.")
    .option(...accept)
    .option("--no-health-check", "ends when the update has ended")
    .option("--health-minutes <minutes>", "how long the server may take to work", positive, defaultPatience)
    .action((stack: string, options: SummaryOption & AcceptOption & HealthOption) => {
        const healthMinutes = options.healthCheck ? options.healthMinutes : undefined;
        return end(up(stack, { accept: options.accept ?? [], healthMinutes }, surroundings(stack)), options);
    });
changing("drift", "Compares what exists with the program and the settings; changes nothing.").action(
    (stack: string, options: SummaryOption) => end(drift(stack, surroundings(stack)), options),
);
changing("destroy", "Deletes everything in a stack that is not protected.").action(
    (stack: string, options: SummaryOption) => end(destroy(stack, surroundings(stack)), options),
);
command("outputs", "Prints the outputs as JSON, secrets masked.").action(async (stack: string) => {
    console.log(JSON.stringify((await guarded(stack, false)).deployed, undefined, 2));
});

void runCommand(program);
