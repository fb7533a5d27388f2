import { mkdirSync } from "node:fs";
import * as path from "node:path";
import { type Result, run, runOrFail } from "../../commands/run";
import { freePort, Service } from "../../sandbox/processes";
import { cleanEnvironment, installTools, toolFolder } from "../../sandbox/tools";

const programs = toolFolder("legacy");
const script = path.join(__dirname, "legacy.py");
/** Those that MLflow 1.26.1 and what it needs have wheels for. */
const pythons = ["python3.12", "python3.11", "python3.10"];

/** Installs the MLflow of the notes; returns whether this machine has a Python for it. */
export async function installLegacy(): Promise<boolean> {
    for (const python of pythons) {
        const check = [python, "-c", "import venv, ensurepip"];
        const found = await run(check, { env: cleanEnvironment() }).catch(() => undefined);
        if (found?.status === 0) {
            await installTools("legacy", python);
            return true;
        }
    }
    return false;
}

export interface LegacyPlaces {
    readonly python: string;
    readonly folder: string;
    /** Of the emulator. */
    readonly endpoint: string;
    readonly region: string;
    readonly bucket: string;
    /** Address of the database. */
    readonly database: string;
}

/** The server of the notes, started by their own command, and its clients, which have AWS credentials of their own. */
export class LegacyTeam {
    private server?: Service;
    private trackingUri = "";

    constructor(private readonly places: LegacyPlaces) {
        mkdirSync(places.folder, { recursive: true });
    }

    private environment(extra: Record<string, string> = {}): NodeJS.ProcessEnv {
        const { folder, endpoint, region } = this.places;
        return cleanEnvironment({
            HOME: folder,
            TMPDIR: folder,
            PATH: `${programs}:${process.env.PATH}`,
            AWS_ACCESS_KEY_ID: "anybody",
            AWS_SECRET_ACCESS_KEY: "anything",
            AWS_DEFAULT_REGION: region,
            MLFLOW_S3_ENDPOINT_URL: endpoint,
            ...extra,
        });
    }

    public async start(): Promise<void> {
        const { python, folder, database, bucket } = this.places;
        const port = await freePort();
        this.trackingUri = `http://127.0.0.1:${port}`;
        this.server = new Service("MLflow 1.26.1", path.join(folder, "legacy.log"), {
            python,
            command: [
                path.join(programs, "mlflow"),
                ...["server", "--host", "127.0.0.1", "--port", String(port), "--workers", "1"],
                ...["--backend-store-uri", database, "--default-artifact-root", `s3://${bucket}`],
            ],
            env: this.environment(),
            cwd: folder,
        });
        await this.server.answers(async () => (await fetch(`${this.trackingUri}/health`)).ok, 120);
    }

    public async stop(): Promise<void> {
        await this.server?.stop();
    }

    /** Runs legacy.py as a client of this server, or of another one. */
    public client(words: string[], trackingUri = this.trackingUri): Promise<Result> {
        const env = this.environment({ MLFLOW_TRACKING_URI: trackingUri, MLFLOW_HTTP_REQUEST_MAX_RETRIES: "1" });
        return run([path.join(programs, "python"), script, ...words], { env, cwd: this.places.folder });
    }

    /** Makes what a team has after a while. @param unlike location of an experiment elsewhere */
    public async work(unlike: string): Promise<void> {
        const { status, stderr } = await this.client(["team", unlike]);
        if (status !== 0) {
            throw new Error(stderr);
        }
    }

    /** Adds runs to the database, past the server. */
    public async fill(runs: number, metrics: number): Promise<void> {
        const { database, bucket } = this.places;
        const env = this.environment({
            MLFLOW_BACKEND_STORE_URI: database,
            MLFLOW_DEFAULT_ARTIFACT_ROOT: `s3://${bucket}`,
        });
        const words = ["many", String(runs), String(metrics)];
        await runOrFail("legacy.py", [path.join(programs, "python"), script, ...words], { env });
    }
}
