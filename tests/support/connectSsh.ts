import { rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { Command } from "./connectScene";
import { install, processesOf, repository, temporaryFolder } from "./sandbox";
import { keysOf, makeKey, SshServer } from "./sshServer";
import { evaluateStack, valuesOf } from "./stack";

/** A stack with SSH access: its host with the real MLflow, and a teammate with the key that the stack names. */
export class SshScene {
    private constructor(
        readonly folder: string,
        readonly server: SshServer,
        private readonly outputs: Record<string, unknown>,
    ) {}

    static async start(): Promise<SshScene> {
        const folder = temporaryFolder();
        try {
            const publicKey = await makeKey(keysOf(folder));
            const stack = await evaluateStack({
                accessMode: "ssh",
                sshPublicKey: publicKey,
                sshAllowedCidrs: ["203.0.113.0/24"],
            });
            const outputs = valuesOf(stack.outputs);
            const address = String(outputs.sshAddress);
            const server = await SshServer.start(folder, { python: await install(), publicKey, address });
            return new SshScene(folder, server, outputs);
        } catch (error) {
            rmSync(folder, { recursive: true, force: true });
            throw error;
        }
    }

    async stop(): Promise<void> {
        await this.server.stop();
        rmSync(this.folder, { recursive: true, force: true });
    }

    /** Runs in the teammate's place, where no AWS CLI is. */
    start(command: string[]): Command {
        const searchPath = [path.dirname(process.execPath), "/usr/bin", "/bin", "/usr/sbin", "/sbin"];
        return new Command(this.server.words(...command), {
            ...this.server.environment({ AWS_EC2_METADATA_DISABLED: "true" }),
            PATH: searchPath.join(path.delimiter),
        });
    }

    /** @param changes other outputs in place of some */
    connect(changes: Record<string, unknown> = {}, words: string[] = []): Command {
        const file = path.join(this.folder, "outputs.json");
        writeFileSync(file, JSON.stringify({ ...this.outputs, ...changes }), { mode: 0o600 });
        const start = ["-r", "./scripts/compileCache.js", "-r", "ts-node/register"];
        const main = path.join(repository, "teammate/connect.ts");
        return this.start([process.execPath, ...start, main, "--outputs", file, ...words]);
    }

    /** The ssh that holds the tunnel; nothing while there is none. */
    tunnel(): number | undefined {
        return processesOf(this.server.home).find(({ command }) => command.startsWith("ssh -o BatchMode=yes"))?.group;
    }

    /** What still runs of the teammate's commands. */
    left(): string[] {
        return processesOf(this.server.home).map(({ command }) => command);
    }
}
