import { type ChildProcess, spawn } from "node:child_process";
import { rmSync } from "node:fs";
import * as path from "node:path";
import { type Result, run } from "../../commands/run";
import { writeOutputs } from "../support/outputsFile";
import { repository, temporaryFolder } from "../support/sandbox";
import type { EmulatedBucket } from "./emulatedBucket";

const program = ["-r", "ts-node/register", path.join(repository, "operating/adoptArtifacts.ts")];
const run32 = (digit: number) => digit.toString(16).repeat(32);

/** Where the clients of the server of before put a file of a run. */
export const oldKey = (experiment: number, digit: number, name: string): string =>
    `${experiment}/${run32(digit)}/artifacts/${name}`;

/** The command adopt-artifacts, for a stack that has the emulated bucket. */
export class AdoptScene {
    private readonly folder = temporaryFolder();

    constructor(private readonly bucket: EmulatedBucket) {}

    public async outputs(settings: Record<string, unknown> = {}): Promise<string> {
        const file = path.join(this.folder, "outputs.json");
        await writeOutputs(file, { existingBucketName: this.bucket.name, ...settings });
        return file;
    }

    public async command(words: string[], ...credentials: string[]): Promise<Result> {
        const file = await this.outputs();
        return this.with(file, words, ...credentials);
    }

    public with(file: string, words: string[], ...credentials: string[]): Promise<Result> {
        const env = this.bucket.environment(...credentials);
        return run([process.execPath, ...program, "--outputs", file, ...words], { env, cwd: repository });
    }

    /** Begins a run of the command, which the test ends. */
    public async begin(): Promise<ChildProcess> {
        const words = [...program, "--outputs", await this.outputs(), "--run"];
        return spawn(process.execPath, words, { env: this.bucket.environment(), cwd: repository, stdio: "ignore" });
    }

    public remove(): void {
        rmSync(this.folder, { recursive: true, force: true });
    }
}
