import assert from "node:assert";
import { copyFileSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { said } from "../support/databaseHost";
import { databaseOf, hashOf, passwordForms } from "../support/databaseKinds";
import { ask } from "../support/drillClient";
import { DrillHost } from "../support/drillHost";
import { forMoves, inSqlite, keptFile, move, moved, stateOf, webhookKey } from "../support/movingScene";
import { install } from "../support/sandbox";
import { newestRevision } from "../support/schemaFaults";

// mlflow-move, run as an operator runs it: from a file that the real MLflow's stores made, with a row in every table, to a real
// PostgreSQL. What is there afterwards is compared by SQLAlchemy's own reading of both sides, and by the real server's answers.
// Not proved: systemd, RDS.

forMoves("mlflow-move", (scene) => {
    const { cloud } = scene;

    it("has something to move in every table of MLflow's", () => {
        const empty = Object.entries(scene.rows).filter(([, { rows }]) => rows.length === 0);
        assert.deepStrictEqual(empty, []);
        assert.strictEqual(Object.keys(scene.rows).length, 65);
    });

    it("is what the server's start asks for, beside a file that people used", async () => {
        const host = await scene.host();
        const before = cloud.everything(host);
        const { status, stderr } = await host.prepare();
        assert.strictEqual(status, 1);
        assert.strictEqual(
            stderr,
            `database: it is empty, and ${host.file} holds 3 experiments, 12 runs, 1 registered models, 3 traces; nothing was begun, ` +
                "so that nothing is forgotten; remedy: sudo /opt/mlflow/host/bin/mlflow-move, which says what a move would do, and with " +
                `--run moves it; or, to begin empty, sudo mv ${host.file} ${host.file}.left\n`,
        );
        assert.strictEqual(cloud.everything(host), before);
        // The second remedy.
        renameSync(host.file, `${host.file}.left`);
        assert.strictEqual((await host.prepare()).status, 0);
    });

    it("is not asked for when the file holds what MLflow makes by itself", async () => {
        const host = await cloud.host();
        await host.prepare("", inSqlite(host));
        assert.strictEqual(statSync(host.file).size > 0, true);
        const { status, stderr } = await host.prepare();
        assert.strictEqual(status, 0, stderr);
    });

    it("says what it would do, and changes nothing", async () => {
        const host = await scene.host();
        const before = [cloud.everything(host), hashOf(readFileSync(host.file)), stateOf(host)];
        const { status, stdout, stderr } = await move(host);
        assert.strictEqual(status, 0, stderr);
        const tables = Object.entries(scene.rows).filter(([name]) => name !== "alembic_version");
        const counts = tables.map(([name, { rows }]) => `${name}  ${rows.length}`);
        assert.deepStrictEqual(stdout.trim().split("\n").sort(), counts.sort());
        const total = tables.reduce((sum, [, { rows }]) => sum + rows.length, 0);
        const free = /(\d+\.\d|\d+) ([KMGT]i)?B/.source;
        const patterns = [
            `from ${host.file}: ${free}, schema ${newestRevision()}`,
            `to PostgreSQL, database host\\d+ on 127\\.0\\.0\\.1: empty`,
            `${total} rows in 64 tables; 0 tables are empty`,
            "the server is of unknown state; it is stopped for the move",
            `the data volume has ${free} free; a backup of the file goes to the bucket first, which needs ${free}`,
            `PostgreSQL needs room for about ${free}; all takes about 1 minutes`,
            "nothing was changed; to do it: sudo /opt/mlflow/host/bin/mlflow-move --run",
        ];
        assert.match(stderr, new RegExp(`^${patterns.map((pattern) => `move: ${pattern}\n`).join("")}$`));
        assert.deepStrictEqual([cloud.everything(host), hashOf(readFileSync(host.file)), stateOf(host)], before);
        assert.deepStrictEqual(await cloud.backups(host), []);
        assert.deepStrictEqual(host.calls(), ["systemctl is-active mlflow.service"]);
    });

    describe("with --run", () => {
        let host: Awaited<ReturnType<typeof scene.host>>;
        let file: string;

        before(async () => {
            host = await scene.host();
            file = hashOf(readFileSync(host.file));
            const result = await moved(host);
            for (const secret of passwordForms) {
                assert.ok(!(result.stdout + result.stderr).includes(secret));
            }
            const lines = said(result).filter((line) => !/: \d+ rows are there$/.test(line));
            assert.deepStrictEqual(
                lines.map((line) => line.replaceAll(/\d{8}T\d{6}Z/g, "<time>")),
                [
                    lines[0].replaceAll(/\d{8}T\d{6}Z/g, "<time>"),
                    "move: comparing",
                    `move: all ${said(result).reduce((sum, line) => sum + Number(/: (\d+) rows are there$/.exec(line)?.[1] ?? 0), 0)} rows are the same on both sides`,
                    `move: the file is kept: ${host.file}.moved-<time>`,
                    "move: the server runs again",
                ],
            );
            assert.match(lines[0], /^backup: s3:\/\/.* copied, opened, checked and stored$/);
        });

        it("brings every row of every table", () => scene.isMoved(host));

        it("stops the server and starts it, backs the file up first, and keeps it as it was", async () => {
            assert.deepStrictEqual(host.calls(), ["systemctl stop mlflow.service", "systemctl start mlflow.service"]);
            assert.strictEqual(hashOf(readFileSync(keptFile(host))), file);
            assert.deepStrictEqual(stateOf(host), ["mlflow.db.moved-<time>"]);
            const [backup, ...more] = await cloud.backups(host);
            assert.match(backup, new RegExp(`^\\w+-${newestRevision()}\\.sqlite\\.gz$`));
            assert.deepStrictEqual(more, []);
        });

        it("leaves a database that the server's start takes as it is", async () => {
            const result = await host.prepare();
            assert.deepStrictEqual([result.status, said(result)], [0, []]);
        });

        it("has nothing to do a second time", async () => {
            const before = cloud.everything(host);
            for (const words of [[], ["--run"]]) {
                const { status, stderr } = await move(host, ...words);
                assert.strictEqual(status, 1);
                assert.match(
                    stderr,
                    /^move: (there is no .*, and nothing to move; moved before: |the database .*: it holds rows in )/,
                );
            }
            assert.strictEqual(cloud.everything(host), before);
        });

        it("has a real server that answers as it did before", async () => {
            const python = await install();
            const answersOf = async (name: string, settings: object) => {
                const folder = path.join(cloud.folder, name);
                const state = path.join(folder, "root/var/lib/mlflow/server");
                mkdirSync(state, { recursive: true });
                writeFileSync(path.join(state, "webhook-key"), webhookKey);
                if (name === "sqlite") {
                    copyFileSync(scene.made, path.join(state, "mlflow.db"));
                }
                const env = {
                    AWS_ENDPOINT_URL: cloud.endpoint,
                    AWS_ACCESS_KEY_ID: "anybody",
                    AWS_SECRET_ACCESS_KEY: "anything",
                };
                const server = await DrillHost.start({ python, folder, settings, env });
                try {
                    await server.usable();
                    const found = [];
                    for (const [method, target, body] of questions) {
                        found.push(await ask(server.port, method, target, body));
                    }
                    return found;
                } finally {
                    await server.stop();
                }
            };
            const ids = scene.rows.experiments.rows.map(([id]) => id.replaceAll("'", ""));
            const order = ["attributes.start_time DESC", "attributes.run_id"];
            const questions: [string, string, object?][] = [
                [
                    "POST",
                    "/api/2.0/mlflow/experiments/search",
                    { max_results: 100, view_type: "ALL", order_by: ["experiment_id ASC"] },
                ],
                ["POST", "/api/2.0/mlflow/runs/search", { experiment_ids: ids, run_view_type: "ALL", order_by: order }],
                [
                    "POST",
                    "/api/2.0/mlflow/runs/search",
                    { experiment_ids: ids, filter: "metrics.loss < 0.1 AND params.p2 LIKE '%é%'", order_by: order },
                ],
                ["GET", "/api/2.0/mlflow/registered-models/search"],
                ["GET", "/api/2.0/mlflow/model-versions/search"],
                ["POST", "/api/2.0/mlflow/logged-models/search", { experiment_ids: ids }],
                [
                    "POST",
                    "/api/3.0/mlflow/traces/search",
                    {
                        locations: ids.map((experiment_id) => ({
                            type: "MLFLOW_EXPERIMENT",
                            mlflow_experiment: { experiment_id },
                        })),
                    },
                ],
                ["GET", "/api/2.0/mlflow/webhooks"],
            ];
            const before = await answersOf("sqlite", {});
            const after = await answersOf("postgresql", { databaseParameter: host.options.external!.parameter });
            assert.deepStrictEqual(after, before);
            const [, { runs }] = before as [unknown, { runs: unknown[] }];
            assert.strictEqual(runs.length, 12);
        });

        it("gives new experiments numbers that nobody has", () => {
            const insert =
                "INSERT INTO experiments (name, lifecycle_stage) VALUES ('new', 'active') RETURNING experiment_id";
            const [made] = cloud.query(databaseOf(host.options), insert).split("\n");
            const taken = scene.rows.experiments.rows.map(([id]) => Number(id));
            assert.strictEqual(Number(made), Math.max(...taken) + 1);
        });
    });
});
