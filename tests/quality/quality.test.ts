import assert from "node:assert";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { generated } from "../../docs/generated";
import { readProject } from "../../plan/stackConfig";
import { run } from "../../commands/run";
import { cleanEnvironment, findPython, installServer, installTools, toolFolder } from "../../sandbox/tools";
import { type Key, ruleOf, rules } from "../../settings/rules";

// The state of the checkout itself: types, lint, format, and documents that are made from the code.

const root = path.join(__dirname, "../..");
const read = (file: string) => readFileSync(path.join(root, file), "utf8");

describe("the checkout", function () {
    this.timeout(300_000);

    for (const [what, script] of [
        ["has no type errors", "types"],
        ["has no lint", "lint"],
        ["is formatted", "format:check"],
    ]) {
        it(`${what} (npm run ${script})`, () => {
            const { status, stdout, stderr } = spawnSync("npm", ["run", "--silent", script], {
                cwd: root,
                encoding: "utf8",
            });
            assert.strictEqual(status, 0, stdout + stderr);
        });
    }

    for (const [what, words] of [
        ["has no lint in its Python", ["check"]],
        ["has formatted Python", ["format", "--check"]],
    ] as const) {
        it(`${what} (ruff ${words.join(" ")})`, async () => {
            const python = await findPython();
            await installServer(python); // with the installer of the others
            await installTools("linter", python);
            const ruff = path.join(toolFolder("linter"), "ruff");
            const { status, stdout, stderr } = await run([ruff, ...words, "--no-cache", "--quiet", "."], {
                env: cleanEnvironment(),
                cwd: root,
            });
            assert.deepStrictEqual([status, stdout, stderr], [0, "", ""]);
        });
    }

    for (const [page, written, row] of [
        ["README.md", "settings", "| `accessMode` | `ssm` |"],
        ["docs/cost.md", "what stacks cost", "dev costs about **23.56 USD a month**"],
        ["docs/deployment-rights.md", "the rights of deployments", "| `aws.iam.AccessKey` | the client user |"],
        ["docs/automation.md", "exit codes", "| 6 | another update of the stack"],
        ["docs/monitoring.md", "alarms", "| `restarts` | The server has ended by itself"],
        [
            "docs/operating.md",
            "what a change of each setting does",
            "| `workers` | an empty settings file | `3` | host replaced",
        ],
        ["docs/policies.md", "rules and exceptions", "| `bucket-requires-tls` | mandatory |"],
        ["docs/teammates.md", "install lines and checks", "| `profile` | The profile is there |"],
    ]) {
        it(`says in ${page} what the code says: ${written} (npm run docs)`, async () => {
            const text = read(page);
            assert.ok(text.includes(row), row);
            assert.strictEqual(await generated[page](text), text);
        });
    }

    it("declares every setting in Pulumi.yaml with its type, default and description, and no other", () => {
        const { declarations } = readProject();
        const own = Object.entries(declarations).filter(([key]) => !key.includes(":"));
        assert.deepStrictEqual(
            own.map(([key]) => key),
            Object.keys(rules),
        );
        for (const [key, { type, default: value, description }] of own) {
            assert.strictEqual(type, ruleOf(key as Key).type, key);
            assert.ok(value !== undefined && description, key);
        }
    });

    it("has no default anywhere but in Pulumi.yaml", () => {
        for (const file of ["config.ts", "settings/rules.ts", "settings/relations.ts", "settings/check.ts"]) {
            assert.doesNotMatch(read(file), /\.default\(|\.prefault\(|\.catch\(/, file);
        }
    });

    it("links only to files that exist", () => {
        const tracked = spawnSync("git", ["ls-files", "*.md"], { cwd: root, encoding: "utf8" }).stdout.trim();
        const pages = tracked.split("\n");
        assert.ok(pages.length >= 6);
        const links = pages.flatMap((page) =>
            [...read(page).matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)].map(([, link]) => ({ page, link })),
        );
        assert.ok(links.length >= 10);
        for (const { page, link } of links) {
            assert.ok(existsSync(path.join(root, path.dirname(page), link)), `${page}: ${link}`);
        }
    });
});
