import { mkdtempSync, rmSync } from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { assumeServerRole, createStack, type EmulatedStack, enforceIam, stackEnvironmentOf } from "./emulatedStack";
import { startEmulator } from "./emulator";
import { endCommands } from "../commands/run";
import { forward } from "./processes";
import { clientLogsRun, profileIsLimited, profileWorks, type Subject } from "./proof";
import { type HostAccess, hostCommand, type HostFolder, isHealthy, layOutHost, startServer } from "./server";
import { findPython, installServer, installTools } from "./tools";

/** One thing that the sandbox does, and what came of it. */
export interface Step {
    readonly title: string;
    readonly run: () => Promise<string>;
}

/**
 * The whole product on one machine, without AWS: an emulator, the stack of the real `index.ts`, the real MLflow started by
 * the host's own files, and two teammates.
 */
export class Sandbox {
    private readonly folder = mkdtempSync(path.join(os.tmpdir(), "mlflow-sandbox-"));
    private readonly cleanups: (() => Promise<void> | void)[] = [
        () => rmSync(this.folder, { recursive: true, force: true }),
    ];
    private python = "";
    private endpoint = "";
    private created?: EmulatedStack;
    private host?: { readonly folder: HostFolder; readonly access: HostAccess };
    private stopped?: Promise<void>;

    constructor(private readonly localPort: number) {}

    /** The stack, once its step has run. */
    get stack(): EmulatedStack {
        if (!this.created) {
            throw new Error("the stack is not created yet");
        }
        return this.created;
    }

    /** In their order: each needs the ones before it. */
    readonly steps: readonly Step[] = [
        { title: "Take the local port", run: () => this.takePort() },
        { title: "Find Python", run: () => this.findPython() },
        { title: "Install the server, as the instance does", run: () => this.installServer() },
        { title: "Install the AWS emulator, the AWS CLI and an MLflow client", run: () => this.installTools() },
        { title: "Start the AWS emulator", run: () => this.startEmulator() },
        { title: "Create the stack of index.ts in the emulator", run: () => this.createStack() },
        { title: "Start MLflow from host/, with the server's role", run: () => this.startServer() },
    ];

    /** What shows that it works. The emulator checks every call against the caller's policies, but in the last one. */
    readonly proofs: readonly Step[] = [
        { title: "The printed profile works in the AWS CLI", run: () => profileWorks(this.subject) },
        { title: "The profile can do nothing else", run: () => profileIsLimited(this.subject) },
        { title: "The host backs its database up with the server's role", run: () => this.backUp() },
        {
            title: "A client without AWS settings logs a run, artifacts through the server",
            run: () => clientLogsRun(this.subject, "through the server"),
        },
        { title: "The same with signed addresses, as clients do by default", run: () => this.signedAddresses() },
    ];

    get isStopping(): boolean {
        return this.stopped !== undefined;
    }

    /** Ends everything that was started, last things first. */
    stop(): Promise<void> {
        this.stopped ??= (async () => {
            endCommands();
            for (const cleanup of this.cleanups.reverse()) {
                await cleanup();
            }
        })();
        return this.stopped;
    }

    private get subject(): Subject {
        return { stack: this.stack, endpoint: this.endpoint, folder: this.folder };
    }

    /** First of all, so that a taken port is said before anything is installed. */
    private async takePort(): Promise<string> {
        const forwarder = await forward(this.localPort, path.join(this.folder, "host/run/mlflow/mlflow.sock"));
        this.cleanups.push(() => forwarder.close());
        return String(this.localPort);
    }

    private async findPython(): Promise<string> {
        this.python = await findPython();
        return this.python;
    }

    private async installServer(): Promise<string> {
        await installServer(this.python);
        return "by hashes, from host/requirements.lock";
    }

    private async installTools(): Promise<string> {
        await installTools("emulator", this.python);
        await installTools("client", this.python);
        return "by hashes, from sandbox/*.lock";
    }

    private async startEmulator(): Promise<string> {
        const emulator = await startEmulator(this.python, this.folder);
        this.cleanups.push(() => emulator.stop());
        this.endpoint = emulator.endpoint;
        return this.endpoint;
    }

    private async createStack(): Promise<string> {
        this.created = await createStack(this.endpoint, { localPort: this.localPort });
        const resources = this.stack.evaluation.resources.filter(({ type }) => /^(aws|random):/.test(type));
        return `${resources.length} resources, bucket ${this.stack.output("bucketName")}`;
    }

    private async startServer(): Promise<string> {
        const host = layOutHost(path.join(this.folder, "host"), stackEnvironmentOf(this.stack.evaluation));
        const { python, endpoint } = this;
        const access = { endpoint, credentials: await assumeServerRole(this.stack, endpoint) };
        this.host = { folder: host, access };
        const logFile = path.join(this.folder, "server.log");
        const server = startServer(host, { ...access, python, logFile });
        this.cleanups.push(() => server.stop());
        await server.answers(() => isHealthy(host), 120);
        return `MLflow ${this.stack.output("mlflowVersion")}, ${this.stack.output("trackingUri")}`;
    }

    /** Also looks at server, database and bucket as the instance does. */
    private async backUp(): Promise<string> {
        const { folder, access } = this.host!;
        await hostCommand("mlflow-health", folder, access);
        const name = await hostCommand("mlflow-backup", folder, access);
        return `s3://${this.stack.output("bucketName")}/backups/${name}`;
    }

    /** The emulator fails on signed addresses while it checks callers. */
    private async signedAddresses(): Promise<string> {
        await enforceIam(this.endpoint, false);
        return clientLogsRun(this.subject, "by signed address");
    }
}
