import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { PutRolePolicyCommand } from "@aws-sdk/client-iam";
import * as s3 from "@aws-sdk/client-s3";
import { atOnce } from "../../operating/atOnce";
import { copyAll } from "../../operating/adopt/copies";
import { survey } from "../../operating/adopt/survey";
import { type Result, runOrFail } from "../../commands/run";
import { assumeServerRole, createStack, enforceIam } from "../../sandbox/emulatedStack";
import { forward, freePort, type Service } from "../../sandbox/processes";
import { isHealthy, startServer } from "../../sandbox/server";
import { cleanEnvironment, findPython, toolFolder } from "../../sandbox/tools";
import { type DatabaseHost, type Rows } from "./databaseHost";
import { type DatabaseCloud, hashOf } from "./databaseKinds";
import { hostSettings } from "./hostSettings";
import { LegacyTeam } from "./legacyTeam";

const { bucketName: bucket, region } = hostSettings;
const client = path.join(__dirname, "adoptionClient.py");

/** Hashes of files, by run or model version, and by their path in it. */
export type Artifacts = Record<string, Record<string, string>>;

/** What the command said, without MLflow's log. */
export const adoptSaid = ({ stderr }: Result): string[] =>
    stderr.split("\n").filter((line) => /^(adopt|backup|mlflow-adopt): /.test(line));

/** A server that was set up as in the notes, and the host that takes over from it. */
export class Adoption {
    public readonly team: LegacyTeam;
    private server?: Service;
    private forwarder?: { close(): Promise<void> };
    private trackingUri = "";

    private constructor(
        private readonly cloud: DatabaseCloud,
        public readonly host: DatabaseHost,
        private readonly python: string,
    ) {
        const { endpoint, folder } = cloud;
        const places = { python, endpoint, region, bucket, database: host.address };
        this.team = new LegacyTeam({
            ...places,
            folder: path.join(folder, `${path.basename(host.options.root)}-team`),
        });
    }

    public static async of(cloud: DatabaseCloud): Promise<Adoption> {
        return new Adoption(cloud, await cloud.host(), await findPython());
    }

    /** Runs mlflow-adopt as an operator does. */
    public adopt(...words: string[]): Promise<Result> {
        return this.host.command("mlflow-adopt", words);
    }

    /** The same with the credentials of the role that the program gives the host, while the emulator looks at its rights. */
    public async adoptWithRole(...words: string[]): Promise<Result> {
        const { endpoint } = this.cloud;
        const stack = await createStack(endpoint, { existingBucketName: bucket });
        const credentials = await assumeServerRole(stack, endpoint);
        // The emulator compares no resource but S3's; tests/access judges the right to the one parameter.
        const Statement = [{ Effect: "Allow", Action: "ssm:GetParameter", Resource: "*" }];
        const RoleName = stack.output("serverRoleArn").split("/").at(-1)!;
        const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
        await stack.clients.iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "parameter", PolicyDocument }));
        const result = await this.host.command("mlflow-adopt", words, credentials);
        await enforceIam(endpoint, false);
        return result;
    }

    /** Copies the artifacts to where the server looks for them. */
    public async copyArtifacts(): Promise<void> {
        const selection = { bucket, prefix: "artifacts" };
        const { missing } = await survey(this.cloud.clients.s3, selection);
        await copyAll(this.cloud.clients.s3, selection, missing);
    }

    /** Restores a backup past the program, as docs/adopting.md says; returns the new database's address. */
    public async bringBack(backup: string, database: string): Promise<string> {
        const folder = path.join(this.cloud.folder, "way-back");
        mkdirSync(folder);
        writeFileSync(path.join(folder, backup), (await this.cloud.fetch(this.host, backup)).content);
        const address = new URL(this.host.address);
        const env = cleanEnvironment({
            PGHOST: address.hostname,
            PGPORT: address.port,
            PGUSER: address.username,
            PGPASSWORD: decodeURIComponent(address.password),
            PGSSLMODE: "require",
        });
        const script = [
            `createdb ${database}`,
            `pg_restore --list ${backup} | grep -v ' SCHEMA - public ' > list`,
            `pg_restore --no-owner --no-privileges --use-list=list --dbname=${database} ${backup}`,
        ].join("\n");
        await runOrFail("the way back", ["bash", "-euo", "pipefail", "-c", script], { env, cwd: folder });
        address.pathname = `/${database}`;
        return address.href;
    }

    /** Puts an artifact of each run of the database to where the server looks for it once its address is rewritten. */
    public async putArtifacts(database: string): Promise<void> {
        const found = this.cloud.query(database, "SELECT experiment_id || '/' || run_uuid FROM runs").split("\n");
        await atOnce(16, found.values(), async (run) => {
            const Key = `artifacts/${run}/artifacts/note.txt`;
            await this.cloud.clients.s3.send(new s3.PutObjectCommand({ Bucket: bucket, Key, Body: run }));
        });
    }

    /** Hashes of all objects, by their keys. */
    public async objects(): Promise<Record<string, string>> {
        const found: Record<string, string> = {};
        const bucketClient = this.cloud.clients.s3;
        for await (const page of s3.paginateListObjectsV2({ client: bucketClient }, { Bucket: bucket })) {
            for (const { Key } of page.Contents ?? []) {
                const { Body } = await bucketClient.send(new s3.GetObjectCommand({ Bucket: bucket, Key }));
                found[Key!] = hashOf(Buffer.from(await Body!.transformToByteArray()));
            }
        }
        return found;
    }

    /** Starts the real server on the host, and a tunnel to it. */
    public async serve(): Promise<void> {
        const { root } = this.host.options;
        const folder = { root, socket: path.join(root, "run/mlflow/mlflow.sock") };
        const credentials = { AWS_ACCESS_KEY_ID: "anybody", AWS_SECRET_ACCESS_KEY: "anything" };
        const logFile = path.join(root, "server.log");
        const options = { python: this.python, endpoint: this.cloud.endpoint, credentials, logFile };
        this.server = startServer(folder, options);
        await this.server.answers(() => isHealthy(folder), 240);
        const port = await freePort();
        this.forwarder = await forward(port, folder.socket);
        this.trackingUri = `http://localhost:${port}`;
    }

    public async endServer(): Promise<void> {
        await this.forwarder?.close();
        await this.server?.stop();
        this.forwarder = this.server = undefined;
    }

    public async stop(): Promise<void> {
        await this.endServer();
        await this.team.stop();
    }

    /** Runs adoptionClient.py as a teammate of today: without boto3, credentials or a region. */
    public async teammate<Answer>(words: string[], download: "through the server" | "by signed address") {
        const home = path.join(this.cloud.folder, "home-without-aws");
        mkdirSync(home, { recursive: true });
        const env = cleanEnvironment({ HOME: home, TMPDIR: home, MLFLOW_TRACKING_URI: this.trackingUri });
        delete env.AWS_CA_BUNDLE;
        env.MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD = String(download === "by signed address");
        const { stdout } = await runOrFail(
            "the client",
            [path.join(toolFolder("client"), "python"), client, ...words],
            {
                env,
            },
        );
        return JSON.parse(stdout.trim().split("\n").at(-1)!) as Answer;
    }

    /** A teammate logs one more run to the server of before. */
    public oldClientOfOldServer(): Promise<Result> {
        return this.team.client(["one", "vision"]);
    }

    /** Runs legacy.py as a teammate who still has MLflow 1.26.1. */
    public oldTeammate(...words: string[]): Promise<Result> {
        return this.team.client(words, this.trackingUri);
    }

    /** Ends the command by kill -9 as soon as a statement of the database waits that a trigger of the test holds up. */
    public async killInStatement(table: string, ...words: string[]): Promise<void> {
        const database = path.basename(this.host.options.external!.parameter);
        const query = (sql: string) => this.cloud.query(database, sql);
        query(
            "CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(600); RETURN NEW; END $$;" +
                `CREATE TRIGGER hold BEFORE UPDATE ON ${table} FOR EACH ROW EXECUTE FUNCTION hold()`,
        );
        const command = path.join(this.host.options.root, "opt/mlflow/host/bin/mlflow-adopt");
        const child = spawn(command, words, { env: this.host.environment, stdio: ["ignore", "ignore", "pipe"] });
        let said = "";
        child.stderr.on("data", (text: Buffer) => (said += text.toString()));
        const ended = new Promise((resolve) => child.once("close", resolve));
        const asleep = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
        for (; query(asleep) === "0"; await sleep(100)) {
            if (child.exitCode !== null) {
                throw new Error(`mlflow-adopt ended with ${child.exitCode} before it could be killed:\n${said}`);
            }
        }
        child.kill("SIGKILL");
        await ended;
        // The database itself would notice that nobody listens at the end of the statement.
        query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'");
        query(`DROP TRIGGER hold ON ${table}; DROP FUNCTION hold`);
    }
}

const places: Record<string, string[]> = {
    experiments: ["artifact_location"],
    runs: ["artifact_uri"],
    model_versions: ["source", "storage_location"],
};

/** The rows with other values in the columns that hold addresses, and nowhere else. */
const readdressed = (rows: Rows, change: (value: string) => string): Rows =>
    sorted(
        Object.fromEntries(
            Object.entries(rows).map(([name, { columns, rows: all }]) => {
                const changed = (places[name] ?? []).map((column) => columns.indexOf(column));
                const now = all.map((row) =>
                    row.map((value, index) => (changed.includes(index) ? change(value) : value)),
                );
                return [name, { columns, rows: now }];
            }),
        ),
    );

/** What the rows must be after the adoption. */
export const adopted = (rows: Rows): Rows =>
    readdressed(rows, (value) => value.replace(`'s3://${bucket}/`, "'mlflow-artifacts:/"));

/** And after that of another bucket. */
export const elsewhere = (rows: Rows): Rows =>
    readdressed(rows, (value) => value.replace(/^'s3:\/\/elsewhere\/x\/?/, "'mlflow-artifacts:/"));

/** In an order that does not depend on who sorted them. */
export function sorted(rows: Rows): Rows {
    return Object.fromEntries(
        Object.entries(rows).map(([name, { columns, rows: all }]) => [
            name,
            { columns, rows: [...all].sort((a, b) => (a.join("\0") < b.join("\0") ? -1 : 1)) },
        ]),
    );
}

/** Without the table that the way back needs. */
export const withoutKept = (rows: Rows): Rows =>
    Object.fromEntries(Object.entries(rows).filter(([name]) => name !== "adopted_locations"));
