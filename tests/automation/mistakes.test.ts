import assert from "node:assert";
import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { unlessEngine } from "../support/engine";
import { type EngineScene, type StackProject, withEngineScene } from "../support/engineScene";
import { type StackOutcome, stackCommand, startStackCommand } from "../support/stackCommand";

// What `npm run stack` says of mistakes, and with which code it ends: a real engine, and the emulator as AWS. Sign-in at Pulumi's
// service and secrets behind a KMS key are not here; what the engine says of them is in errors.test.ts.

describe(`npm run stack says what to do, without a stack trace, and changes nothing${unlessEngine}`, function () {
    this.timeout(300_000);
    let scene: EngineScene;
    let project: StackProject;

    const run = (...words: string[]): Promise<StackOutcome> => stackCommand(scene, project, words);
    const deeds = () => scene.provider.deeds.filter(({ operation }) => operation !== "read").length;
    const write = (name: string, text: string) => writeFileSync(path.join(project.project.folder, name), text);

    withEngineScene(async (given) => {
        scene = given;
        project = await scene.project({ dev: {} });
        const { status, output } = await run("up", "dev", "--no-health-check");
        assert.strictEqual(status, 0, output);
    });

    const cases: [title: string, code: number, said: RegExp, run: () => Promise<StackOutcome>][] = [
        [
            "with a wrong passphrase",
            5,
            /^passphrase: got .*incorrect passphrase.*; allowed: .*; remedy: set PULUMI_CONFIG_PASSPHRASE/m,
            () => stackCommand(scene, project, ["preview", "dev"], { PULUMI_CONFIG_PASSPHRASE: "other" }),
        ],
        [
            "without a passphrase",
            5,
            /^passphrase: got .*passphrase must be set.*; remedy: set PULUMI_CONFIG_PASSPHRASE/m,
            () => stackCommand(scene, project, ["preview", "dev"], { PULUMI_CONFIG_PASSPHRASE: undefined }),
        ],
        [
            "without a settings file",
            5,
            /^stack: got "other", but there is no Pulumi\.other\.yaml; allowed: dev; remedy: /m,
            () => run("preview", "other"),
        ],
        [
            "without such a stack",
            5,
            /^stack: got .*no stack named 'new' found; allowed: .*; remedy: npx pulumi stack init new/m,
            () => {
                writeFileSync(path.join(project.project.folder, "Pulumi.new.yaml"), "config: {}\n");
                return run("preview", "new");
            },
        ],
        [
            "with a setting of the wrong type",
            5,
            /^settings: got .*'workers' must be of type 'integer'.*; remedy: correct Pulumi\.dev\.yaml/m,
            () => {
                project.set("dev", { workers: "many" });
                return run("preview", "dev");
            },
        ],
        [
            "with settings that do not fit each other",
            5,
            /localPort: got 5000; allowed: /,
            () => {
                project.set("dev", { localPort: 5000 });
                return run("preview", "dev");
            },
        ],
        [
            "with an account that is no list",
            5,
            /^aws:allowedAccountIds: got 123456789012; allowed: a list of accounts, each 12 digits in quotes; remedy: correct Pulumi\.dev\.yaml: /m,
            () => {
                project.set("dev", { "aws:allowedAccountIds": "123456789012" });
                return run("preview", "dev");
            },
        ],
        [
            "with an account that is none",
            5,
            /^aws:allowedAccountIds: got \["mine"\]; allowed: a list of accounts/m,
            () => {
                project.set("dev", { "aws:allowedAccountIds": ["mine"] });
                return run("preview", "dev");
            },
        ],
        [
            "with a settings file that is no YAML",
            5,
            /^Pulumi\.broken\.yaml: got .* at line \d+, column \d+:?; allowed: YAML; remedy: correct it$/m,
            async () => {
                project.set("dev", {});
                write("Pulumi.broken.yaml", "config:\n  mlflow-aws:tags: [\n");
                const outcome = await run("preview", "broken");
                rmSync(path.join(project.project.folder, "Pulumi.broken.yaml"));
                return outcome;
            },
        ],
        [
            "with a summary that cannot be written",
            5,
            /'none\/summary\.md' is invalid\. there is no folder \/.*\/none\./,
            async () => ({
                ...(await startStackCommand(scene, project, ["up", "dev", "--summary", "none/summary.md"]).ended),
                summary: undefined,
            }),
        ],
        [
            "in another account",
            3,
            /^account: got 123456789012; allowed: 210987654321 \(aws:allowedAccountIds\); remedy: use credentials of that account$/m,
            () => {
                project.set("dev", { "aws:allowedAccountIds": ["210987654321"] });
                return run("up", "dev", "--no-health-check");
            },
        ],
        [
            "in another region than the shell's",
            3,
            /^AWS_REGION: got eu-west-1; allowed: us-west-1 /m,
            () => {
                project.set("dev", {});
                return stackCommand(scene, project, ["up", "dev", "--no-health-check"], {
                    AWS_REGION: "eu-west-1",
                });
            },
        ],
        [
            "in another region than it is deployed in",
            3,
            /^aws:region: got eu-west-1; allowed: us-west-1, where stack dev is deployed;/m,
            () => {
                project.set("dev", { "aws:region": "eu-west-1" });
                return run("up", "dev", "--no-health-check");
            },
        ],
        [
            "without credentials",
            5,
            /^credentials: got CredentialsProviderError: .*; allowed: AWS credentials/m,
            () => {
                project.set("dev", {});
                const without = {
                    AWS_ACCESS_KEY_ID: undefined,
                    AWS_SECRET_ACCESS_KEY: undefined,
                    HOME: path.join(project.project.folder, "none"),
                };
                return stackCommand(scene, project, ["preview", "dev"], without);
            },
        ],
        [
            "with an engine that is too old",
            8,
            /^pulumi: got version 3\.100\.0; allowed: version 3\.230\.0 or later \(Pulumi\.yaml\); remedy: npm ci/m,
            () => withPulumi("#!/bin/sh\necho v3.100.0\n"),
        ],
        [
            "without an engine",
            8,
            /^pulumi: got none that runs .*; allowed: version 3\.230\.0 or later; remedy: npm ci/m,
            () => withPulumi(undefined),
        ],
        ["with a command that it does not have", 5, /unknown command 'deploy'/, () => run("deploy", "dev")],
    ];

    /** With this program as the only engine. */
    async function withPulumi(script: string | undefined): Promise<StackOutcome> {
        const bin = path.join(project.project.folder, "old/bin");
        mkdirSync(bin, { recursive: true });
        if (script) {
            writeFileSync(path.join(bin, "pulumi"), script);
            chmodSync(path.join(bin, "pulumi"), 0o755);
        } else {
            rmSync(path.join(bin, "pulumi"), { force: true });
        }
        return stackCommand(scene, project, ["preview", "dev"], { PATH: `${bin}:/usr/bin:/bin` });
    }

    for (const [title, code, said, act] of cases) {
        it(title, async () => {
            const before = deeds();
            const { status, output } = await act();
            assert.strictEqual(status, code, output);
            assert.match(output, said);
            assert.doesNotMatch(output, /^\s+at /m);
            assert.strictEqual(deeds(), before);
        });
    }
});
