// The stack in an emulator that checks every caller against the stack's policies: teammates with the printed profile, pasted as
// printed, and the server's role, by boto3 and the AWS CLI; what they may do works, and all else is refused and changes nothing.
//
// Not proved, for the emulator judges it wrongly; tests/access/policies.test.ts has it, by an evaluator of our own:
// - conditions, which it ignores: that only the artifacts' names can be listed (it lists all of the bucket to whoever may list
//   something), and that a backup cannot be replaced by the server;
// - policy variables and Session Manager, which it does not have: tunnels and whose session it is;
// - resources outside of S3, which it takes for `*`: the server's own parameter; and what EC2 and JSON services call a refusal;
// - keys that are inactive, which it takes; deletion of several objects by one request, which it refuses to everybody but an
//   administrator; the source of a copy, which it lets anybody read; the bucket's own policy, which is not put there;
// - that AWS decides the same.
import assert from "node:assert";
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { loadSharedConfigFiles } from "@smithy/shared-ini-file-loader";
import { assumeServerRole } from "../../sandbox/emulatedStack";
import { teammateShell } from "../../sandbox/teammateShell";
import { EnforcedStack, planted, withEmulator } from "../support/enforced";
import type { Group } from "../support/enforcedCalls";
import { assertWithBoto3, assertWithCli, type Caller, groupsBut } from "../support/enforcedTries";

/** What a teammate's files hold before. With the keys of `default` the emulator refuses everything. */
const files = {
    config: "[default]\nregion = eu-west-1\n\n[profile work]\nregion = eu-central-1\noutput = text\n",
    credentials:
        "[default]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = default/secret\n\n" +
        "[work]\naws_access_key_id = AKIAI44QH8DHBEXAMPLE\naws_secret_access_key = work/secret\n",
};
const parsedFiles = {
    configFile: { default: { region: "eu-west-1" }, work: { region: "eu-central-1", output: "text" } },
    credentialsFile: {
        default: { aws_access_key_id: "AKIAIOSFODNN7EXAMPLE", aws_secret_access_key: "default/secret" },
        work: { aws_access_key_id: "AKIAI44QH8DHBEXAMPLE", aws_secret_access_key: "work/secret" },
    },
};

const fileOf = (home: string, name: keyof typeof files) => path.join(home, ".aws", name);

/** A teammate's home, with these files. */
function homeIn(folder: string, name: string): string {
    const home = path.join(folder, name);
    mkdirSync(path.join(home, ".aws"), { recursive: true });
    for (const name of ["config", "credentials"] as const) {
        writeFileSync(fileOf(home, name), files[name], { mode: 0o600 });
    }
    return home;
}

/** What somebody may do, and what the emulator judges wrongly for them. */
interface Rights {
    readonly allowed: readonly Group[];
    readonly misjudged: readonly Group[];
    /** What the bucket holds once all that is allowed was done. */
    readonly leaves: readonly string[];
}

const written = [
    ...["artifacts/cli/both/a", "artifacts/cli/both/b", "artifacts/cli/copy", "artifacts/cli/large, 2 parts"],
    ...["artifacts/new", "artifacts/new-large, 2 parts", "artifacts/planted"],
];
const backedUp = ["backups/cli", "backups/new", "backups/new-large, 2 parts", "backups/planted"];

/** The tests of one caller: all that is refused comes first, and leaves everything as it was. */
function testCaller(
    { allowed, misjudged, leaves }: Rights,
    setting: () => { scene: EnforcedStack; boto3: Caller; cli: Caller },
): void {
    it("is refused all else, and changes nothing", async () => {
        const { scene, boto3, cli } = setting();
        const before = await scene.state();
        const groups = groupsBut(scene, ...allowed, ...misjudged);
        await assertWithBoto3(scene, boto3, groups, "refused");
        await assertWithCli(scene, cli, groups, "refused");
        assert.deepStrictEqual(await scene.state(), before);
    });

    if (allowed.length > 0) {
        it("does what is allowed with boto3 and the AWS CLI; what was overwritten is kept", async () => {
            const { scene, boto3, cli } = setting();
            await assertWithBoto3(scene, boto3, allowed, "done");
            await assertWithCli(scene, cli, allowed, "done");
            assert.deepStrictEqual(await scene.objects(), leaves);
            assert.strictEqual(await scene.oldText(), "planted as artifacts/changing");
        });
    }
}

describe("under enforcement", function () {
    this.timeout(300_000);
    let endpoint: string;
    let folder: string;
    let scene: EnforcedStack;
    withEmulator((emulator, itsFolder) => {
        endpoint = emulator.endpoint;
        folder = itsFolder;
    });

    const misjudged = ["listBackups", "listOthers"] as const;
    const outside = planted.filter((key) => !key.startsWith("artifacts/"));
    const teammates: Record<string, Rights> = {
        readWrite: { allowed: ["readArtifacts", "writeArtifacts"], misjudged, leaves: [...written, ...outside] },
        readOnly: { allowed: ["readArtifacts"], misjudged, leaves: planted },
        none: { allowed: [], misjudged: [], leaves: planted },
    };
    for (const [clientS3Rights, rights] of Object.entries(teammates)) {
        describe(`a teammate with ${clientS3Rights}`, () => {
            let pasted: string;
            let configured: string;
            before(async () => {
                scene = await EnforcedStack.createAnew(endpoint, { clientS3Rights });
                pasted = homeIn(folder, `${clientS3Rights}-pasted`);
                appendFileSync(fileOf(pasted, "config"), scene.stack.output("profileConfigSnippet"));
                appendFileSync(fileOf(pasted, "credentials"), scene.stack.output("profileCredentialsSnippet"));
                configured = homeIn(folder, `${clientS3Rights}-configured`);
                const shell = teammateShell(configured, endpoint);
                const { status, stdout, stderr } = await shell(scene.stack.output("profileSetupCommands"));
                assert.deepStrictEqual([status, stderr], [0, ""]);
                assert.ok(!stdout.includes(scene.stack.output("clientSecretAccessKey")), "it shows the secret");
            });

            it("has the same profile by either way, beside those that were there", async () => {
                const name = scene.stack.output("profileName");
                const keys = {
                    aws_access_key_id: scene.stack.output("clientAccessKeyId"),
                    aws_secret_access_key: "(the secret)",
                };
                const wanted = {
                    configFile: { ...parsedFiles.configFile, [name]: { region: "us-west-1", output: "json" } },
                    credentialsFile: { ...parsedFiles.credentialsFile, [name]: keys },
                };
                for (const home of [pasted, configured]) {
                    const [configFilepath, filepath] = [fileOf(home, "config"), fileOf(home, "credentials")];
                    const parsed = await loadSharedConfigFiles({ configFilepath, filepath, ignoreCache: true });
                    const text = JSON.stringify(parsed);
                    const shown = text.replace(scene.stack.output("clientSecretAccessKey"), "(the secret)");
                    assert.deepStrictEqual(JSON.parse(shown), wanted);
                    assert.ok(readFileSync(configFilepath, "utf8").startsWith(files.config));
                    assert.ok(readFileSync(filepath, "utf8").startsWith(files.credentials));
                }
            });

            it("verifies it by the printed commands", async () => {
                const listed = clientS3Rights === "none" ? [] : ["artifacts/changing", "artifacts/planted"];
                for (const home of [pasted, configured]) {
                    const shell = teammateShell(home, endpoint);
                    const { status, stdout, stderr } = await shell(scene.stack.output("profileVerifyCommands"));
                    assert.deepStrictEqual([status, stderr], [0, ""]);
                    assert.ok(stdout.includes(`"arn:aws:iam::123456789012:user/${scene.places.user}"`), stdout);
                    const keys = [...stdout.matchAll(/"Key": "(.*)"/g)].map(([, key]) => key);
                    assert.deepStrictEqual(keys, listed);
                }
            });

            testCaller(rights, () => {
                const variables = { AWS_PROFILE: scene.stack.output("profileName") };
                return { scene, boto3: { home: pasted, variables }, cli: { home: configured, variables } };
            });
        });
    }

    describe("the server's role", () => {
        let server: Caller;
        before(async () => {
            scene = await EnforcedStack.createAnew(endpoint, {});
            const credentials = await assumeServerRole(scene.stack, endpoint);
            const variables = { ...credentials, AWS_DEFAULT_REGION: scene.stack.output("region") };
            server = { home: path.join(folder, "instance"), variables };
        });

        testCaller(
            {
                allowed: ["readArtifacts", "writeArtifacts", "readBundle", "listBackups", "readBackups", "addBackups"],
                misjudged: ["listOthers", "replaceBackups"],
                leaves: [...written, "artifactsX/planted", ...backedUp, "planted"],
            },
            () => ({ scene, boto3: server, cli: server }),
        );
    });

    it("another user of the account is refused all of it", async () => {
        scene = await EnforcedStack.createAnew(endpoint, {});
        const variables = { ...scene.stranger, AWS_DEFAULT_REGION: scene.stack.output("region") };
        await assertWithBoto3(scene, { home: path.join(folder, "stranger"), variables }, groupsBut(scene), "refused");
        assert.deepStrictEqual(await scene.objects(), planted);
    });
});
