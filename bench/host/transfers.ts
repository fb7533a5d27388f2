import { randomBytes } from "node:crypto";
import { closeSync, openSync, writeSync } from "node:fs";
import * as path from "node:path";
import { runOrFail } from "../../commands/run";
import { cleanEnvironment, toolFolder } from "../../sandbox/tools";
import { hostSettings } from "../../tests/support/hostSettings";
import { growthDuring } from "./memory";
import type { Server, Surroundings } from "./servers";

export const sizes = { "200 MB": 200e6, "1 GiB": 2 ** 30 } as const;
export const directions = ["upload", "download"] as const;

/** How long a file took, and how far it raised the memory of the server that it went through, in MB. */
export interface Transfer {
    readonly seconds: number;
    readonly growth: number;
}

/** A transfer for each size and direction, by `transferName`. */
export type Transfers = Record<string, Transfer>;

export const transferName = (size: string, direction: string): string => `${direction} of ${size}`;

/** A file of random bytes for each size; returns where they are. */
export function makeFiles(folder: string): Record<string, string> {
    const block = randomBytes(1_000_000);
    return Object.fromEntries(
        Object.entries(sizes).map(([name, size]) => {
            const file = path.join(folder, `${size}.bytes`);
            const target = openSync(file, "w");
            for (let written = 0; written < size;) {
                written += writeSync(target, block, 0, Math.min(block.length, size - written));
            }
            closeSync(target);
            return [name, file];
        }),
    );
}

/** Sends every file and gets it back: through a server, or without one from S3 itself. */
export async function transfersOf(
    files: Record<string, string>,
    surroundings: Surroundings,
    server?: Server,
): Promise<Transfers> {
    const { endpoint, credentials } = surroundings;
    const env = cleanEnvironment({
        AWS_ENDPOINT_URL: endpoint,
        AWS_DEFAULT_REGION: hostSettings.region,
        ...credentials,
    });
    const place = server
        ? `http://localhost:${server.port}/api/2.0/mlflow-artifacts/artifacts`
        : hostSettings.artifactRoot;
    const python = path.join(toolFolder("emulator"), "python");
    const transfers: Transfers = {};
    for (const [size, file] of Object.entries(files)) {
        for (const direction of directions) {
            const command = [
                python,
                path.join(__dirname, "transfer.py"),
                direction,
                file,
                `${place}/${path.basename(file)}`,
            ];
            const [{ stdout }, growth] = await growthDuring(server?.processes() ?? [], () =>
                runOrFail(transferName(size, direction), command, { env }),
            );
            transfers[transferName(size, direction)] = { seconds: Number(stdout), growth };
        }
    }
    return transfers;
}
