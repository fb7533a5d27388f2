import assert from "node:assert";
import { existsSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { stringify } from "yaml";
import { run } from "../../commands/run";
import { deployRoleName, previewRoleName } from "../../bootstrap/names";
import { hasProgram, repository, skipFor } from "../support/sandbox";
import { actions, files, jobs, type Step, stacksOf, workflows } from "./support";

// The GitHub workflows as files: what actionlint knows of them, and what it does not: pinned actions, least permissions, no text of
// strangers in a script, commands and environments that exist. Not proved: what GitHub and AWS make of them, and that a commit is the
// one of its version (docs/github.md says how to look).

const steps: Step[] = [...jobs.flatMap(({ job }) => job.steps), ...[...actions.values()].flat()];
const scripts = steps.flatMap(({ run: script }) => script ?? []);
const text = [...files.values()].join("\n");
const table = <T>(value: (job: (typeof jobs)[number]["job"]) => T) =>
    Object.fromEntries(jobs.map(({ name, job }) => [name, value(job)]));
const withoutActionlint = hasProgram("actionlint")
    ? undefined
    : "no actionlint: scripts/actionlint.sh <folder of the PATH>";

describe("the workflows", function () {
    this.timeout(60_000);
    const actionlint = (words: string[], input = "") =>
        run(["actionlint", "-no-color", ...words], { env: process.env, cwd: repository, input });

    it("give actionlint nothing to say (skipped without actionlint)", async function () {
        skipFor(withoutActionlint, this);
        const paths = [...workflows.keys()].map((name) => `.github/workflows/${name}.yml`);
        assert.deepStrictEqual(await actionlint(paths), { status: 0, stdout: "", stderr: "" });
    });

    it("give actions no input that they do not have (skipped without actionlint)", async function () {
        skipFor(withoutActionlint, this);
        // It knows the inputs by version, not by commit, and looks into no steps of an action.
        const { jobs } = {
            jobs: { all: { "runs-on": "ubuntu-24.04", steps: steps.filter(({ uses }) => uses?.includes("@")) } },
        };
        const versions = new Map(
            [...text.matchAll(/@([0-9a-f]{40}) # (v\d+)/g)].map(([, commit, version]) => [commit, version]),
        );
        const all = stringify({ on: "push", jobs })
            .replace(/[0-9a-f]{40}/g, (commit) => versions.get(commit)!)
            .replace(/\$\{\{ (inputs|matrix)\.\w+ \}\}/g, "text");
        assert.deepStrictEqual(await actionlint(["-"], all), { status: 0, stdout: "", stderr: "" });
        const wrong = await actionlint(["-"], all.replace("allowed-account-ids:", "allowed-accounts:"));
        assert.match(wrong.stdout, /input "allowed-accounts" is not defined in action/);
    });

    it("pin every action by its commit, with the version, the same everywhere", () => {
        const used = text.split("\n").flatMap((line) => /^\s*(?:- )?uses: (.*)$/.exec(line)?.[1] ?? []);
        assert.strictEqual(used.length, steps.filter(({ uses }) => uses).length);
        const [local, pinned] = [true, false].map((own) => [
            ...new Set(used.filter((name) => name.startsWith("./") === own)),
        ]);
        assert.deepStrictEqual(
            local,
            [...actions.keys()].map((folder) => `./${folder}`),
        );
        for (const name of pinned) {
            assert.match(name, /^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
        }
        assert.deepStrictEqual(pinned.map((name) => name.split("@")[0]).sort(), [
            "actions/checkout",
            "actions/setup-node",
            "actions/setup-python",
            "aws-actions/configure-aws-credentials",
        ]);
    });

    it("run on nothing else, above all not on pull_request_target", () => {
        assert.deepStrictEqual(Object.fromEntries([...workflows].map(([name, workflow]) => [name, workflow.on])), {
            drift: { schedule: [{ cron: "17 2 * * *" }], workflow_dispatch: null },
            preview: { pull_request: { branches: ["main"] } },
            tests: { pull_request: null, push: { branches: ["main"] } },
            up: { push: { branches: ["main"] } },
        });
    });

    it("state the least permissions, of each job", () => {
        for (const [name, { permissions }] of workflows) {
            assert.deepStrictEqual(permissions, {}, name);
        }
        const deploy = { contents: "read", "id-token": "write" };
        assert.deepStrictEqual(
            table((job) => job.permissions),
            {
                "drift drift": { ...deploy, issues: "write" },
                "preview preview": { ...deploy, "pull-requests": "write" },
                "preview previews": {},
                "tests tests": { contents: "read" },
                "up dev": deploy,
                "up prod": deploy,
            },
        );
    });

    it("keep no credentials in the checkout, and have no secrets but tokens of minutes", () => {
        const checkouts = steps.filter(({ uses }) => uses?.startsWith("actions/checkout@"));
        assert.strictEqual(checkouts.length, jobs.filter(({ job }) => job.steps.some(({ uses }) => uses)).length);
        checkouts.forEach((step) => assert.deepStrictEqual(step.with, { "persist-credentials": false }));
        assert.doesNotMatch(text, /secrets\.|aws-access-key-id|aws-secret-access-key/);
        const tokens = steps.filter(({ env }) => env?.GH_TOKEN).map(({ run: script }) => script?.split(" ")[0]);
        assert.deepStrictEqual([...new Set(tokens)].sort(), [".github/scripts/newest.sh", ".github/scripts/post.sh"]);
    });

    it("put nothing of an expression into a script, and go on after no failure", () => {
        assert.ok(scripts.length >= 10);
        // Without a pipe no status is lost: GitHub's shell stops at the first failure, but knows no pipefail.
        scripts.forEach((script) => assert.doesNotMatch(script, /\$\{\{|\||;|&|\n/, script));
        assert.doesNotMatch(text, /continue-on-error|shell: (?!bash$)/m);
    });

    it("run the command with its exit code as their own", () => {
        assert.deepStrictEqual(
            scripts.filter((script) => /stack\.sh|npm run/.test(script)).sort(),
            [
                "exec .github/scripts/stack.sh up dev",
                "exec .github/scripts/stack.sh up prod",
                'exec .github/scripts/stack.sh drift "$STACK"',
                'exec .github/scripts/stack.sh preview "$STACK"',
            ].sort(),
        );
    });

    it("end at a time of their own", () => {
        const minutes = table((job) => job["timeout-minutes"]);
        Object.entries(minutes).forEach(([name, most]) => assert.ok(most && most <= 90, `${name}: ${most}`));
    });

    it("do one thing at a time to a stack, and end no deployment in the middle", () => {
        const groups = table(({ concurrency }) => concurrency && Object.values(concurrency));
        assert.deepStrictEqual(groups, {
            "drift drift": ["drift-${{ matrix.stack }}", false],
            "preview preview": ["preview-${{ matrix.stack }}-${{ github.event.pull_request.number }}", true],
            "preview previews": undefined,
            "tests tests": undefined,
            "up dev": ["up-dev", false],
            "up prod": ["up-prod", false],
        });
        const whole = [...workflows].flatMap(([name, { concurrency }]) => (concurrency ? [name] : []));
        assert.deepStrictEqual(whole, ["tests"]);
        assert.deepStrictEqual(workflows.get("up")!.jobs.prod.needs, "dev");
    });

    it("name stacks that have settings", () => {
        const named = Object.entries(table(stacksOf)).filter(([, stacks]) => stacks.length > 0);
        assert.deepStrictEqual(named.length, 4);
        for (const [name, stacks] of named) {
            stacks.forEach((stack) =>
                assert.ok(existsSync(path.join(repository, `Pulumi.${stack}.yaml`)), `${name}: ${stack}`),
            );
        }
    });

    it("deploy with the role of the environment alone, and look with the other", () => {
        // By it AWS knows a deployment (bootstrap/trust.ts), and would not know what only looks.
        const environments = Object.entries(table(({ environment }) => environment)).filter(([, name]) => name);
        assert.deepStrictEqual(Object.fromEntries(environments), { "up dev": "dev", "up prod": "prod" });
        const roles = jobs.flatMap(({ name, job }) =>
            job.steps.flatMap((step) => (step.with?.role ? [[name, step.with]] : [])),
        );
        const roleOf = (stack: string) => `arn:aws:iam::\${{ vars.AWS_ACCOUNT_ID }}:role/github-mlflow-${stack}`;
        assert.deepStrictEqual(
            [previewRoleName("dev"), deployRoleName("dev")],
            ["github-mlflow-dev-preview", "github-mlflow-dev-deploy"],
        );
        const common = { account: "${{ vars.AWS_ACCOUNT_ID }}", region: "${{ vars.AWS_REGION }}" };
        const look = { ...common, stack: "${{ matrix.stack }}", role: `${roleOf("${{ matrix.stack }}")}-preview` };
        assert.deepStrictEqual(Object.fromEntries(roles), {
            "drift drift": look,
            "preview preview": look,
            "up dev": { ...common, stack: "dev", role: `${roleOf("dev")}-deploy` },
            "up prod": { ...common, stack: "prod", role: `${roleOf("prod")}-deploy` },
        });
    });

    it("use the variables that docs/github.md lists", () => {
        const page = readFileSync(path.join(repository, "docs/github.md"), "utf8");
        const listed = [...page.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, name]) => name);
        const used = [...text.matchAll(/\bvars\.(\w+)/g)].map(([, name]) => name);
        assert.deepStrictEqual(listed.sort(), [...new Set(used)].sort());
    });

    it("say commands and options that exist, and never destroy", async () => {
        const stackCommands = scripts.flatMap((script) => /\/stack\.sh (\S+)/.exec(script)?.[1] ?? []);
        assert.deepStrictEqual([...new Set(stackCommands)].sort(), ["drift", "preview", "up"]);
        assert.doesNotMatch(text, /destroy(?!s a stack)/);
        for (const command of new Set(stackCommands)) {
            const help = ["npm", "run", "--silent", "stack", "--", command, "--help"];
            const { status, stdout, stderr } = await run(help, { env: process.env, cwd: repository });
            assert.strictEqual(status, 0, stderr);
            assert.ok(stdout.includes("--summary <file>"), stdout);
        }
    });

    it("call scripts that exist", () => {
        const called = scripts.flatMap((script) => /^(?:exec )?(\.github\/scripts\/\S+)/.exec(script)?.[1] ?? []);
        assert.deepStrictEqual([...new Set(called)].map((file) => path.basename(file)).sort(), [
            "engine.sh",
            "newest.sh",
            "post.sh",
            "stack.sh",
            "test-tools.sh",
        ]);
        called.forEach((file) => assert.ok(existsSync(path.join(repository, file)), file));
    });
});
