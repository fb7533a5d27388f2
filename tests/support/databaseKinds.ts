import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import * as path from "node:path";
import { gzipSync } from "node:zlib";
import { CreateAccessKeyCommand, CreateUserCommand } from "@aws-sdk/client-iam";
import * as s3 from "@aws-sdk/client-s3";
import { anybodysClients } from "../../sandbox/aws/emulatedAws";
import type { Clients } from "../../sandbox/aws/handlers";
import { type Emulator, startEmulator } from "../../sandbox/emulator";
import { enforceIam } from "../../sandbox/emulatedStack";
import { freePort } from "../../sandbox/processes";
import { cleanEnvironment } from "../../sandbox/tools";
import { DatabaseHost } from "./databaseHost";
import { storeDatabase } from "./databaseParameters";
import { hostSettings } from "./hostSettings";
import { Postgresql, postgresqlPrograms } from "./postgresql";
import { install, temporaryFolder } from "./sandbox";

const Bucket = hostSettings.bucketName;
const user = "mlflow";
export const password = "s3cret-p@ss/w:rd?#[]%&=+ !'é";
/** As it may appear anywhere: as it is, as an address has it, and the part that no encoding changes. */
export const passwordForms = [password, encodeURIComponent(password), "s3cret"];

export const hashOf = (content: string | Buffer): string => createHash("sha256").update(content).digest("hex");

/** The name of a host's database in PostgreSQL. */
export const databaseOf = ({ external }: DatabaseHost["options"]): string => path.basename(external!.parameter);

/** What tests of one kind of database share: an emulator with the bucket, a PostgreSQL where it is needed, and hosts. */
export class DatabaseCloud {
    public folder = "";
    public clients!: Clients;
    private emulator!: Emulator;
    private server?: Postgresql;
    private port = 0;
    private count = 0;

    public async start(kind: Kind): Promise<void> {
        this.folder = temporaryFolder();
        this.emulator = await startEmulator(await install(), this.folder);
        this.clients = anybodysClients(this.emulator.endpoint, hostSettings.region);
        const LocationConstraint = hostSettings.region as s3.BucketLocationConstraint;
        await this.clients.s3.send(
            new s3.CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint } }),
        );
        if (kind === "PostgreSQL") {
            this.port = await freePort();
            this.server = new Postgresql(this.folder, this.port);
            await this.server.start(user, password);
        }
    }

    public async stop(): Promise<void> {
        await this.server?.stop();
        await this.emulator?.stop();
        if (this.folder) {
            rmSync(this.folder, { recursive: true, force: true });
        }
    }

    public get endpoint(): string {
        return this.emulator.endpoint;
    }

    /** Credentials of somebody with no rights at all, as variables. */
    public async stranger(): Promise<Record<string, string>> {
        const UserName = `stranger${this.count++}`;
        await this.clients.iam.send(new CreateUserCommand({ UserName }));
        const { AccessKey } = await this.clients.iam.send(new CreateAccessKeyCommand({ UserName }));
        return { AWS_ACCESS_KEY_ID: AccessKey!.AccessKeyId!, AWS_SECRET_ACCESS_KEY: AccessKey!.SecretAccessKey! };
    }

    /** Does something while the emulator looks at its callers' rights. */
    public async enforcing<Value>(action: () => Promise<Value>): Promise<Value> {
        await enforceIam(this.endpoint, true);
        return action().finally(() => enforceIam(this.endpoint, false));
    }

    /** Runs a statement past the host, in one of its databases. */
    public query(database: string, sql: string): string {
        const connection = ["-h", "127.0.0.1", "-p", String(this.port), "-U", user, "-d", database];
        return this.server!.query(password, connection, sql);
    }

    /** A hash of all that a host's database holds: for SQLite of each byte, for PostgreSQL of its schema, and its rows as they lie. */
    public everything({ file, options }: DatabaseHost): string {
        if (!this.server) {
            return hashOf(readFileSync(file));
        }
        // Newer versions of pg_dump frame what they print with a random word.
        return hashOf(
            this.dump(options)
                .toString()
                .replaceAll(/^\\(un)?restrict .*$/gm, ""),
        );
    }

    /** What a backup of a host's database would have in it, whatever the database is. */
    public copyOf({ file, options }: DatabaseHost): Buffer {
        return this.server ? this.dump(options, "--format=custom") : gzipSync(readFileSync(file));
    }

    private dump(options: DatabaseHost["options"], ...words: string[]): Buffer {
        const connection = ["-h", "127.0.0.1", "-p", String(this.port), "-U", user];
        const { stdout, stderr, status } = spawnSync("pg_dump", [...connection, ...words, databaseOf(options)], {
            env: cleanEnvironment({ PGPASSWORD: password, PGSSLMODE: "require" }),
            maxBuffer: 1 << 30,
        });
        if (status !== 0) {
            throw new Error(stderr.toString());
        }
        return stdout;
    }

    /** A host with an empty database and an empty folder of backups, or with those of another host. */
    public async host(
        shared: Partial<Pick<DatabaseHost["options"], "backupRoot" | "external">> = {},
    ): Promise<DatabaseHost> {
        const name = `host${this.count++}`;
        const external = shared.external ?? (this.server && (await this.database(name)));
        const { endpoint } = this;
        const backupRoot = shared.backupRoot ?? `s3://${Bucket}/backups/${name}`;
        return new DatabaseHost({ root: path.join(this.folder, name), endpoint, backupRoot, external });
    }

    private async database(name: string) {
        this.query("postgres", `CREATE DATABASE ${name}`);
        const address = this.address(name);
        const parameter = `/mlflow/${name}`;
        await storeDatabase(this.clients.ssm, parameter, { address, passwords: [password] });
        // What the tests themselves connect to, past the host.
        return { address: address.replace("@", `:${encodeURIComponent(password)}@`), parameter };
    }

    /** A database's address, at a name for this machine and with what libpq is told about TLS. */
    public address(name: string, host = "127.0.0.1", tls = "sslmode=require"): string {
        return `postgresql+psycopg2://${user}@${host}:${this.port}/${name}?connect_timeout=3&${tls}`;
    }

    /** File of the authority that has signed PostgreSQL's certificate. */
    public get authority(): string {
        return this.server!.authority;
    }

    /** The names of a host's backups, oldest first. */
    public async backups({ options }: DatabaseHost): Promise<string[]> {
        const Prefix = `${options.backupRoot.replace(`s3://${Bucket}/`, "")}/`;
        const { Contents = [] } = await this.clients.s3.send(new s3.ListObjectsV2Command({ Bucket, Prefix }));
        return Contents.map(({ Key }) => Key!.slice(Prefix.length)).sort();
    }

    public async fetch({ options }: DatabaseHost, name: string): Promise<{ content: Buffer; sha256?: string }> {
        const Key = `${options.backupRoot.replace(`s3://${Bucket}/`, "")}/${name}`;
        const { Body, Metadata } = await this.clients.s3.send(new s3.GetObjectCommand({ Bucket, Key }));
        return { content: Buffer.from(await Body!.transformToByteArray()), sha256: Metadata?.sha256 };
    }

    /** Puts a file where backups lie, with the hash that it has, another, or none. */
    public async put(
        { options }: DatabaseHost,
        name: string,
        content: Buffer,
        sha256: string | null = hashOf(content),
    ): Promise<void> {
        const Key = `${options.backupRoot.replace(`s3://${Bucket}/`, "")}/${name}`;
        const Metadata = sha256 === null ? undefined : { sha256 };
        await this.clients.s3.send(new s3.PutObjectCommand({ Bucket, Key, Body: content, Metadata }));
    }
}

type Kind = "SQLite" | "PostgreSQL";

/** Declares tests for one kind of database. */
export function forKind(kind: Kind, what: string, declare: (cloud: DatabaseCloud) => void): void {
    const where = kind === "SQLite" ? "" : " (skipped where there is none on this machine)";
    describe(`${what}${where}`, function () {
        this.timeout(600_000);
        const cloud = new DatabaseCloud();
        before(async function () {
            if (kind === "PostgreSQL" && !postgresqlPrograms) {
                this.skip();
            }
            await cloud.start(kind);
        });
        after(() => cloud.stop());
        declare(cloud);
    });
}

/** Declares the same tests for both kinds of database. */
export function forBothKinds(what: string, declare: (kind: Kind, cloud: DatabaseCloud) => void): void {
    for (const kind of ["SQLite", "PostgreSQL"] as const) {
        forKind(kind, `${what}, ${kind}`, (cloud) => declare(kind, cloud));
    }
}
