import assert from "node:assert";
import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { marker } from "../../automation/summary";
import { type Result, run } from "../../commands/run";
import { hasProgram, repository, skipFor, temporaryFolder, until } from "../support/sandbox";

// The scripts of the GitHub workflows in a real shell, with stand-ins for npm, npx and gh: GitHub itself is not here. That a real
// update ends cleanly when its workflow is cancelled: tests/automation/interrupted.test.ts. Not run: test-tools.sh, which installs.

const scripts = path.join(repository, ".github/scripts");

describe("the scripts of the workflows", () => {
    let folder: string;

    beforeEach(() => (folder = temporaryFolder()));
    afterEach(() => rmSync(folder, { recursive: true, force: true }));

    /** A program that notes how it is called, and then does this. */
    function program(name: string, script: string): void {
        const file = path.join(folder, name);
        writeFileSync(file, `#!/bin/bash\nprintf '%s\\n' "$*" >>"${folder}/calls"\n${script}\n`);
        chmodSync(file, 0o755);
    }

    const written = (name: string) =>
        existsSync(path.join(folder, name)) ? readFileSync(path.join(folder, name), "utf8") : "";

    const environment = (): NodeJS.ProcessEnv => ({
        PATH: `${folder}:${process.env.PATH}`,
        PULUMI_HOME: folder,
        RUNNER_TEMP: folder,
        GITHUB_OUTPUT: path.join(folder, "output"),
        GITHUB_PATH: path.join(folder, "path"),
        GITHUB_STEP_SUMMARY: path.join(folder, "job-summary"),
        GITHUB_REPOSITORY: "team/mlflow",
        GITHUB_SERVER_URL: "https://github.com",
        GITHUB_RUN_ID: "7",
        GITHUB_REF_NAME: "main",
        GITHUB_SHA: "new",
        PULL_REQUEST: "12",
    });

    const script = (name: string, ...words: string[]): Promise<Result> =>
        run(["bash", path.join(scripts, name), ...words], { cwd: folder, env: environment() });

    it("stop at the first failure, and go on after none", () => {
        for (const file of readdirSync(scripts)) {
            const text = readFileSync(path.join(scripts, file), "utf8");
            // stack.sh looks at the status itself.
            assert.match(text, file === "stack.sh" ? /^set -uo pipefail$/m : /^set -euo pipefail$/m, file);
            assert.doesNotMatch(text, /\|\| (true|:)|set \+e/, file);
        }
    });

    describe("stack.sh", () => {
        for (const status of [0, 1, 2, 3, 7]) {
            it(`ends with the command's code ${status}, and keeps its summary`, async () => {
                program("npm", `echo summary >"${folder}/summary-dev.md"; exit ${status}`);
                assert.strictEqual((await script("stack.sh", "up", "dev")).status, status);
                assert.strictEqual(
                    written("calls"),
                    `run --silent stack -- up dev --summary ${folder}/summary-dev.md\n`,
                );
                assert.strictEqual(written("output"), `code=${status}\n`);
                assert.strictEqual(written("job-summary"), "summary\n");
            });
        }

        it("says that there is no summary, and shows none of an earlier run", async () => {
            writeFileSync(path.join(folder, "summary-dev.md"), "of an earlier run");
            program("npm", "exit 8");
            assert.strictEqual((await script("stack.sh", "up", "dev")).status, 8);
            assert.match(written("job-summary"), /ended with exit code 8, without a summary/);
        });

        it("tells the command once that the run is cancelled, and waits for it", async () => {
            const note = (name: string) => `require("node:fs").appendFileSync("${name}", "x")`;
            const signals = `for (const name of ["SIGINT", "SIGTERM"]) process.on(name, () => ${note("told")})`;
            const end = `setInterval(() => require("node:fs").existsSync("end") && process.exit(1), 20)`;
            program("npm", `exec '${process.execPath}' -e '${signals}; ${end}; ${note("ready")}'`);
            const words = [path.join(scripts, "stack.sh"), "up", "dev"];
            const child = spawn("bash", words, { cwd: folder, env: environment(), stdio: "ignore" });
            const ended = new Promise((resolve) => child.once("close", resolve));
            await until("the command runs", 20, () => written("ready") !== "");
            child.kill("SIGINT");
            await until("the command is told", 20, () => written("told") !== "");
            child.kill("SIGTERM");
            await sleep(300);
            writeFileSync(path.join(folder, "end"), "");
            assert.deepStrictEqual([await ended, written("told"), written("output")], [1, "x", "code=1\n"]);
        });
    });

    describe("engine.sh", () => {
        it("puts the engine that npm has fetched on the PATH of the next steps", async () => {
            const bin = path.join(folder, "versions/3.265.0/bin");
            program("npx", "echo v3.265.0");
            const { status, stdout } = await script("engine.sh");
            assert.deepStrictEqual([status, written("path")], [1, ""]);
            assert.match(stdout, /^::error::pulumi v3\.265\.0 is not in /);

            mkdirSync(bin, { recursive: true });
            writeFileSync(path.join(bin, "pulumi"), "", { mode: 0o755 });
            assert.strictEqual((await script("engine.sh")).status, 0);
            assert.strictEqual(written("path"), `${bin}\n`);
        });

        it("fails when npm cannot fetch it", async () => {
            program("npx", "exit 1");
            assert.deepStrictEqual([(await script("engine.sh")).status, written("path")], [1, ""]);
        });
    });

    describe("newest.sh", () => {
        it("lets the newest commit of the branch be deployed", async () => {
            program("gh", "echo new");
            assert.strictEqual((await script("newest.sh")).status, 0);
            assert.strictEqual(written("calls"), "api repos/team/mlflow/commits/heads/main --jq .sha\n");
        });

        it("refuses another, and does not go on when GitHub does not answer", async () => {
            program("gh", "echo newer");
            const { status, stdout } = await script("newest.sh");
            assert.deepStrictEqual(
                [status, stdout.startsWith("::error::new is no longer the newest commit of main")],
                [3, true],
            );
            program("gh", "exit 4");
            assert.notStrictEqual((await script("newest.sh")).status, 0);
        });
    });

    describe("post.sh", () => {
        const own = { id: 5, number: 6, user: { login: "github-actions[bot]" }, body: `${marker("dev")}\nold` };
        const others = [
            { ...own, id: 1, number: 1, user: { login: "eve" } },
            { ...own, id: 2, number: 2, body: marker("prod") },
            { ...own, id: 3, number: 3, body: null },
            { ...own, id: 4, number: 4, body: `> ${marker("dev")}` },
        ];

        before(function () {
            skipFor(hasProgram("jq") ? undefined : "no jq", this);
        });

        /** GitHub has these comments or issues, and shows what is posted to it. */
        const have = (found: unknown[]) => {
            writeFileSync(path.join(folder, "found.json"), JSON.stringify(found));
            program(
                "gh",
                `if [[ $* == *--paginate* ]]; then cat "${folder}/found.json"; fi
                if [[ $* =~ body=@([^ ]+) ]]; then cp "\${BASH_REMATCH[1]}" "${folder}/body"; fi`,
            );
        };
        const log = "[Log](https://github.com/team/mlflow/actions/runs/7)";
        const calls = () =>
            written("calls")
                .replaceAll(/body=@\S+/g, "body=@file")
                .trimEnd()
                .split("\n");

        it("makes a comment where there is none of this stack by the workflow", async () => {
            have(others);
            writeFileSync(path.join(folder, "summary-dev.md"), "text");
            assert.strictEqual((await script("post.sh", "comment", "dev")).status, 0);
            assert.deepStrictEqual(calls(), [
                "api --paginate repos/team/mlflow/issues/12/comments?per_page=100",
                "api --method POST repos/team/mlflow/issues/12/comments --field body=@file --silent",
            ]);
            assert.strictEqual(written("body"), `text\n\n${log}\n`);
        });

        it("replaces its own", async () => {
            have([...others, own]);
            assert.strictEqual((await script("post.sh", "comment", "dev")).status, 0);
            assert.strictEqual(
                calls()[1],
                "api --method PATCH repos/team/mlflow/issues/comments/5 --field body=@file --silent",
            );
            // There was no summary: what is said can be found and replaced all the same.
            assert.strictEqual(
                written("body"),
                `${marker("dev")}\n**dev**: the run ended before it had a summary.\n\n${log}\n`,
            );
        });

        it("cuts off what GitHub does not take", async () => {
            have([]);
            writeFileSync(path.join(folder, "summary-dev.md"), marker("dev") + "x".repeat(70_000));
            assert.strictEqual((await script("post.sh", "comment", "dev")).status, 0);
            const body = written("body");
            assert.ok(body.length < 65_536 && body.startsWith(marker("dev")), `${body.length}`);
            assert.ok(body.endsWith(`cut off here; the whole is in the job's summary.\n\n${log}\n`));
        });

        it("makes an issue of a drift, and replaces its own", async () => {
            have(others);
            await script("post.sh", "issue", "dev");
            have([own]);
            await script("post.sh", "issue", "dev");
            const list =
                "api --paginate repos/team/mlflow/issues?state=open&creator=github-actions%5Bbot%5D&per_page=100";
            assert.deepStrictEqual(calls(), [
                list,
                "api --method POST repos/team/mlflow/issues --raw-field title=Drift of dev --field body=@file --silent",
                list,
                "api --method PATCH repos/team/mlflow/issues/6 --field body=@file --silent",
            ]);
        });

        it("fails when GitHub does not answer", async () => {
            program("gh", "exit 1");
            assert.notStrictEqual((await script("post.sh", "comment", "dev")).status, 0);
        });
    });
});
