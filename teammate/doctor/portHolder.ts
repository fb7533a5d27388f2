import findProcess from "find-process";
import { portOf } from "./ask";
import { once } from "./context";

export interface PortHolder {
    readonly pid: number;
    readonly name: string;
    /** Its command line. */
    readonly command: string;
}

/** Who listens on the tunnel's port; absent where this user may not see it. */
export const portHolder = once(async (context): Promise<PortHolder | undefined> => {
    try {
        const [found] = await findProcess("port", portOf(context), { logLevel: "error" });
        return found && { pid: found.pid, name: found.name, command: found.cmd };
    } catch {
        return undefined; // the programs that tell are not on this machine
    }
});

export const named = (holder: PortHolder | undefined): string =>
    holder ? `${holder.name} (process ${holder.pid})` : "a program that this user can't see";
