import { readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { stackName } from "../config";
import { exitCodes } from "../commands/exitCodes";
import { UserError } from "../commands/userError";
import { stackConfig } from "../plan/stackConfig";
import { fault } from "../settings/fault";
import { callerAccount } from "./caller";
import { type Engine, findEngine, root } from "./engine";
import { copiedSettingsFaults, movedFaults, placeFaults, type StackFile, workTreeFaults } from "./guards";
import { deployedOutputs } from "./workspace";
import { changedFiles } from "./workTree";

/** A stack that may be looked at: the engine, the place and the settings are what they should be. */
export interface Guarded {
    readonly stack: string;
    readonly engine: Engine;
    readonly region: string;
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
    const { values, project } = stackConfig(stack);
    const region = values["aws:region"];
    const protect = values[`${project}:protect`] === "true";
    const engine = await findEngine();
    const account = await callerAccount(region, values["aws:profile"]);
    const place = {
        ...{ stack, region, account, protect },
        environmentRegion: process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION,
        allowedAccounts: accountsIn(values["aws:allowedAccountIds"]),
    };
    refuse([
        ...placeFaults(place),
        ...copiedSettingsFaults(stack, stackFiles()),
        ...(changes ? workTreeFaults(stack, protect, protect ? await changedFiles() : []) : []),
    ]);
    const deployed = await deployedOutputs(stack, engine);
    refuse(movedFaults(place, deployed));
    const setting = (name: string) => values[`${project}:${name}`];
    const canBeAsked = setting("accessMode") === "ssm" && setting("existingInstanceId") === "";
    return { stack, engine, region, protect, canBeAsked, deployed };
}

/** @throws UserError with all faults, if there are any */
export function refuse(faults: readonly string[]): void {
    if (faults.length > 0) {
        throw new UserError(faults.join("\n"), exitCodes.refused);
    }
}

const accountsIn = (text: string | undefined): string[] => (JSON.parse(text ?? "[]") as unknown[]).map(String);

function stackFiles(): Record<string, StackFile> {
    const names = readdirSync(root).flatMap((entry) => /^Pulumi\.(.+)\.yaml$/.exec(entry)?.[1] ?? []);
    return Object.fromEntries(
        names.map((name) => {
            const text = readFileSync(path.join(root, `Pulumi.${name}.yaml`), "utf8");
            return [name, (parse(text) ?? {}) as StackFile];
        }),
    );
}
