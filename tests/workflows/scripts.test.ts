import assert from "node:assert";
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { type Result, run } from "../../commands/run";
import { hasProgram, repository, skipFor, temporaryFolder } from "../support/sandbox";

// The scripts of the GitHub workflows in a real shell, with stand-ins for npm and gh: GitHub itself is not here.

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

    function script(name: string, words: string[], extra: NodeJS.ProcessEnv = {}): Promise<Result> {
        return run(["bash", path.join(scripts, name), ...words], {
            cwd: folder,
            env: {
                PATH: `${folder}:${process.env.PATH}`,
                RUNNER_TEMP: folder,
                GITHUB_OUTPUT: path.join(folder, "output"),
                GITHUB_STEP_SUMMARY: path.join(folder, "job-summary"),
                GITHUB_REPOSITORY: "team/mlflow",
                GITHUB_SERVER_URL: "https://github.com",
                GITHUB_RUN_ID: "7",
                GITHUB_REF_NAME: "main",
                GITHUB_SHA: "new",
                PULL_REQUEST: "12",
                ...extra,
            },
        });
    }

    describe("stack.sh", () => {
        for (const status of [0, 1, 2, 3, 7]) {
            it(`ends with the command's code ${status}, and keeps its summary`, async () => {
                program("npm", `echo summary >"${folder}/summary-dev.md"; exit ${status}`);
                assert.strictEqual((await script("stack.sh", ["up", "dev"])).status, status);
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
            assert.strictEqual((await script("stack.sh", ["up", "dev"])).status, 8);
            assert.match(written("job-summary"), /ended with exit code 8, without a summary/);
        });
    });

    describe("newest.sh", () => {
        it("lets the newest commit of the branch be deployed", async () => {
            program("gh", "echo new");
            assert.strictEqual((await script("newest.sh", [])).status, 0);
            assert.strictEqual(written("calls"), "api repos/team/mlflow/commits/heads/main --jq .sha\n");
        });

        it("refuses another, and does not go on when GitHub does not answer", async () => {
            program("gh", "echo newer");
            const { status, stdout } = await script("newest.sh", []);
            assert.deepStrictEqual(
                [status, stdout.startsWith("::error::new is no longer the newest commit of main")],
                [3, true],
            );
            program("gh", "exit 4");
            assert.notStrictEqual((await script("newest.sh", [])).status, 0);
        });
    });

    describe("post.sh", () => {
        const own = { id: 5, number: 6, user: { login: "github-actions[bot]" }, body: "<!-- mlflow-aws dev -->\nold" };
        const others = [
            { ...own, id: 1, number: 1, user: { login: "eve" } },
            { ...own, id: 2, number: 2, body: "<!-- mlflow-aws prod -->" },
            { ...own, id: 3, number: 3, body: null },
        ];

        before(function () {
            skipFor(hasProgram("jq") ? undefined : "no jq", this);
        });

        /** GitHub has these comments or issues. */
        const have = (found: unknown[]) => {
            writeFileSync(path.join(folder, "found.json"), JSON.stringify(found));
            program("gh", `if [[ $* == *--paginate* ]]; then cat "${folder}/found.json"; fi`);
        };
        const calls = () =>
            written("calls")
                .replaceAll(/body=@\S+/g, "body=@file")
                .trimEnd()
                .split("\n");

        it("makes a comment where there is none of this stack by the workflow", async () => {
            have(others);
            writeFileSync(path.join(folder, "summary-dev.md"), "text");
            assert.strictEqual((await script("post.sh", ["comment", "dev"])).status, 0);
            assert.deepStrictEqual(calls(), [
                "api --paginate repos/team/mlflow/issues/12/comments?per_page=100",
                "api --method POST repos/team/mlflow/issues/12/comments --field body=@file --silent",
            ]);
        });

        it("replaces its own", async () => {
            have([...others, own]);
            assert.strictEqual((await script("post.sh", ["comment", "dev"])).status, 0);
            assert.strictEqual(
                calls()[1],
                "api --method PATCH repos/team/mlflow/issues/comments/5 --field body=@file --silent",
            );
        });

        it("makes an issue of a drift, and replaces its own", async () => {
            have(others);
            await script("post.sh", ["issue", "dev"]);
            have([own]);
            await script("post.sh", ["issue", "dev"]);
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
            assert.notStrictEqual((await script("post.sh", ["comment", "dev"])).status, 0);
        });
    });
});
