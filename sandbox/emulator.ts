import * as path from "node:path";
import { freePort, Service } from "./processes";
import { cleanEnvironment, toolFolder } from "./tools";

/** A running AWS emulator; it takes calls from anybody until `enforceIam` says otherwise. */
export interface Emulator {
    readonly endpoint: string;
    stop(): Promise<void>;
}

/**
 * Starts the installed emulator on a free port of the loopback interface.
 *
 * @param program that runs it; the benchmark of the host has one for large objects
 */
export async function startEmulator(
    python: string,
    folder: string,
    program = path.join(__dirname, "emulator.py"),
): Promise<Emulator> {
    const port = await freePort();
    const endpoint = `http://127.0.0.1:${port}`;
    const service = new Service("the AWS emulator", path.join(folder, "emulator.log"), {
        python,
        command: [path.join(toolFolder("emulator"), "python"), program, String(port)],
        env: cleanEnvironment({ MOTO_IAM_LOAD_MANAGED_POLICIES: "true" }),
    });
    const stop = () => service.stop();
    try {
        await service.answers(async () => (await fetch(`${endpoint}/moto-api/data.json`)).ok, 120);
    } catch (error) {
        await stop();
        throw error;
    }
    return { endpoint, stop };
}
