import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chmodSync, chownSync, copyFileSync, existsSync, readdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { cleanEnvironment } from "../../sandbox/tools";

const versions = "/usr/lib/postgresql";

/** Folder of a real server's programs, where this machine has one. */
export const postgresqlPrograms: string | undefined = (existsSync(versions) ? readdirSync(versions) : [])
    .map((version) => path.join(versions, version, "bin"))
    .find((folder) => existsSync(path.join(folder, "initdb")));

/** It refuses to run as root; then nobody runs it. */
const nobody = 65534;
const identity = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};

/** A PostgreSQL of a test's own, on loopback, that talks TLS only. */
export class Postgresql {
    private server?: ChildProcess;

    /**
     * @param folder of the test, which becomes the server's own below `data`
     * @param host of loopback; several can have the same port
     */
    constructor(
        private readonly folder: string,
        private readonly port: number,
        private readonly host = "127.0.0.1",
    ) {}

    /** File of the authority that has signed its certificate, for the name `localhost`. */
    get authority(): string {
        return path.join(this.folder, "authority.crt");
    }

    /** Makes a cluster with one user and a database of the same name, and starts it. */
    async start(user: string, password: string): Promise<void> {
        const data = path.join(this.folder, "data");
        const passwordFile = path.join(this.folder, "password");
        writeFileSync(passwordFile, password);
        if (identity.uid) {
            chmodSync(this.folder, 0o711);
            spawnSync("install", ["-d", "-m", "0700", "-o", String(nobody), "-g", String(nobody), data]);
            chownSync(passwordFile, nobody, nobody);
        }
        this.program(
            "initdb",
            "--pgdata",
            data,
            "--username",
            user,
            "--pwfile",
            passwordFile,
            "--auth",
            "scram-sha-256",
        );
        this.certify(data);
        writeFileSync(path.join(data, "pg_hba.conf"), "hostssl all all 127.0.0.1/32 scram-sha-256\n");
        this.server = spawn(
            path.join(postgresqlPrograms!, "postgres"),
            ["-D", data, "-p", String(this.port), "-k", data, "-c", `listen_addresses=${this.host}`, "-c", "ssl=on"],
            { ...identity, stdio: "ignore", env: cleanEnvironment() },
        );
        const connection = ["-h", this.host, "-p", String(this.port), "-U", user];
        for (let attempt = 0; attempt < 100; attempt++, await sleep(200)) {
            if (spawnSync(path.join(postgresqlPrograms!, "pg_isready"), connection).status === 0) {
                this.query(password, [...connection, "-d", "postgres"], `CREATE DATABASE ${user}`);
                return;
            }
        }
        throw new Error("PostgreSQL did not start");
    }

    /** Rows of a query, one a line. */
    query(password: string, connection: string[], sql: string): string {
        const env = cleanEnvironment({ PGPASSWORD: password, PGSSLMODE: "require" });
        const psql = path.join(postgresqlPrograms!, "psql");
        const { status, stdout, stderr } = spawnSync(psql, [...connection, "-At", "-c", sql], {
            env,
            encoding: "utf8",
        });
        if (status !== 0) {
            throw new Error(stderr);
        }
        return stdout.trim();
    }

    async stop(): Promise<void> {
        const { server } = this;
        if (server && server.exitCode === null) {
            const ended = new Promise((resolve) => server.once("close", resolve));
            server.kill("SIGINT"); // PostgreSQL's fast shutdown
            await ended;
        }
    }

    /** A certificate for the name `localhost`, signed by an authority of its own: its file is `authority.crt`, readable by all. */
    private certify(data: string): void {
        const file = (name: string) => path.join(data, name);
        const request = ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
        const openssl = (...words: string[]) => {
            const made = spawnSync("openssl", words, { ...identity, encoding: "utf8", cwd: data });
            if (made.status !== 0) {
                throw new Error(made.stderr);
            }
        };
        const authority = ["-keyout", file("authority.key"), "-out", file("authority.crt")];
        openssl(...request, "-x509", "-days", "2", "-subj", "/CN=An authority of tests", ...authority);
        writeFileSync(file("names"), "subjectAltName=DNS:localhost\n");
        chmodSync(file("names"), 0o644);
        openssl(...request, "-subj", "/CN=localhost", "-keyout", file("server.key"), "-out", file("server.csr"));
        openssl(
            ...["x509", "-req", "-in", file("server.csr"), "-days", "2", "-CAcreateserial", "-extfile", file("names")],
            ...["-CA", file("authority.crt"), "-CAkey", file("authority.key"), "-out", file("server.crt")],
        );
        copyFileSync(file("authority.crt"), this.authority);
        chmodSync(this.authority, 0o644);
    }

    private program(name: string, ...words: string[]): void {
        const file = path.join(postgresqlPrograms!, name);
        const { status, stderr } = spawnSync(file, words, { ...identity, encoding: "utf8", env: cleanEnvironment() });
        if (status !== 0) {
            throw new Error(stderr);
        }
    }
}
