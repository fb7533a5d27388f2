import assert from "node:assert";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { environmentFile, stackEnvironment } from "../../components/hostInstaller";
import { runOrFail } from "../../commands/run";
import { cleanEnvironment, installedHost } from "../../sandbox/tools";
import { hostSettings } from "../support/hostSettings";
import { repository } from "../support/sandbox";
import { secret, TeammateServer } from "../support/teammate";
import { plausible, populate } from "./routeCalls";

// Every route of the server's own table has a verdict in routes.txt, and is called through the forwarder. A route that a new
// version of MLflow adds fails until somebody has judged it. Not proved: that a route does nothing else than its verdict says;
// guard.test.ts tries the known ways to misuse one.

interface Route {
    readonly method: string;
    readonly path: string;
    readonly verdict: string;
    /** What the guard answers, where the verdict is `refused`. */
    readonly refusal?: string;
}

const name = ({ method, path }: { method: string; path: string }) => `${method} ${path}`;

function reviewed(): Route[] {
    let refusal: string | undefined;
    return readFileSync(path.join(__dirname, "routes.txt"), "utf8")
        .split("\n")
        .flatMap((line) => {
            if (line === "" || line.startsWith("#")) {
                refusal = undefined;
                return [];
            }
            if (line.startsWith("> ")) {
                refusal = line.slice(2);
                return [];
            }
            const [template, ...verdicts] = line.split(" ");
            const paths = template.startsWith("{api}")
                ? ["/api", "/ajax-api"].map((prefix) => template.replace("{api}", prefix))
                : [template];
            return paths.flatMap((route) =>
                verdicts.map((entry) => {
                    const [method, verdict] = entry.split("=");
                    return { method, path: route, verdict, refusal };
                }),
            );
        });
}

/** Where MLflow itself answers 500 to a request of this test, and why. */
const faultsOfMlflow: Record<string, string> = {
    "GET /graphql": "it looks for a body",
    "GET {api}/3.0/mlflow/traces/get": "the trace has no spans in the database",
    "GET {api}/3.0/mlflow/traces/batchGet": "the same",
    "PATCH {api}/2.0/mlflow/traces/{request_id}": "FINISHED is a status of runs, not of traces",
    "POST {api}/2.0/mlflow-artifacts/mpu/complete/{artifact_path}": "S3 knows no such upload",
    "POST {api}/2.0/mlflow-artifacts/mpu/abort/{artifact_path}": "the same",
};

describe("the routes of the server", function () {
    this.timeout(600_000);
    const routes = reviewed();
    let server: TeammateServer;

    before(async () => (server = await TeammateServer.start()));
    after(() => server?.stop());

    it("are those of routes.txt, no more and no fewer", async () => {
        const settings = environmentFile(stackEnvironment(hostSettings));
        const python = path.join(installedHost, "opt/mlflow/venv/bin/python");
        const { stdout } = await runOrFail(
            "the route table",
            ["bash", "-euc", 'set -a; . host/server.env; eval "$0"; exec "$1" tests/host/routes.py', settings, python],
            { env: cleanEnvironment({ PYTHONDONTWRITEBYTECODE: "1" }), cwd: repository },
        );
        const actual = stdout.trim().split("\n");
        assert.ok(actual.length > 400, stdout);
        const listed = routes.map(name);
        assert.deepStrictEqual(
            {
                "judge these, in tests/host/routes.txt": actual.filter((route) => !listed.includes(route)),
                "gone, remove these": listed.filter((route) => !actual.includes(route)),
                "listed twice": listed.filter((route, index) => listed.indexOf(route) !== index),
            },
            { "judge these, in tests/host/routes.txt": [], "gone, remove these": [], "listed twice": [] },
        );
    });

    it("have a verdict that means something", () => {
        for (const route of routes) {
            assert.match(route.verdict, /^(reads|writes|refused|absent)$/, name(route));
            assert.strictEqual(route.verdict === "refused", route.refusal !== undefined, name(route));
        }
    });

    it("do what their verdict says when they are called, and nothing outside of the artifacts", async () => {
        const known = await populate(server);
        const faults = new Set<string>();
        const wrong: string[] = [];
        let successes = 0;
        for (const route of plausible(routes, known)) {
            const { status, text } = await server.call(route.method, route.target, { body: route.body });
            const said = `${name(route)}: ${status} ${text.slice(0, 300)}`;
            if (route.verdict === "refused") {
                const wanted = JSON.stringify({ error_code: "PERMISSION_DENIED", message: route.refusal });
                if (status !== 403 || JSON.stringify(JSON.parse(text)) !== wanted) {
                    wrong.push(said);
                }
            } else if (status === 403 || (route.verdict === "absent" && status !== 404) || text.includes(secret)) {
                wrong.push(said);
            }
            if (status >= 500) {
                faults.add(name(route).replace(/\/(ajax-)?api\//, "{api}/"));
            }
            successes += status === 200 ? 1 : 0;
        }
        assert.deepStrictEqual(wrong, []);
        assert.deepStrictEqual([...faults].sort(), Object.keys(faultsOfMlflow).sort());
        assert.ok(successes > 150, `${successes} requests succeeded: they make little sense`);
        assert.ok(await server.unchanged(), JSON.stringify(await server.outside()));
    });
});
