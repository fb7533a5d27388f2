import { writeFileSync } from "node:fs";
import { Command, InvalidArgumentError } from "commander";
import { runCommand, userPath } from "../commands/command";
import { exitCodeHelp, exitCodes } from "../commands/exitCodes";
import { guarded } from "./guarded";
import { defaultPatience } from "./health";
import type { Result, Surroundings } from "./command";
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

const surroundings = (): Surroundings => {
    const interrupted = new AbortController();
    let times = 0;
    const interrupt = () => {
        times++;
        if (times === 1) {
            console.error("Interrupted: what has begun is brought to its end. Once more leaves at once.");
            interrupted.abort();
        } else {
            console.error("Left. If the stack is locked now: npx pulumi cancel --stack <stack>");
            process.exit(exitCodes.failed);
        }
    };
    process.on("SIGINT", interrupt);
    process.on("SIGTERM", interrupt);
    return { print: (line) => console.log(line), signal: interrupted.signal };
};

/** Prints and writes the summary, and ends with its exit code. */
async function end(running: Promise<Result>, { summary: file }: SummaryOption): Promise<void> {
    const { code, summary } = await running;
    (exitCodes[code] === 0 ? console.log : console.error)(`\n${summaryText(summary)}`);
    if (file !== undefined) {
        writeFileSync(userPath(file), summaryMarkdown(summary));
    }
    process.exit(exitCodes[code]); // handlers of signals would keep it alive
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
    command(name, description).option("--summary <file>", "writes the summary as Markdown, also when it is refused");
const accept = [
    "--accept <resource...>",
    "resources that may be lost: database, data volume, bucket or key in use",
] as const;

changing("preview", "Shows what an update would do, and whether a policy or a guard would refuse it.")
    .option(...accept)
    .action((stack: string, options: SummaryOption & AcceptOption) =>
        end(preview(stack, options.accept ?? [], surroundings()), options),
    );
changing("up", "Previews, updates where nothing refuses it, and asks the server whether it works.")
    .option(...accept)
    .option("--no-health-check", "ends when the update has ended")
    .option("--health-minutes <minutes>", "how long the server may take to work", positive, defaultPatience)
    .action((stack: string, options: SummaryOption & AcceptOption & HealthOption) => {
        const healthMinutes = options.healthCheck ? options.healthMinutes : undefined;
        return end(up(stack, { accept: options.accept ?? [], healthMinutes }, surroundings()), options);
    });
changing("drift", "Compares what exists with the program and the settings; changes nothing.").action(
    (stack: string, options: SummaryOption) => end(drift(stack, surroundings()), options),
);
changing("destroy", "Deletes everything in a stack that is not protected.").action(
    (stack: string, options: SummaryOption) => end(destroy(stack, surroundings()), options),
);
command("outputs", "Prints the outputs as JSON, secrets masked.").action(async (stack: string) => {
    console.log(JSON.stringify((await guarded(stack, false)).deployed, undefined, 2));
});

void runCommand(program);
