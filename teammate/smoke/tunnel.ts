import * as http from "node:http";
import { fault } from "../../settings/check";
import type { StackOutputs } from "../outputs";
import { type StepReport, tunnelStep } from "./steps";

/** Whether MLflow answers at the end of the tunnel, and in which version. */
export async function lookForServer({ stack, trackingUri: address }: StackOutputs): Promise<StepReport> {
    const start = performance.now();
    const { got, remedy, version } = await look(address);
    const detail = version
        ? `MLflow ${version} at ${address}`
        : fault(address, got, "an open tunnel, behind which MLflow answers", `${remedy} ${stack}`);
    const seconds = Math.round(performance.now() - start) / 1000;
    return { name: tunnelStep.name, seconds, ok: version !== undefined, detail };
}

async function look(address: string): Promise<{ version?: string; got: string; remedy: string }> {
    try {
        const { status, text } = await get(`${address}/version`);
        const version = status === 200 && /^\d+\.\d+\S*$/.test(text) ? text : undefined;
        return { version, got: `status ${status}, and not MLflow's version`, remedy: "npm run doctor --" };
    } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        return { got: `no answer (${code ?? message})`, remedy: "npm run connect --" };
    }
}

/** Not by `fetch`, which refuses some ports that a tunnel may have. */
function get(address: string): Promise<{ status?: number; text: string }> {
    return new Promise((resolve, reject) => {
        const request = http.get(address, { timeout: 10_000 }, (response) => {
            let text = "";
            response.setEncoding("utf8").on("data", (part: string) => (text += part.slice(0, 100)));
            response.once("error", reject).once("end", () => resolve({ status: response.statusCode, text }));
        });
        request.once("error", reject).once("timeout", () => request.destroy(new Error("within 10 s")));
    });
}
