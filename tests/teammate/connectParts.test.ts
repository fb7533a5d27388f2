import assert from "node:assert";
import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { isSessionOf, isUser } from "../../teammate/connect/caller";
import { pauseAfter } from "../../teammate/connect/keepUp";
import {
    configureAnswers,
    type Existing,
    linesOf,
    planProfile,
    shownChanges,
    type Wanted,
} from "../../teammate/connect/profilePlan";
import { remedyOf } from "../../teammate/connect/reasons";
import type { StackOutputs } from "../../teammate/outputs";
import {
    architectures,
    installLine,
    isCliVersion1,
    missingTools,
    type System,
    systemOf,
    systems,
    type Tool,
    tools,
} from "../../teammate/tools";
import { temporaryFolder } from "../support/sandbox";

// The parts of `npm run connect` and `npm run doctor` that decide by themselves. Not proved here: that the install lines install
// something; they are AWS's, and this machine's package manager is asked for nothing.

const names = <Name extends string>(record: Record<Name, unknown>) => Object.keys(record) as Name[];

describe("a tool that is missing", () => {
    it("has an install line on every system, for both architectures", () => {
        const files = { x64: /x86_64|64bit/, arm64: /aarch64|arm64/ };
        for (const system of names(systems)) {
            for (const architecture of architectures) {
                for (const tool of names(tools)) {
                    const line = installLine(tool, system, architecture);
                    assert.match(line, /^(brew|sudo|curl) /, `${tool} ${system}`);
                    const other = files[architecture === "x64" ? "arm64" : "x64"];
                    assert.doesNotMatch(line, other, `${tool} ${system} ${architecture}`);
                    if (/https:/.test(line)) {
                        assert.match(line, files[architecture], `${tool} ${system} ${architecture}`);
                    }
                }
            }
        }
    });

    const line = (tool: Tool, system: System) => installLine(tool, system, "arm64");

    it("is installed by these lines", () => {
        const plugins = "https://s3.amazonaws.com/session-manager-downloads/plugin/latest";
        assert.deepStrictEqual(
            names(systems).map((system) => line("session-manager-plugin", system)),
            [
                "brew install --cask session-manager-plugin",
                `curl -fsSO ${plugins}/ubuntu_arm64/session-manager-plugin.deb && sudo dpkg -i session-manager-plugin.deb`,
                `sudo dnf install -y ${plugins}/linux_arm64/session-manager-plugin.rpm`,
                `sudo yum install -y ${plugins}/linux_arm64/session-manager-plugin.rpm`,
            ],
        );
        assert.strictEqual(
            installLine("aws", "amazonLinux2", "x64"),
            "sudo yum install -y unzip && curl -fsSo awscli.zip https://awscli.amazonaws.com/awscli-exe-linux-x86_64.zip " +
                "&& unzip -q awscli.zip && sudo ./aws/install",
        );
    });

    it("is found by the system's own description", () => {
        const releases: [System | undefined, string, string][] = [
            ["macos", "darwin", ""],
            ["debian", "linux", 'NAME="Ubuntu"\nID=ubuntu\nID_LIKE=debian\nVERSION_ID="24.04"\n'],
            ["debian", "linux", 'ID=debian\nVERSION_ID="12"\n'],
            ["debian", "linux", 'ID=linuxmint\nID_LIKE="ubuntu debian"\n'],
            ["amazonLinux2023", "linux", 'NAME="Amazon Linux"\nVERSION_ID="2023"\nID="amzn"\nID_LIKE="fedora"\n'],
            ["amazonLinux2", "linux", 'ID="amzn"\nID_LIKE="centos rhel fedora"\nVERSION_ID="2"\n'],
            [undefined, "linux", "ID=fedora\nVERSION_ID=41\n"],
            [undefined, "linux", ""],
        ];
        for (const [system, platform, text] of releases) {
            assert.strictEqual(systemOf(platform, text), system, text);
        }
    });

    it("is one that no folder of the path has as a program", () => {
        const folder = temporaryFolder();
        try {
            mkdirSync(path.join(folder, "a/ssh"), { recursive: true });
            mkdirSync(path.join(folder, "b"));
            writeFileSync(path.join(folder, "a/aws"), "no program", { mode: 0o644 });
            writeFileSync(path.join(folder, "b/session-manager-plugin"), "#!/bin/sh\n", { mode: 0o755 });
            const search = ["a", "none", "b"].map((name) => path.join(folder, name)).join(path.delimiter);
            assert.deepStrictEqual(missingTools(names(tools), search), ["aws", "ssh"]);
            chmodSync(path.join(folder, "a/aws"), 0o755);
            assert.deepStrictEqual(missingTools(names(tools), search), ["ssh"]);
        } finally {
            rmSync(folder, { recursive: true });
        }
    });

    it("is not the AWS CLI 1, which is known by its version", () => {
        assert.ok(isCliVersion1("aws-cli/1.44.2 Python/3.11.9 Linux/6.1 botocore/1.42.1\n"));
        assert.ok(!isCliVersion1("aws-cli/2.31.10 Python/3.13.7 Linux/6.1 exe/x86_64.ubuntu.24\n"));
    });
});

describe("the plan for a profile", () => {
    const secret = "new-secret-0123456789";
    const user: Wanted = {
        kind: "user",
        region: "us-west-1",
        keyId: "AKIANEW",
        secret,
        ownKeyIds: ["AKIANEW", "AKIAOLD"],
    };
    const config = { region: "us-west-1", output: "json" };
    const key = (id: string, own = secret) => ({ aws_access_key_id: id, aws_secret_access_key: own });
    const regionLine = { file: "config", key: "region", to: "us-west-1" };
    const outputLine = { file: "config", key: "output", to: "json" };
    const idLine = { file: "credentials", key: "aws_access_key_id", to: "AKIANEW" };
    const secretLine = { file: "credentials", key: "aws_secret_access_key", to: secret };

    const table: [string, Existing, object][] = [
        [
            "everything where there is none",
            {},
            { kind: "write", changes: [regionLine, outputLine, idLine, secretLine] },
        ],
        ["nothing where it is as it should be", { config, credentials: key("AKIANEW") }, { kind: "nothing" }],
        [
            "nothing where the keys stand in the other file",
            { config: { ...config, ...key("AKIANEW") } },
            { kind: "nothing" },
        ],
        [
            "only the region, and not how the CLI prints",
            { config: { region: "eu-west-3", output: "table" }, credentials: key("AKIANEW") },
            { kind: "write", changes: [{ ...regionLine, from: "eu-west-3" }] },
        ],
        [
            "the key, where it has an older one of the same user",
            { config, credentials: key("AKIAOLD", "old") },
            {
                kind: "write",
                changes: [
                    { ...idLine, from: "AKIAOLD" },
                    { ...secretLine, from: "old" },
                ],
            },
        ],
        [
            "the secret, where it is not the key's",
            { config, credentials: key("AKIANEW", "old") },
            { kind: "write", changes: [{ ...secretLine, from: "old" }] },
        ],
        [
            "the key, where it is known that nobody else's is lost",
            { config, credentials: key("AKIAOTHER", "theirs") },
            {
                kind: "whose",
                keyId: "AKIAOTHER",
                changes: [
                    { ...idLine, from: "AKIAOTHER" },
                    { ...secretLine, from: "theirs" },
                ],
            },
        ],
        ["the rest of one that was begun", { config }, { kind: "write", changes: [idLine, secretLine] }],
        [
            "nothing in one that lives on other credentials",
            { config: { region: "eu-west-3" } },
            { kind: "refuse", reason: "it has no credentials, but region = eu-west-3" },
        ],
        ...["credential_process", "source_profile", "sso_session", "web_identity_token_file", "login_session"].map(
            (way): [string, Existing, object] => [
                `nothing in one with ${way}`,
                { config: { ...config, [way]: "secret" } },
                { kind: "refuse", reason: `it gets its credentials by ${way}` },
            ],
        ),
        [
            "nothing in one with a role",
            { config: { role_arn: "arn:aws:iam::1:role/x", source_profile: "y" } },
            { kind: "refuse", reason: "it gets its credentials by role_arn = arn:aws:iam::1:role/x, source_profile" },
        ],
        [
            "nothing in one with temporary credentials",
            { credentials: { ...key("ASIAX"), aws_session_token: "token" } },
            { kind: "refuse", reason: "it gets its credentials by aws_session_token" },
        ],
    ];
    for (const [title, existing, plan] of table) {
        it(`changes ${title}`, () => assert.deepStrictEqual(planProfile(existing, user), plan));
    }

    it("takes a secret that it does not know for the right one, or asks for it with a new key", () => {
        const unknown: Wanted = { ...user, secret: undefined };
        const credentials = key("AKIANEW", "whatever");
        assert.deepStrictEqual(planProfile({ config, credentials }, unknown), { kind: "nothing" });
        assert.deepStrictEqual(planProfile({ config, credentials: { aws_access_key_id: "AKIANEW" } }, unknown), {
            kind: "write",
            changes: [{ file: "credentials", key: "aws_secret_access_key" }],
        });
    });

    const arn = "arn:aws:iam::123456789012:role/scientist";
    const sso = {
        sso_start_url: "https://x.awsapps.com/start",
        sso_account_id: "123456789012",
        sso_role_name: "science",
    };
    const role = (lines: Record<string, string>): Wanted => ({
        kind: "role",
        lines: Object.entries({ ...lines, region: "us-west-1", output: "json" }),
        arns: [arn],
    });
    const assumed = role({ role_arn: arn, source_profile: "default" });

    it("writes a role's lines where there are none", () => {
        const changes = [
            ["role_arn", arn],
            ["source_profile", "default"],
            ["region", "us-west-1"],
            ["output", "json"],
        ];
        assert.deepStrictEqual(planProfile({}, assumed), {
            kind: "write",
            changes: changes.map(([key, to]) => ({ file: "config", key, to })),
        });
    });

    it("leaves another way to the same role as it is, but for its region", () => {
        for (const [found, wanted] of [
            [{ role_arn: arn, source_profile: "mine", mfa_serial: "x" }, assumed],
            [{ sso_session: "mine", sso_account_id: "123456789012", sso_role_name: "science" }, role(sso)],
        ] as const) {
            const right = { config: { ...found, region: "us-west-1" } };
            assert.deepStrictEqual(planProfile(right, wanted), { kind: "nothing" });
            assert.deepStrictEqual(planProfile({ config: { ...found, region: "eu-west-3" } }, wanted), {
                kind: "write",
                changes: [{ ...regionLine, from: "eu-west-3" }],
            });
        }
    });

    it("touches nothing of another role, nor a key", () => {
        const refused: [Existing, Wanted, string][] = [
            [{ config: { role_arn: `${arn}2` } }, assumed, `it gets its credentials by role_arn = ${arn}2`],
            [
                { config: { ...sso, sso_account_id: "210987654321" } },
                role(sso),
                "it gets its credentials by sso_start_url, sso_account_id = 210987654321, sso_role_name = science",
            ],
            [{ credentials: key("AKIAOLD") }, assumed, "it has a key, AKIAOLD"],
        ];
        for (const [existing, wanted, reason] of refused) {
            assert.deepStrictEqual(planProfile(existing, wanted), { kind: "refuse", reason });
        }
    });

    it("reads the lines of the printed section", () => {
        assert.deepStrictEqual(linesOf("[profile x]\n# There is no user.\nrole_arn = a = b\nregion = c\n"), [
            ["role_arn", "a = b"],
            ["region", "c"],
        ]);
    });

    it("is shown line by line, without a secret", () => {
        const plan = planProfile({ config: { region: "us-west-1" }, credentials: key("AKIAOLD", "old-secret") }, user);
        assert.ok(plan.kind === "write");
        assert.deepStrictEqual(
            shownChanges(plan.changes, { config: "~/.aws/config", credentials: "~/.aws/credentials" }),
            [
                "  ~/.aws/config",
                "    output = json",
                "  ~/.aws/credentials",
                "    aws_access_key_id = AKIAOLD -> AKIANEW",
                "    aws_secret_access_key = (not shown) -> (not shown)",
            ],
        );
        assert.strictEqual(configureAnswers(plan.changes, secret), `AKIANEW\n${secret}\n\njson\n`);
    });
});

describe("who a profile is", () => {
    const known = (arn: string) => ({ kind: "known" as const, account: arn.split(":")[4], arn });

    it("is the stack's user by account, kind and name", () => {
        const is = (arn: string) => isUser(known(arn), "123456789012", "mlflow-dev-client");
        assert.ok(is("arn:aws:iam::123456789012:user/mlflow-dev-client"));
        assert.ok(is("arn:aws-us-gov:iam::123456789012:user/people/mlflow-dev-client"));
        assert.ok(!is("arn:aws:iam::210987654321:user/mlflow-dev-client"));
        assert.ok(!is("arn:aws:iam::123456789012:user/mlflow-dev-client2"));
        assert.ok(!is("arn:aws:sts::123456789012:assumed-role/x/mlflow-dev-client"));
        assert.ok(!isUser({ kind: "unknown key" }, "123456789012", "mlflow-dev-client"));
    });

    it("is one of the stack's roles by account and name, without the role's path", () => {
        const roles = ["arn:aws:iam::123456789012:role/aws-reserved/sso/AWSReservedSSO_science_0123456789abcdef"];
        const session = "assumed-role/AWSReservedSSO_science_0123456789abcdef/jane";
        assert.ok(isSessionOf(known(`arn:aws:sts::123456789012:${session}`), roles));
        assert.ok(!isSessionOf(known(`arn:aws:sts::210987654321:${session}`), roles));
        assert.ok(!isSessionOf(known("arn:aws:sts::123456789012:assumed-role/other/jane"), roles));
        assert.ok(!isSessionOf(known("arn:aws:iam::123456789012:user/AWSReservedSSO_science_0123456789abcdef"), roles));
    });
});

describe("a tunnel that fails", () => {
    it("is tried again after 1, 2, 4, 8, 16 and then every 30 seconds", () => {
        assert.deepStrictEqual([0, 1, 2, 3, 4, 5, 6, 60, 6000].map(pauseAfter), [1, 2, 4, 8, 16, 30, 30, 30, 30]);
    });

    const outputs = { stack: "dev", profileName: "mlflow-dev", instanceId: "i-0123" } as StackOutputs;
    const error = (code: string) => `\nAn error occurred (${code}) when calling the StartSession operation: text\n`;

    it("is given up where only a person can help", () => {
        const said: [string, RegExp][] = [
            [error("AccessDeniedException"), /^read the outputs again, for the instance of dev may have been replaced/],
            [error("UnrecognizedClientException"), /^the key is gone or inactive/],
            [error("InvalidSignatureException"), /^set the clock of this machine right/],
            [error("ExpiredTokenException"), /^aws sso login --profile mlflow-dev, /],
            ["Error when retrieving token from sso: Token has expired and refresh failed", /^aws sso login/],
            ["The config profile (mlflow-dev) could not be found", /^npm run connect again$/],
            ["Unable to locate credentials. You can configure them", /^aws configure list --profile mlflow-dev shows/],
            ["Host key verification failed.", /ssh-keygen -R mlflow-dev, /],
            ["mlflow-tunnel@203.0.113.7: Permission denied (publickey).", /^ssh-add /],
        ];
        for (const [text, remedy] of said) {
            assert.match(remedyOf(text, outputs) ?? "none", remedy, text);
        }
    });

    it("is tried again where waiting may help", () => {
        for (const text of [
            error("TargetNotConnected"),
            error("ThrottlingException"),
            error("InternalServerError"),
            'Could not connect to the endpoint URL: "https://ssm.us-west-1.amazonaws.com/"',
            "ssh: connect to host 203.0.113.7 port 22: Connection timed out",
            "Connection closed by 203.0.113.7 port 22",
            "bind [127.0.0.1]:5001: Address already in use",
            "",
        ]) {
            assert.strictEqual(remedyOf(text, outputs), undefined, text);
        }
    });
});
