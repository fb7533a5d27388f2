import { runCommand, stackCommand, userPath } from "../commands/command";
import { passed } from "./doctor/check";
import { checks } from "./doctor/checks";
import { close, contextOf } from "./doctor/context";
import { json, lines, summary } from "./doctor/report";
import { type Result, runChecks } from "./doctor/runChecks";
import { exitCodes } from "../commands/exitCodes";
import { portOption, withLocalPort } from "./localPort";
import type { StackOutputs } from "../commands/outputs";

interface Options {
    readonly profile?: string;
    readonly port?: number;
    readonly python?: string;
    readonly json?: true;
}

/** The results, said as they come; Ctrl-C ends it once nothing of it is left behind. */
async function diagnose(outputs: StackOutputs, options: Options): Promise<Result[] | "interrupted"> {
    const interruption = new AbortController();
    const python = options.python?.includes("/") ? userPath(options.python) : options.python;
    const context = contextOf(outputs, process.env, { ...options, python, signal: interruption.signal });
    const interrupted = new Promise<"interrupted">((resolve) => {
        for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
            process.once(signal, () => {
                interruption.abort();
                resolve("interrupted");
            });
        }
    });
    const all = (async () => {
        const results: Result[] = [];
        for (const result of runChecks(checks, context)) {
            results.push(await result);
            if (!options.json && !interruption.signal.aborted) {
                lines(results.at(-1)!).forEach((line) => console.log(line));
            }
        }
        return results;
    })();
    try {
        return await Promise.race([all, interrupted]);
    } finally {
        await close(context);
    }
}

const command = stackCommand<Options>(
    "doctor",
    "Finds out what is wrong between this machine and a stack's server. It changes nothing: it writes one object among the " +
        "artifacts and deletes it again.",
    async (readOutputs, options) => {
        const outputs = withLocalPort(await readOutputs(), options.port);
        const results = await diagnose(outputs, options);
        if (results === "interrupted") {
            console.error("Interrupted before the end: no finding.");
            process.exit(exitCodes.failed); // what still waits for an answer would keep it here
        }
        console.log(options.json ? json(outputs.stack, results) : summary(results));
        return passed(results) ? exitCodes.done : exitCodes.failed;
    },
)
    .option("--profile <name>", "AWS profile to look with; an operator's own sees more than the stack's")
    .addOption(portOption)
    .option("--python <path>", "the Python that runs the MLflow client (default: python3)")
    .option("--json", "print one JSON document instead of lines");

// What still waits for an answer, such as a profile's credential_process, must not keep the command.
void runCommand(command).then(() => setTimeout(() => process.exit(), 500).unref());
