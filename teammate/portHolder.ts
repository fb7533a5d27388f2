import find from "find-process";
import { oneLine } from "../commands/oneLine";

/** A program that listens on a local port. */
export interface PortHolder {
    readonly pid: number;
    readonly name: string;
    /** Its command line, which may hold anything: to be looked at, never to be shown. */
    readonly command: string;
}

/** Who listens on a local port; absent where this user may not see it, or no program of this machine tells. */
export async function holderOf(port: number): Promise<PortHolder | undefined> {
    // Asks the system's own programs; the port is all that they are given.
    const [found] = await find("port", port, { logLevel: "error" }).catch(() => []);
    return found && { pid: found.pid, name: oneLine(found.name, 60), command: found.cmd };
}

/** For people. */
export const named = (holder: PortHolder | undefined): string =>
    holder ? `${holder.name} (process ${holder.pid})` : "a program that this user can't see";
