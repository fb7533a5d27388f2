import assert from "node:assert";
import * as fc from "fast-check";
import * as handover from "../../handover";
import { shellLine, shellWord } from "../../handover/shell";
import { accepted, calls, parts, run } from "../support/shell";

// Real shells read what is handed to teammates, and get the words that were meant, whatever the texts contain. Commands are
// stood in for by functions that only say how they were called. Not proved here: other shells than these two (zsh, fish,
// PowerShell), pasting into a terminal, and what the real commands make of their words.

const localPort = fc.integer({ min: 1024, max: 65535 });
const base64 = fc.string({ unit: fc.constantFrom(..."ABCXYZabcxyz0189+/"), minLength: 40, maxLength: 40 });

describe("a word for the shell", () => {
    const special = fc.string({
        unit: fc.constantFrom(..."'\"\\$`!*?[]{}()<>|&;#~=%^-+:,./@ \t\n\r\x01\x7fa1éא😀"),
        maxLength: 20,
    });
    const nasty = fc.constantFrom(
        ...[
            "",
            " ",
            "'",
            "''",
            '"',
            "\\",
            "\\'",
            "$(id)",
            "`id`",
            "${HOME}",
            "$'a'",
            "~",
            "~root",
            "*",
            "#",
            "!!",
            "&",
            ";",
        ],
        ...[
            "-n",
            "--",
            "-",
            "=",
            "a=b",
            "\n",
            "a\n",
            "\na",
            "\r\n",
            "{a,b}",
            "[a]",
            "\u2028",
            "END_OF_ANSWERS",
            "%s",
            "\\0",
        ],
    );
    const anything = fc.string({ unit: "binary" }).map((text) => text.replaceAll("\0", ""));
    // Many words in each call: starting a shell costs more than all of them.
    const words = fc.array(fc.oneof(special, nasty, anything), { minLength: 50, maxLength: 300 });

    for (const shell of ["bash", "sh"]) {
        it(`comes back from ${shell} as it was, alone and in a line`, () => {
            fc.assert(
                fc.property(words, (texts) => {
                    const alone = texts.map((text) => `printf '%s\\0' ${shellWord(text)}\n`).join("");
                    assert.deepStrictEqual(parts(run(shell, alone)), texts);
                    assert.deepStrictEqual(parts(run(shell, shellLine("printf", "%s\\0", ...texts))), texts);
                }),
                { numRuns: 25 },
            );
        });
    }

    it("is quoted only where that is needed", () => {
        for (const plain of ["a", "A-1_b", "http://localhost:5001", "a@b.c", "x=y", "50%", "+1,2"]) {
            assert.strictEqual(shellWord(plain), plain);
        }
        assert.strictEqual(shellWord(""), "''");
        assert.strictEqual(shellWord("a b"), "'a b'");
        assert.strictEqual(shellWord("it's"), `'it'\\''s'`);
        assert.strictEqual(shellLine("aws", "", "a b"), "aws '' 'a b'");
    });
});

describe("what teammates paste", () => {
    it("asks for the objects of the folder, with any profile, bucket and folder that the settings accept", () => {
        const names = fc.record({
            name: accepted("profileName"),
            bucketName: accepted("existingBucketName"),
            prefix: accepted("artifactPrefix"),
        });
        fc.assert(
            fc.property(fc.array(names, { minLength: 1, maxLength: 100 }), (all) => {
                const script = all.map(({ name, ...folder }) => handover.profileVerifyCommands(name, folder)).join("");
                assert.deepStrictEqual(
                    calls(["aws"], script).map(({ words }) => words),
                    all.flatMap(({ name, bucketName, prefix }) => [
                        ["aws", "sts", "get-caller-identity", "--profile", name],
                        [
                            ...["aws", "s3api", "list-objects-v2", "--bucket", bucketName, "--prefix", `${prefix}/`],
                            ...["--max-items", "10", "--profile", name],
                        ],
                    ]),
                );
                // The AWS CLI would take such a word for an option.
                assert.ok(
                    all.every(({ name, bucketName, prefix }) => !/^-/m.test(`${name}\n${bucketName}\n${prefix}`)),
                );
            }),
            { numRuns: 20 },
        );
    });

    it("makes a profile from four lines of standard input, and has the secret in no argument", () => {
        const profiles = fc.record({
            name: accepted("profileName"),
            accessKeyId: fc.string({ unit: fc.constantFrom(..."AKI234567"), minLength: 20, maxLength: 20 }),
            secretAccessKey: base64,
            region: fc.constantFrom("us-west-1", "ap-southeast-7", "us-gov-east-1"),
        });
        fc.assert(
            fc.property(fc.array(profiles, { minLength: 1, maxLength: 50 }), (all) => {
                const script = all.map(handover.profileSetupCommands).join("");
                assert.deepStrictEqual(
                    calls(["aws"], script, { input: true }),
                    all.map(({ name, accessKeyId, secretAccessKey, region }) => ({
                        words: ["aws", "configure", "--profile", name],
                        input: `${accessKeyId}\n${secretAccessKey}\n${region}\njson\n`,
                    })),
                );
            }),
            { numRuns: 20 },
        );
    });

    it("opens a tunnel through Session Manager, with parameters that are JSON", () => {
        const tunnels = fc.record({ profile: accepted("profileName"), localPort });
        fc.assert(
            fc.property(fc.array(tunnels, { minLength: 1, maxLength: 50 }), (all) => {
                const instanceId = "i-0123456789abcdef0";
                const documentName = "AWS-StartPortForwardingSession";
                const script = all
                    .map((own) => handover.sessionManagerTunnel({ ...own, instanceId, region: "us-west-1" }))
                    .join("\n");
                const found = calls(["aws"], script).map(({ words }) => words);
                assert.deepStrictEqual(
                    found.map((words) => words.slice(0, -1)),
                    all.map(({ profile }) => [
                        ...["aws", "ssm", "start-session", "--profile", profile, "--region", "us-west-1"],
                        ...["--target", instanceId, "--document-name", documentName, "--parameters"],
                    ]),
                );
                assert.deepStrictEqual(
                    found.map((words) => JSON.parse(words[words.length - 1]) as unknown),
                    all.map(({ localPort }) => ({ portNumber: ["5000"], localPortNumber: [String(localPort)] })),
                );
            }),
            { numRuns: 20 },
        );
    });

    it("opens a tunnel over SSH", () => {
        const script = handover.sshTunnel({ address: "203.0.113.7", name: "mlflow-dev", localPort: 5002 });
        assert.deepStrictEqual(calls(["ssh"], script), [
            {
                words: [
                    ...["ssh", "-N", "-L", "127.0.0.1:5002:127.0.0.1:5000", "-o", "ExitOnForwardFailure=yes"],
                    ...["-o", "ServerAliveInterval=30", "-o", "StrictHostKeyChecking=accept-new"],
                    ...["-o", "HostKeyAlias=mlflow-dev", "mlflow-tunnel@203.0.113.7"],
                ],
                input: "",
            },
        ]);
    });

    it("sets a client's environment", () => {
        fc.assert(
            fc.property(accepted("profileName"), localPort, (profile, localPort) => {
                const lines = handover.clientEnvironment({
                    ...{ localPort, profile, region: "us-west-1", accountId: "123456789012" },
                    ...{ artifactMode: "direct", presignedTransfers: true },
                });
                const names = "MLFLOW_TRACKING_URI AWS_PROFILE AWS_DEFAULT_REGION MLFLOW_S3_EXPECTED_BUCKET_OWNER";
                // A child process sees what is exported, and nothing else of the shell's.
                const ask = `sh -c 'for name in ${names}; do eval "printf \\"%s\\\\0\\" \\"\\$$name\\""; done'\n`;
                assert.deepStrictEqual(parts(run("bash", `unset ${names}\n${lines}${ask}`)), [
                    ...[`http://localhost:${localPort}`, profile, "us-west-1", "123456789012"],
                ]);
            }),
            { numRuns: 20 },
        );
    });

    it("attaches the role, and hands the installer over to a root shell as it is", () => {
        const attach = handover.attachRoleCommand("i-0123456789abcdef0", "mlflow-dev-server-1a2b3c4", "us-west-1");
        assert.deepStrictEqual(calls(["aws"], attach)[0].words, [
            ...["aws", "ec2", "associate-iam-instance-profile", "--region", "us-west-1"],
            ...["--instance-id", "i-0123456789abcdef0"],
            ...["--iam-instance-profile", "Name=mlflow-dev-server-1a2b3c4"],
        ]);
        const installer = "#!/bin/bash\ncat > x <<'END'\n$HOME `id` \\ \"'\nEND\nexec true\n";
        assert.deepStrictEqual(calls(["sudo"], handover.installHostCommand(installer), { input: true }), [
            { words: ["sudo", "bash"], input: installer },
        ]);
    });
});
