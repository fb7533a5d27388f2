import assert from "node:assert";
import {
    mkdirSync,
    readdirSync,
    readFileSync,
    realpathSync,
    rmSync,
    statSync,
    symlinkSync,
    writeFileSync,
} from "node:fs";
import * as path from "node:path";
import { run } from "../../commands/run";
import { cleanEnvironment } from "../../sandbox/tools";
import { writeOutputs } from "../support/outputsFile";
import { repository, temporaryFolder } from "../support/sandbox";

// `npm run handover` with the outputs of the real program: what it prints and writes, and where the secret is. What the page says is
// in tests/unit/handover.page.test.ts. Not proved: the state of a real stack.

describe("the handover page", function () {
    this.timeout(120_000);
    let folder: string;
    let secret: string;
    const [masked, open, roles] = ["masked.json", "open.json", "roles.json"];

    before(async () => {
        folder = realpathSync(temporaryFolder());
        const { clientSecretAccessKey } = await writeOutputs(path.join(folder, open), {}, true);
        secret = String(clientSecretAccessKey);
        await writeOutputs(path.join(folder, masked), {});
        await writeOutputs(path.join(folder, roles), { clientRoleNames: ["data-scientist"] });
    });
    after(() => rmSync(folder, { recursive: true, force: true }));

    /** As npm starts it, called from the test's folder. */
    const command = (...words: string[]) =>
        run(
            [
                process.execPath,
                "-r",
                "./scripts/compileCache.js",
                "-r",
                "ts-node/register",
                "teammate/handover.ts",
                ...words,
            ],
            {
                env: { ...cleanEnvironment(), INIT_CWD: folder },
                cwd: repository,
            },
        );

    const files = (name: string): Record<string, string> =>
        Object.fromEntries(
            readdirSync(path.join(folder, name)).map((file) => [
                file,
                readFileSync(path.join(folder, name, file), "utf8"),
            ]),
        );
    const modes = (name: string): string[] =>
        readdirSync(path.join(folder, name)).map((file) =>
            (statSync(path.join(folder, name, file)).mode & 0o777).toString(8),
        );

    it("is printed without the secret, also where the outputs hold it", async () => {
        const [fromMasked, fromOpen] = [await command("--outputs", masked), await command("test", "--outputs", open)];
        assert.deepStrictEqual([fromMasked.status, fromMasked.stderr], [0, ""]);
        assert.match(fromMasked.stdout, /^# MLflow of `test`\n/);
        assert.strictEqual(fromOpen.stdout, fromMasked.stdout);
        assert.ok(!fromOpen.stdout.includes(secret));
    });

    it("is written as Markdown and HTML, without the secret", async () => {
        const { status, stdout, stderr } = await command("--outputs", open, "--folder", "made/here");
        assert.deepStrictEqual([status, stderr], [0, ""]);
        const [markdown, html] = ["mlflow-test.md", "mlflow-test.html"];
        assert.strictEqual(
            stdout,
            [markdown, html].map((name) => `${path.join(folder, "made/here", name)}\n`).join(""),
        );
        const written = files("made/here");
        assert.deepStrictEqual(Object.keys(written).sort(), [html, markdown]);
        assert.strictEqual(written[markdown], (await command("--outputs", open)).stdout);
        assert.match(written[html], /^<!doctype html>\n/);
        Object.values(written).forEach((text) => assert.ok(!text.includes(secret)));
    });

    it("has the secret where it is asked for, and warns of it", async () => {
        const { status, stdout, stderr } = await command("--outputs", open, "--with-secrets");
        assert.strictEqual(status, 0);
        assert.ok(stdout.includes(`\n${secret}\n`));
        assert.match(stderr, /^Warning: this page holds the secret of the key AKIA\w+\. .*\n$/);
        assert.ok(!stderr.includes(secret));
    });

    it("is for nobody else's eyes with the secret, whatever stood there before", async () => {
        const elsewhere = path.join(folder, "elsewhere");
        writeFileSync(elsewhere, "untouched");
        mkdirSync(path.join(folder, "private"));
        writeFileSync(path.join(folder, "private/mlflow-test.md"), "old", { mode: 0o666 });
        symlinkSync(elsewhere, path.join(folder, "private/mlflow-test.html"));
        const { status, stderr } = await command("--outputs", open, "--with-secrets", "--folder", "private");
        assert.strictEqual(status, 0, stderr);
        assert.match(stderr, /^Warning: these files hold the secret of the key AKIA\w+\. /);
        assert.deepStrictEqual(modes("private"), ["600", "600"]);
        Object.values(files("private")).forEach((text) => assert.ok(text.includes(secret)));
        assert.strictEqual(readFileSync(elsewhere, "utf8"), "untouched");
    });

    it("is refused with a secret that the outputs do not have, and nothing is written", async () => {
        const { status, stdout, stderr } = await command("--outputs", masked, "--with-secrets", "--folder", "none");
        assert.deepStrictEqual([status, stdout], [5, ""]);
        assert.strictEqual(
            stderr,
            "--with-secrets: got outputs without profileSetupCommands; allowed: outputs that hold their secrets; remedy: leave " +
                "--outputs out, or make the file by pulumi stack output --json --show-secrets, or leave --with-secrets out\n",
        );
        assert.ok(!readdirSync(folder).includes("none"));
    });

    it("has no secret, and warns of none, where people have roles", async () => {
        const { status, stdout, stderr } = await command("--outputs", roles, "--with-secrets");
        assert.deepStrictEqual([status, stderr], [0, ""]);
        assert.match(stdout, /role_arn arn:aws:iam::123456789012:role\/data-scientist/);
        assert.strictEqual((await command("--outputs", roles)).stdout, stdout);
    });

    it("is refused where no folder can be", async () => {
        const { status, stdout, stderr } = await command("--outputs", open, "--folder", masked);
        assert.deepStrictEqual([status, stdout], [5, ""]);
        assert.match(stderr, /^--folder: got .*masked\.json: EEXIST.*; allowed: a folder that can be written to/);
    });

    it("says how it ends", async () => {
        const { status, stdout } = await command("--help");
        assert.strictEqual(status, 0);
        assert.match(stdout, /--with-secrets[^]*Exit codes:\n {2}0 {2}done/);
    });
});
