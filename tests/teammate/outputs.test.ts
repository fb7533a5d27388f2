import assert from "node:assert";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { UserError } from "../../commands/userError";
import { type Result, run } from "../../commands/run";
import { cleanEnvironment } from "../../sandbox/tools";
import { parseOutputs, readOutputs } from "../../commands/outputs";
import { publicKey } from "../support/settings";
import { repository, temporaryFolder } from "../support/sandbox";
import { evaluateStack } from "../support/stack";

// The outputs that the teammates' commands work on, from a file; from a stack's state they are read in tests/engine. And what
// all of these commands have in common: help, exit codes, paths, messages without a stack trace.

const commands = ["connect", "doctor", "smoke", "handover", "keys"];

describe("the outputs of a stack", () => {
    const modes: Record<string, Record<string, unknown>> = {
        "an empty stack file": {},
        "SSH access": { accessMode: "ssh", sshPublicKey: publicKey, sshAllowedCidrs: ["203.0.113.0/24"] },
        "direct artifacts": { artifactMode: "direct" },
        roles: { clientRoleNames: ["DataScientist"] },
        "two keys": { accessKeyB: "active" },
        "running hours": { runningHours: "Mon-Fri 07:00-19:00" },
        "an existing instance": { existingInstanceId: "i-0123456789abcdef0" },
        postgresql: { backend: "external", databaseHost: "db", databasePassword: "x" },
    };
    for (const [mode, settings] of Object.entries(modes)) {
        it(`are understood with ${mode}, secrets masked or not`, async () => {
            const values = await valuesOf(settings);
            const full = parseOutputs(values);
            const masked = parseOutputs(await valuesOf(settings, "[secret]"));
            for (const [name, value] of Object.entries(full)) {
                assert.deepStrictEqual(value, values[name], name);
            }
            const hidden = Object.keys(full).filter(
                (name) => !(name in masked) || masked[name as "stack"] === undefined,
            );
            assert.deepStrictEqual(
                hidden.filter((name) => full[name as "stack"] !== undefined),
                mode === "roles" ? [] : ["clientSecretAccessKey", "profileCredentialsSnippet", "profileSetupCommands"],
            );
        });
    }

    it("are refused with every one that is missing or of another form", async () => {
        const { bucketName, ...rest } = await valuesOf({});
        assert.ok(bucketName);
        assert.throws(
            () =>
                parseOutputs({ ...rest, outputsVersion: 2, accessMode: "telnet", trackingUri: "http://evil.example" }),
            (error: UserError) => {
                assert.match(
                    error.message,
                    /missing or of another form: accessMode, bucketName, outputsVersion, trackingUri;/,
                );
                return error.exitCode === 5;
            },
        );
        for (const nothing of [null, [], "text", {}]) {
            assert.throws(() => parseOutputs(nothing), UserError);
        }
    });

    it("are refused when they are of another stack than the one that is asked for", async () => {
        const folder = temporaryFolder();
        try {
            const file = path.join(folder, "prod.json");
            writeFileSync(file, JSON.stringify({ ...(await valuesOf({})), stack: "prod" }));
            assert.strictEqual((await readOutputs(undefined, file)).stack, "prod");
            await assert.rejects(readOutputs("dev", file), (error: UserError) => {
                assert.strictEqual(
                    error.message,
                    `--outputs: got ${file}, which is of stack prod; allowed: a file of stack dev; remedy: leave the stack's name ` +
                        "out, or ask for the outputs of dev",
                );
                return error.exitCode === 5;
            });
        } finally {
            rmSync(folder, { recursive: true, force: true });
        }
    });
});

describe("every command for a stack", function () {
    this.timeout(120_000);
    let folder: string;

    before(() => {
        folder = temporaryFolder();
        mkdirSync(path.join(folder, "elsewhere"));
        writeFileSync(path.join(folder, "elsewhere/broken.json"), "{");
    });

    after(() => rmSync(folder, { recursive: true, force: true }));

    /** As npm does it: in the project's folder, with the folder of the user in a variable. */
    function npmRun(name: string, words: string[], from = repository): Promise<Result> {
        const env = cleanEnvironment({ HOME: folder, npm_config_update_notifier: "false" });
        return run(["npm", "run", "--silent", name, "--", ...words], { env, cwd: from });
    }

    for (const name of commands) {
        it(`${name} answers --help, with its exit codes`, async () => {
            const { status, stdout, stderr } = await npmRun(name, ["--help"]);
            assert.strictEqual(status, 0, stderr);
            assert.match(stdout, new RegExp(`^Usage: npm run ${name} -- <stack> `));
            assert.match(stdout, /--outputs <file>/);
            assert.match(stdout, /\nExit codes:\n {2}0 {2}.*\n {2}1 {2}.*\n {2}3 {2}.*\n {2}5 {2}.*\n {2}8 {2}.*\n$/);
        });

        it(`${name} ends with 5 for words, files and stacks that it can't use, and one clear message`, async () => {
            const cases: [words: string[], message: RegExp][] = [
                [[], /^stack: got nothing; allowed: the name of a stack, or --outputs <file>; remedy: /],
                [["--bogus"], /^error: unknown option '--bogus'/],
                [["dev", "--outputs", "missing.json"], /^--outputs: got .*\/operating\/missing\.json: ENOENT/],
                [["--outputs", path.join(folder, "elsewhere/broken.json")], /^--outputs: got .*broken\.json: .*JSON/],
            ];
            for (const [words, message] of cases) {
                const { status, stdout, stderr } = await npmRun(name, words, path.join(repository, "operating"));
                assert.strictEqual(status, 5, `${name} ${words.join(" ")}: ${stdout}${stderr}`);
                assert.match(stderr, message);
                assert.doesNotMatch(stderr, /^\s+at /m);
            }
        });
    }
});

/** @param secrets what stands in their place; by default themselves */
async function valuesOf(settings: Record<string, unknown>, secrets?: string): Promise<Record<string, unknown>> {
    const { outputs } = await evaluateStack(settings);
    return Object.fromEntries(
        Object.entries(outputs).map(([name, { value, secret }]) => [name, secret && secrets ? secrets : value]),
    );
}
