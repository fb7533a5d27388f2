import { z } from "zod";
import { stackName } from "../config";
import { exitCodes } from "../commands/exitCodes";
import { UserError } from "../commands/userError";
import { readYaml, stackConfig, stackNames } from "../plan/stackConfig";
import { fault } from "../settings/fault";
import { callerAccount } from "./caller";
import { type Engine, findEngine } from "./engine";
import { copiedSettingsFaults, movedFaults, placeFaults, type StackFile, workTreeFaults } from "./guards";
import { deployedOutputs } from "./workspace";
import { changedFiles } from "./workTree";

/** A stack that may be looked at: the engine, the place and the settings are what they should be. */
export interface Guarded {
    readonly engine: Engine;
    readonly protect: boolean;
    /** By the settings, a new host of the stack's own that Session Manager leads to: what the health check can ask. */
    readonly canBeAsked: boolean;
    /** Outputs in the state, secrets masked; none before the first update. */
    readonly deployed: Readonly<Record<string, unknown>>;
}

/**
 * Asks every guard, before anything is read or made.
 *
 * @param changes whether the command changes what exists: then a protected stack needs a clean work tree
 * @throws UserError that names all that is wrong
 */
export async function guarded(stack: string, changes: boolean): Promise<Guarded> {
    if (!stackName.test(stack)) {
        throw new UserError(
            fault("stack", stack, `a name of ${stackName.source}`, "name the stack as its settings file does"),
            exitCodes.input,
        );
    }
    const files = stackFiles();
    const { values, project } = stackConfig(stack);
    const region = values["aws:region"];
    const protect = values[`${project}:protect`] === "true";
    const engine = await findEngine();
    const account = await callerAccount(region, values["aws:profile"]);
    const place = {
        ...{ stack, region, account, protect },
        environmentRegion: process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION,
        allowedAccounts: accountsIn(stack, values["aws:allowedAccountIds"]),
    };
    refuse([
        ...placeFaults(place),
        ...copiedSettingsFaults(stack, files),
        ...(changes ? workTreeFaults(stack, protect, protect ? await changedFiles() : []) : []),
    ]);
    const deployed = await deployedOutputs(stack, engine);
    refuse(movedFaults(place, deployed));
    const setting = (name: string) => values[`${project}:${name}`];
    const canBeAsked = setting("accessMode") === "ssm" && setting("existingInstanceId") === "";
    return { engine, protect, canBeAsked, deployed };
}

/** @throws UserError with all faults, if there are any */
export function refuse(faults: readonly string[]): void {
    if (faults.length > 0) {
        throw new UserError(faults.join("\n"), exitCodes.refused);
    }
}

/** @throws UserError where the setting is something else than a list of accounts */
function accountsIn(stack: string, text = "[]"): string[] {
    const accounts = z.array(z.coerce.string().regex(/^\d{12}$/)).safeParse(fromJson(text));
    if (!accounts.success) {
        throw new UserError(
            fault(
                "aws:allowedAccountIds",
                text,
                "a list of accounts, each 12 digits in quotes",
                `correct Pulumi.${stack}.yaml: aws:allowedAccountIds: ["123456789012"]`,
            ),
            exitCodes.input,
        );
    }
    return accounts.data;
}

function fromJson(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return undefined;
    }
}

/** @throws UserError where one of them is no YAML */
function stackFiles(): Record<string, StackFile> {
    return Object.fromEntries(stackNames().map((name) => [name, readYaml(`Pulumi.${name}.yaml`) as StackFile]));
}
