import * as path from "node:path";
import { Command } from "commander";
import { explain, UserError } from "./userError";
import { exitCodeHelp, exitCodes, readersExitCodes } from "./exitCodes";
import { readOutputs, type StackOutputs } from "./outputs";

/** Where the outputs of a stack come from. */
interface Source {
    readonly outputs?: string;
}

/** Reads the outputs, again with every call: after a replacement they name another instance. */
export type Outputs = () => Promise<StackOutputs>;

/** A path as the user means it: npm runs commands in the project's own folder, whichever it was called from. */
export const userPath = (name: string): string => path.resolve(process.env.INIT_CWD ?? process.cwd(), name);

/**
 * A command about one stack. It is given the outputs, and ends with the exit code that its action returns. Arguments that are
 * added to it come last.
 */
export function stackCommand<Options>(
    name: string,
    description: string,
    action: (
        outputs: Outputs,
        options: Options,
        stack: string | undefined,
        ...words: (string | undefined)[]
    ) => Promise<number>,
): Command {
    const command = new Command(`npm run ${name} --`)
        .description(description)
        .usage("<stack> [options]")
        .argument("[stack]", "name of the stack; may be left out with --outputs")
        .option("--outputs <file>", "what `pulumi stack output --json` printed, instead of access to the stack's state")
        .addHelpText("after", exitCodeHelp(readersExitCodes))
        .exitOverride()
        .action(async function (this: Command, stack: string | undefined, ...more: unknown[]) {
            const options = this.opts<Options & Source>();
            const file = options.outputs === undefined ? undefined : userPath(options.outputs);
            const words = more.slice(0, -2) as (string | undefined)[];
            process.exitCode = await action(() => readOutputs(stack, file), options, stack, ...words);
        });
    return command;
}

/** Runs a command, with the words of this process. */
export async function runCommand(command: Command): Promise<void> {
    try {
        await command.parseAsync();
    } catch (error) {
        if (isUsageError(error)) {
            process.exitCode = error.exitCode === 0 ? exitCodes.done : exitCodes.input;
            return; // commander has said what is wrong
        }
        console.error(explain(error));
        process.exitCode = error instanceof UserError ? error.exitCode : exitCodes.failed;
    }
}

const isUsageError = (error: unknown): error is Error & { exitCode: number } =>
    error instanceof Error && "code" in error && String(error.code).startsWith("commander.");
