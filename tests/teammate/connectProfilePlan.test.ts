import assert from "node:assert";
import {
    configureAnswers,
    type Existing,
    linesOf,
    planProfile,
    shownChanges,
    type Wanted,
} from "../../teammate/connect/profilePlan";

// What `npm run connect` decides to change in a profile. That it does so: connectProfile.test.ts.

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
