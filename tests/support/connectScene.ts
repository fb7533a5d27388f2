import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import * as http from "node:http";
import * as path from "node:path";
import { createStack, type EmulatedStack } from "../../sandbox/emulatedStack";
import { startEmulator } from "../../sandbox/emulator";
import { freePort } from "../../sandbox/processes";
import { cleanEnvironment, toolFolder } from "../../sandbox/tools";
import { parseOutputs, type StackOutputs } from "../../commands/outputs";
import { SessionManagerService } from "./connectService";
import { install, processesOf, repository, temporaryFolder, until } from "./sandbox";
import { knowSecret } from "./secretScan";
import { valuesOf } from "./stack";

/** A stack in the emulator, the stand-in for Session Manager, and a teammate with an empty home. */
export class ConnectScene {
    private constructor(
        readonly folder: string,
        readonly python: string,
        readonly endpoint: string,
        readonly stack: EmulatedStack,
        readonly service: SessionManagerService,
        /** With the secret. */
        readonly outputs: StackOutputs,
        private readonly cleanups: (() => Promise<void> | void)[],
    ) {}

    static async start(settings: Record<string, unknown> = {}): Promise<ConnectScene> {
        const folder = temporaryFolder();
        const cleanups: (() => Promise<void> | void)[] = [() => rmSync(folder, { recursive: true, force: true })];
        try {
            const python = await install();
            const emulator = await startEmulator(python, folder);
            cleanups.push(() => emulator.stop());
            const service = await SessionManagerService.start();
            cleanups.push(() => service.stop());
            const stack = await createStack(emulator.endpoint, { localPort: await freePort(), ...settings });
            const outputs = parseOutputs(valuesOf(stack.evaluation.outputs));
            knowSecret(outputs.clientSecretAccessKey);
            mkdirSync(path.join(folder, "bin"));
            symlinkSync(
                path.join(__dirname, "sessionManagerPlugin.py"),
                path.join(folder, "bin/session-manager-plugin"),
            );
            return new ConnectScene(folder, python, emulator.endpoint, stack, service, outputs, cleanups);
        } catch (error) {
            await clear(cleanups);
            throw error;
        }
    }

    stop(): Promise<void> {
        return clear(this.cleanups);
    }

    get port(): number {
        return Number(new URL(this.outputs.trackingUri).port);
    }

    get home(): string {
        return path.join(this.folder, "home");
    }

    /** A home without any AWS files, and an instance that answers. */
    reset(socket: string): void {
        rmSync(this.home, { recursive: true, force: true });
        mkdirSync(path.join(this.home, ".aws"), { recursive: true });
        this.service.targets = { [this.outputs.instanceId]: { socket } };
        this.service.started.length = this.service.terminated.length = 0;
    }

    /** Gives the teammate the stack's profile. */
    writeProfile(): void {
        const { profileConfigSnippet, profileCredentialsSnippet } = this.outputs;
        writeFileSync(path.join(this.home, ".aws/config"), profileConfigSnippet);
        writeFileSync(path.join(this.home, ".aws/credentials"), profileCredentialsSnippet!);
    }

    /** Writes the outputs as `pulumi stack output --json` prints them, with others in place of some. */
    write(changes: Record<string, unknown> = {}, { secrets = true } = {}): string {
        const values = { ...this.outputs, ...changes };
        const shown = Object.entries(values).map(([name, value]) => [
            name,
            !secrets && /^(clientSecretAccessKey|profileCredentialsSnippet|profileSetupCommands)$/.test(name)
                ? "[secret]"
                : value,
        ]);
        const file = path.join(this.folder, "outputs.json");
        writeFileSync(file, JSON.stringify(Object.fromEntries(shown)), { mode: 0o600 });
        return file;
    }

    /** Reads a file of the AWS CLI; nothing where there is none. */
    awsFile(name: "config" | "credentials"): string | undefined {
        try {
            return readFileSync(path.join(this.home, ".aws", name), "utf8");
        } catch {
            return undefined;
        }
    }

    /** The variables of the teammate's shell. */
    environment(extra: Record<string, string> = {}): NodeJS.ProcessEnv {
        const searchPath = [path.join(this.folder, "bin"), toolFolder("emulator"), process.env.PATH];
        return cleanEnvironment({
            HOME: this.home,
            PATH: searchPath.join(path.delimiter),
            AWS_ENDPOINT_URL: this.endpoint,
            AWS_ENDPOINT_URL_SSM: this.service.endpoint,
            AWS_EC2_METADATA_DISABLED: "true",
            ...extra,
        });
    }

    connect(words: string[], extra: Record<string, string> = {}): Command {
        return new Command(["npm", "run", "--silent", "connect", "--", ...words], this.environment(extra));
    }

    /** The same without npm, which needs programs of the search path and has its own mind about signals. */
    connectDirectly(words: string[], extra: Record<string, string> = {}): Command {
        const start = ["-r", "./scripts/compileCache.js", "-r", "ts-node/register", "teammate/connect.ts"];
        return new Command([process.execPath, ...start, ...words], this.environment(extra));
    }

    /** The same at a terminal, where Ctrl-C is a key. */
    connectAtTerminal(words: string[], extra: Record<string, string> = {}): Command {
        const terminal = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))";
        const command = [this.python, "-c", terminal, "npm", "run", "--silent", "connect", "--", ...words];
        return new Command(command, this.environment({ TERM: "xterm", ...extra }));
    }

    /** What still runs of a teammate's commands. */
    left(): string[] {
        return processesOf(this.home).map(({ command }) => command);
    }
}

/** For the tests of a suite: a scene of their own, and before each of them an instance that answers and a home without AWS files. */
export function withConnectScene(use: (scene: ConnectScene, socket: string) => void): void {
    let scene: ConnectScene | undefined;
    let server: http.Server | undefined;
    let socket: string;
    before(async () => {
        scene = await ConnectScene.start();
        socket = path.join(scene.folder, "mlflow.sock");
        server = await smallServer(socket);
    });
    beforeEach(() => {
        scene!.reset(socket);
        use(scene!, socket);
    });
    afterEach(() => Command.endAll());
    after(async () => {
        server?.close();
        await scene?.stop();
    });
}

async function clear(cleanups: (() => Promise<void> | void)[]): Promise<void> {
    for (const cleanup of cleanups.reverse()) {
        await cleanup();
    }
}

/** A running command, in a process group of its own as at a terminal. */
export class Command {
    private static readonly running = new Set<Command>();
    private readonly child: ChildProcess;
    stdout = "";
    stderr = "";
    /** Its exit code. */
    readonly ended: Promise<number | null>;
    private hasEnded = false;

    constructor([program, ...words]: string[], env: NodeJS.ProcessEnv) {
        this.child = spawn(program, words, { cwd: repository, env, stdio: ["pipe", "pipe", "pipe"], detached: true });
        this.child.stdout!.setEncoding("utf8").on("data", (text: string) => (this.stdout += text));
        this.child.stderr!.setEncoding("utf8").on("data", (text: string) => (this.stderr += text));
        this.child.stdin!.on("error", () => undefined);
        this.ended = new Promise<number | null>((resolve, reject) => {
            this.child.once("error", reject).once("close", resolve);
        }).finally(() => {
            this.hasEnded = true;
            Command.running.delete(this);
        });
        Command.running.add(this);
    }

    /** After a test, which may have failed: ends what it has left running. */
    static async endAll(): Promise<void> {
        for (const command of Command.running) {
            const late = setTimeout(() => command.signal("SIGKILL"), 15_000);
            await command.interrupt();
            clearTimeout(late);
        }
    }

    /** Waits until it says something, after a length of what it had said. */
    async says(pattern: RegExp, after = 0): Promise<void> {
        await until(
            `${String(pattern)} in ${this.stdout}${this.stderr}`,
            60,
            () => pattern.test(this.stdout.slice(after)) || this.hasEnded,
        );
        if (!pattern.test(this.stdout.slice(after))) {
            throw new Error(`it ended without ${String(pattern)}: ${this.stdout}${this.stderr}`);
        }
    }

    types(text: string): void {
        this.child.stdin!.write(text);
    }

    endInput(): void {
        this.child.stdin!.end();
    }

    /** A signal to all of its group, as a terminal sends it. */
    signal(signal: NodeJS.Signals): void {
        try {
            process.kill(-this.child.pid!, signal);
        } catch {
            // it has ended
        }
    }

    /** Ctrl-C; returns the exit code. */
    interrupt(): Promise<number | null> {
        this.signal("SIGINT");
        return this.ended;
    }
}

/** Stands for MLflow behind a tunnel. */
async function smallServer(socket: string): Promise<http.Server> {
    const server = http.createServer((request, response) => {
        response.end(request.url === "/version" ? "3.17.2" : "OK");
    });
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    return server;
}
