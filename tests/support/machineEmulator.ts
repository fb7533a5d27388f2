import * as path from "node:path";
import { Service } from "../../sandbox/processes";
import { cleanEnvironment, toolFolder } from "../../sandbox/tools";
import { repository } from "./sandbox";
import type { Machine } from "./systemd";

// An AWS emulator in the network of a machine, and what leads the machine's units to it.

const endpoint = "http://127.0.0.1:4566";

/** On an instance they come from its role. */
export const hostCredentials = {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: "host",
    AWS_SECRET_ACCESS_KEY: "role",
};

/** Files of a machine that give these units the credentials. */
export function withCredentials(...units: readonly string[]): Record<string, string> {
    const environment = Object.entries(hostCredentials).map(([name, value]) => `${name}=${value}`);
    return Object.fromEntries(
        units.map((unit) => [
            `etc/systemd/system/${unit}.service.d/emulator.conf`,
            `[Service]\nEnvironment=${environment.join(" ")}\n`,
        ]),
    );
}

/** Starts it, and waits until it answers. */
export async function startEmulatorIn(machine: Machine, folder: string, python: string): Promise<Service> {
    const emulator = new Service("the AWS emulator", path.join(folder, "emulator.log"), {
        python,
        command: [
            ...[...machine.network, path.join(toolFolder("emulator"), "python")],
            ...[path.join(repository, "sandbox/emulator.py"), new URL(endpoint).port],
        ],
        env: cleanEnvironment(),
    });
    await emulator.answers(() => machine.answers(`${endpoint}/moto-api/data.json`), 120);
    return emulator;
}
