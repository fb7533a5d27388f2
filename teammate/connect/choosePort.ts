import { UserError } from "../../commands/userError";
import { fault } from "../../settings/fault";
import { exitCodes } from "../../commands/exitCodes";
import { confirmed, isInteractive } from "./ask";
import { holderOf, named } from "../portHolder";
import { isFree, nextFree } from "./port";
import { mlflowAt } from "./probe";

/**
 * The port that the tunnel takes: the wanted one, or where that is taken another one that the person agrees to.
 *
 * @throws UserError that says who has it
 */
export async function choosePort(wanted: number, signal: AbortSignal): Promise<number> {
    if (await isFree(wanted)) {
        return wanted;
    }
    const [found, version, other] = await Promise.all([holderOf(wanted), mlflowAt(wanted), nextFree(wanted)]);
    const holder = named(found);
    const got = version
        ? `${wanted}, where MLflow ${version} answers already: a tunnel that is open, held by ${holder}`
        : `${wanted}, which is held by ${holder}`;
    if (isInteractive() && (await confirmed(`Local port ${got}. Take ${other} instead?`, signal))) {
        return other;
    }
    const remedy = version
        ? `use http://localhost:${wanted} as it is, or --port ${other}`
        : `end it, or --port ${other}`;
    throw new UserError(fault("local port", got, "a port that nobody uses", remedy), exitCodes.input);
}
