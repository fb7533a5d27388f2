import assert from "node:assert";
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import * as path from "node:path";
import { copyProject } from "../support/projectCopy";

// The command `npm run plan`, run as a person runs it.

const root = path.join(__dirname, "../..");

function planIn(cwd: string, ...words: string[]): { status: number | null; stdout: string; stderr: string } {
    // No settings of AWS or Pulumi, and an empty home: the plan is offline.
    const env = { PATH: process.env.PATH, HOME: "/nonexistent", npm_config_update_notifier: "false" };
    return spawnSync("npm", ["run", "--silent", "plan", "--", ...words], { cwd, encoding: "utf8", env });
}

const plan = (...words: string[]) => planIn(root, ...words);

interface Plan {
    readonly stack: string;
    readonly resources: {
        readonly urn: string;
        readonly type: string;
        readonly name: string;
        readonly parent?: string;
        readonly inputs: Record<string, unknown>;
        readonly protect: boolean;
    }[];
    readonly outputs: Record<string, { readonly value: unknown; readonly secret: boolean }>;
    readonly cost: { readonly total: number; readonly unknown: string[]; readonly lines: { readonly usd?: number }[] };
}

describe("npm run plan", function () {
    this.timeout(60_000);

    for (const stack of ["dev", "prod"]) {
        it(`gives ${stack} as JSON: resources with URNs, parents and inputs, and outputs with their secrecy`, () => {
            const { status, stdout, stderr } = plan(stack, "--json");
            assert.strictEqual(status, 0, stderr);
            const found = JSON.parse(stdout) as Plan;
            assert.deepStrictEqual(Object.keys(found), ["stack", "resources", "outputs", "cost"]);
            assert.strictEqual(found.stack, stack);
            assert.strictEqual(found.resources.length, stack === "prod" ? 38 : 28);
            const [root] = found.resources;
            assert.strictEqual(root.urn, `urn:pulumi:${stack}::mlflow-aws::pulumi:pulumi:Stack::mlflow-aws-${stack}`);
            const seen = new Set<string>([root.urn]);
            for (const { urn, type, name, parent, inputs, protect } of found.resources.slice(1)) {
                assert.ok(urn.startsWith(`urn:pulumi:${stack}::mlflow-aws::`) && urn.endsWith(`${type}::${name}`), urn);
                assert.ok(parent && seen.has(parent), `${urn} comes after its parent`);
                assert.strictEqual(typeof inputs, "object");
                assert.strictEqual(typeof protect, "boolean");
                seen.add(urn);
            }
            const kept = found.resources.filter(({ protect }) => protect).map(({ type }) => type);
            assert.deepStrictEqual(
                kept,
                stack === "prod" ? ["aws:s3/bucket:Bucket", "aws:rds/instance:Instance", "aws:ebs/volume:Volume"] : [],
            );
            assert.strictEqual(found.outputs.accountId.value, "123456789012");
            assert.deepStrictEqual(found.outputs.clientSecretAccessKey, { value: "[secret]", secret: true });
            const { total, unknown, lines } = found.cost;
            assert.deepStrictEqual(
                [total, unknown],
                stack === "prod" ? [40.92, ["database db.t4g.small, one zone in us-west-1"]] : [23.56, []],
            );
            assert.strictEqual(Math.round(lines.reduce((sum, { usd = 0 }) => sum + usd, 0) * 100) / 100, total);
        });
    }

    it("is the same at every run", () => {
        assert.strictEqual(plan("prod", "--json").stdout, plan("prod", "--json").stdout);
    });

    it("masks secrets unless told not to", () => {
        const shown = JSON.parse(plan("dev", "--json", "--show-secrets").stdout) as Plan;
        const secret = String(shown.outputs.clientSecretAccessKey.value);
        assert.match(secret, /^[A-Za-z0-9+/]{40}$/);
        for (const words of [["dev"], ["dev", "--json"]]) {
            const { stdout } = plan(...words);
            assert.ok(stdout.includes("[secret]"));
            assert.ok(!stdout.includes(secret));
        }
    });

    it("says in words who may do what, which ports are open and what is protected", () => {
        const { stdout } = plan("prod");
        for (const line of [
            "│  ├─ aws:s3:Bucket                                   mlflow-prod-artifacts-bucket  [protected]",
            "  Server role may fetch: s3://mlflow-prod-e660e90cf67e4af1/host/*",
            "  Server role may store: s3://mlflow-prod-e660e90cf67e4af1/backups/*; under a new name only",
            "  Client user may list: s3://mlflow-prod-e660e90cf67e4af1; in the folder artifacts/",
            "  in: nothing",
            "  out to 0.0.0.0/0: tcp 443 (S3, Session Manager, packages)",
            "  mlflow-prod-host-data",
            "  trackingUri: http://localhost:5002",
        ]) {
            assert.ok(stdout.split("\n").includes(line), `${line}\nis missing in\n${stdout}`);
        }
    });

    it("says at its end what the stack costs, from when the prices are, and what it assumes", () => {
        const { stdout } = plan("dev");
        const [, cost] = stdout.split("\n\nWhat it costs in a month, about ");
        assert.strictEqual(
            cost.split("\n").slice(0, 8).join("\n"),
            [
                "(USD, us-west-1, prices seen from 2025 to 2026-11):",
                "  S3: artifacts, older versions, backups      1.30  50 GB-month at 0.026",
                "  S3: requests that write or list             0.55  100000 requests at 0.0000055",
                "  data volume, gp3                            1.92  20 GB-month at 0.096 (unverified)",
                "  instance t4g.small                         14.60  730 h at 0.02",
                "  root volume, gp3                            1.54  16 GB-month at 0.096 (unverified)",
                "  public IPv4 address                         3.65  730 h at 0.005",
                "  total                                      23.56",
            ].join("\n"),
        );
        assert.match(cost, /\n {2}assumed: a month of 730 hours, at list price/);
        assert.ok(cost.endsWith("\n  docs/cost.md says where the prices come from, and what a managed server costs\n"));
    });

    it("names the stacks that there are, without a stack trace", () => {
        const { status, stdout, stderr } = plan("nope");
        assert.deepStrictEqual([status, stdout], [1, ""]);
        assert.strictEqual(
            stderr,
            'stack: got "nope", but there is no Pulumi.nope.yaml; allowed: dev, prod; remedy: name one of these, or write ' +
                "Pulumi.nope.yaml, which may be empty\n",
        );
    });

    it("says that a settings file is no YAML, without a stack trace", () => {
        const folder = copyProject({ broken: "config:\n  mlflow-aws:tags: [\n" });
        const { status, stdout, stderr } = planIn(folder, "broken");
        rmSync(folder, { recursive: true });
        assert.deepStrictEqual([status, stdout], [1, ""]);
        assert.match(
            stderr,
            /^Pulumi\.broken\.yaml: got .* at line \d+, column \d+:?; allowed: YAML; remedy: correct it\n$/,
        );
    });
});
