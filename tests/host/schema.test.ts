import assert from "node:assert";
import { rmSync } from "node:fs";
import * as path from "node:path";
import { freePort, type Result, run } from "../../sandbox/processes";
import { cleanEnvironment, installedHost } from "../../sandbox/tools";
import { Postgresql, postgresqlPrograms } from "../support/postgresql";
import { install, repository, temporaryFolder } from "../support/sandbox";

// What happens to a database before the server starts, by the host's own script with the real MLflow's schema. Older schemas are
// made by MLflow's own migrations, stopped half way. Not proved: that every migration of MLflow keeps the data.

const script = path.join(repository, "host/bin/prepare_database.py");
const python = path.join(installedHost, "opt/mlflow/venv/bin/python");
const older = "6953534de441"; // MLflow 3.1.0

/** Leaves what an initialisation leaves that is killed before its first migration. */
const makeHalf = `
import os, sqlalchemy
from mlflow.store.tracking.dbmodels.initial_models import Base
Base.metadata.create_all(sqlalchemy.create_engine(os.environ["MLFLOW_BACKEND_STORE_URI"]))
`;

/** Makes a database whose schema is at an earlier revision. */
const makeOlder = `
import os, sqlalchemy
from alembic import command
from mlflow.store.db.utils import _get_alembic_config
from mlflow.store.tracking.dbmodels.initial_models import Base
engine = sqlalchemy.create_engine(os.environ["MLFLOW_BACKEND_STORE_URI"])
Base.metadata.create_all(engine)
with engine.begin() as connection:
    config = _get_alembic_config("")
    config.attributes["connection"] = connection
    command.upgrade(config, "${older}")
`;

/** Runs one statement; prints the first value of its answer. */
const query = `
import os, sys, sqlalchemy
with sqlalchemy.create_engine(os.environ["MLFLOW_BACKEND_STORE_URI"]).begin() as connection:
    result = connection.execute(sqlalchemy.text(sys.argv[1]))
    print(result.scalar() if result.returns_rows else "")
`;

function database(uri: string) {
    const env = cleanEnvironment({ MLFLOW_BACKEND_STORE_URI: uri, HOST_DATABASE_WAIT_SECONDS: "3" });
    const execute = (...words: string[]) => run([python, ...words], { env });
    return {
        prepare: (...words: string[]) => execute(script, ...words),
        makeHalf: () => execute("-c", makeHalf),
        makeOlder: () => execute("-c", makeOlder),
        query: async (sql: string) => (await execute("-c", query, sql)).stdout.trim(),
    };
}

const revision = "SELECT version_num FROM alembic_version";
/** What the script itself says, without MLflow's log. */
const said = ({ stderr }: Result) => stderr.split("\n").filter((line) => line.startsWith("database: "));

before("install the server", async function () {
    this.timeout(600_000);
    await install();
});

/** The same for both kinds of database. */
function judgesSchemas(make: () => Promise<ReturnType<typeof database>>): void {
    it("initialises an empty one, and leaves it alone the next time", async () => {
        const { prepare, query } = await make();
        const first = await prepare();
        assert.strictEqual(first.status, 0, first.stderr);
        const head = await query(revision);
        assert.match(head, /^[0-9a-f]{12}$/);
        assert.deepStrictEqual(said(first), [
            `database: empty; initialising schema ${head}`,
            `database: schema is ${head}`,
        ]);
        assert.deepStrictEqual(await prepare(), { status: 0, stdout: "", stderr: "" });
    });

    it("refuses an older one and leaves it as it is, and upgrades it when told to", async () => {
        const { prepare, makeOlder, query } = await make();
        const made = await makeOlder();
        assert.strictEqual(made.status, 0, made.stderr);
        const refused = await prepare();
        assert.strictEqual(refused.status, 1);
        const [line] = said(refused);
        assert.match(
            line,
            /^database: schema 6953534de441 is older than [0-9a-f]{12}, which the installed MLflow needs; it is left as it is\. Stop every server that uses it, back it up, and run: sudo \/opt\/mlflow\/host\/bin\/mlflow-server --upgrade-database$/,
        );
        assert.strictEqual(await query(revision), older);
        const upgraded = await prepare("--upgrade");
        assert.strictEqual(upgraded.status, 0, upgraded.stderr);
        assert.deepStrictEqual(await prepare(), { status: 0, stdout: "", stderr: "" });
    });

    it("refuses a newer one and leaves it as it is, also when told to upgrade", async () => {
        const { prepare, query } = await make();
        await prepare();
        await query("UPDATE alembic_version SET version_num = 'ffffffffffff'");
        for (const words of [[], ["--upgrade"]]) {
            const result = await prepare(...words);
            assert.strictEqual(result.status, 1);
            assert.match(
                said(result).join(),
                /^database: schema ffffffffffff is not one that the installed MLflow knows; /,
            );
        }
        assert.strictEqual(await query(revision), "ffffffffffff");
    });

    it("takes up an initialisation that was killed in its first moments", async () => {
        const { prepare, makeHalf, query } = await make();
        const made = await makeHalf();
        assert.strictEqual(made.status, 0, made.stderr);
        const result = await prepare();
        assert.strictEqual(result.status, 0, result.stderr);
        assert.match(await query(revision), /^[0-9a-f]{12}$/);
    });

    it("refuses tables that are not MLflow's, or that hold something", async () => {
        const { prepare, makeHalf, query } = await make();
        const unknown = /^database: schema none is not one that the installed MLflow knows; /;
        await query("CREATE TABLE invoices (id INTEGER)");
        assert.match(said(await prepare()).join(), unknown);
        await query("DROP TABLE invoices");
        await makeHalf();
        await query("INSERT INTO experiments (experiment_id, name) VALUES (7, 'somebody''s')");
        assert.match(said(await prepare()).join(), unknown);
        assert.strictEqual(await query("SELECT name FROM experiments"), "somebody's");
    });
}

describe("a SQLite database, before the server starts", function () {
    this.timeout(300_000);
    const folder = temporaryFolder();
    let count = 0;
    after(() => rmSync(folder, { recursive: true, force: true }));
    judgesSchemas(() => Promise.resolve(database(`sqlite:///${folder}/${count++}.db`)));
});

describe("a PostgreSQL database, before the server starts (skipped where there is none on this machine)", function () {
    this.timeout(300_000);
    const password = "s3cret";
    const folder = temporaryFolder();
    let server: Postgresql;
    let port: number;
    let count = 0;
    const uri = (name: string, secret = password, parameters = "sslmode=require") =>
        `postgresql+psycopg2://mlflow:${secret}@127.0.0.1:${port}/${name}?connect_timeout=3&${parameters}`;

    before(async function () {
        if (!postgresqlPrograms) {
            this.skip();
        }
        port = await freePort();
        server = new Postgresql(folder, port);
        await server.start("mlflow", password);
    });
    after(async () => {
        await server?.stop();
        rmSync(folder, { recursive: true, force: true });
    });

    const make = () => {
        const name = `db${count++}`;
        const connection = ["-h", "127.0.0.1", "-p", String(port), "-U", "mlflow", "-d", "postgres"];
        server.query(password, connection, `CREATE DATABASE ${name}`);
        return Promise.resolve(database(uri(name)));
    };
    judgesSchemas(make);

    it("is initialised once when two hosts start at the same moment", async () => {
        const { prepare } = await make();
        const results = await Promise.all([prepare(), prepare()]);
        assert.deepStrictEqual(
            results.map(({ status }) => status),
            [0, 0],
            results.map(({ stderr }) => stderr).join(),
        );
        const initialised = results.filter((result) => said(result).some((line) => line.includes("initialising")));
        assert.strictEqual(initialised.length, 1);
    });

    it("says why it cannot be used, each reason once, and never the password", async () => {
        const closed = await freePort();
        const cases: [string, RegExp][] = [
            [uri("postgres").replace(`:${port}/`, `:${closed}/`), /Connection refused/],
            [uri("postgres", "wr0ng-secret"), /password authentication failed for user "mlflow"/],
            [uri("postgres").replace("127.0.0.1", "nohost.invalid"), /could not translate host name "nohost\.invalid"/],
            [uri("postgres", password, "sslmode=disable"), /no encryption/],
            [uri("postgres", password, "sslmode=verify-full&sslrootcert=/nonexistent"), /\/nonexistent/],
        ];
        for (const [address, reason] of cases) {
            const result = await database(address).prepare();
            assert.strictEqual(result.status, 1);
            const [first, last, ...more] = said(result);
            assert.match(first, /^database: not usable yet: /);
            assert.match(first, reason);
            assert.strictEqual(last, "database: did not become usable in time; see the reasons above");
            assert.deepStrictEqual(more, []);
            assert.doesNotMatch(result.stdout + result.stderr, /s3cret|wr0ng|Traceback/);
        }
    });
});
