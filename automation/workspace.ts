import { LocalWorkspace, Stack } from "@pulumi/pulumi/automation";
import { exitCodes } from "../commands/exitCodes";
import { UserError } from "../commands/userError";
import { type Engine, root } from "./engine";
import { engineError } from "./errors";

/** A stack of this checkout, for the Automation API. The stack that the user has selected stays selected. */
export async function openStack(name: string, engine: Engine): Promise<Stack> {
    const workspace = await LocalWorkspace.create({ workDir: root, pulumiCommand: engine });
    workspace.selectStack = () => Promise.resolve();
    return Stack.select(name, workspace);
}

/**
 * The outputs that a stack has in its state, secrets masked; none before its first update.
 *
 * @throws UserError where there is no such stack, or its state cannot be read
 */
export async function deployedOutputs(stack: string, engine: Engine): Promise<Record<string, unknown>> {
    try {
        const { stdout } = await engine.run(["stack", "output", "--json", "--stack", stack], root, {});
        return JSON.parse(stdout) as Record<string, unknown>;
    } catch (error) {
        const known = engineError(stack, error as Error, []);
        throw known.exitCode === exitCodes.failed ? new UserError(known.message, exitCodes.input) : known;
    }
}
