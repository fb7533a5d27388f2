import { fault } from "../../settings/fault";
import { ask } from "../ask";
import { localPortOf } from "../localPort";
import type { StackOutputs } from "../../commands/outputs";
import { type StepReport, tunnelStep } from "./steps";

/** Whether MLflow answers at the end of the tunnel, and in which version. */
export async function lookForServer(outputs: StackOutputs): Promise<StepReport> {
    const { stack, trackingUri: address } = outputs;
    const start = performance.now();
    const { got, remedy, version } = await look(localPortOf(outputs));
    const detail = version
        ? `MLflow ${version} at ${address}`
        : fault(address, got, "an open tunnel, behind which MLflow answers", `${remedy} ${stack}`);
    const seconds = Math.round(performance.now() - start) / 1000;
    return { name: tunnelStep.name, seconds, ok: version !== undefined, detail };
}

async function look(port: number): Promise<{ version?: string; got: string; remedy: string }> {
    try {
        const { status, text } = await ask(port, { path: "/version" });
        const version = status === 200 && /^\d+\.\d+\S*$/.test(text) ? text : undefined;
        return { version, got: `status ${status}, and not MLflow's version`, remedy: "npm run doctor --" };
    } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        return { got: code ? `no answer (${code})` : message, remedy: "npm run connect --" };
    }
}
