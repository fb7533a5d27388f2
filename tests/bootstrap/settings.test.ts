import assert from "node:assert";
import { readEnvironments } from "../../bootstrap/environment";
import { check } from "../../bootstrap/settings";
import { stackConfig } from "../../plan/stackConfig";
import { evaluateBootstrap, home, needed } from "./support";

// What the bootstrap's settings take, and every line with which they refuse anything else. Not proved: that the repository exists.

const provider = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com";
const given = { pullRequestPreviews: [], oidcProviderArn: "", ...needed };
const demands: Readonly<Record<string, string>> = {
    githubRepository:
        "allowed: `owner/name`, or `owner@123456/name@456789` where the repository's tokens have immutable subjects; " +
        "remedy: pulumi config set githubRepository owner/name",
    environments:
        "allowed: 1 to 10 names of stacks, none twice, without `-server` and `-client`, which follow them in other names; " +
        "remedy: pulumi config set --path 'environments[0]' dev",
    pullRequestPreviews:
        "allowed: some of `environments`, none twice; remedy: pulumi config set --path 'pullRequestPreviews[0]' dev",
    oidcProviderArn:
        "allowed: `arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com` with the account's number; " +
        "remedy: aws iam list-open-id-connect-providers shows it; pulumi config rm oidcProviderArn to make one",
};
const eleven = Array.from({ length: 11 }, (_, index) => `stack-${index}`);

const rows: Readonly<Record<string, { accepted: readonly unknown[]; refused: readonly unknown[] }>> = {
    githubRepository: {
        accepted: ["team/mlflow", "a/b", "Team-1/my.repo_2", "team@123456/mlflow@456789", "t/.github"],
        refused: [
            ...["", "mlflow", "team/", "/mlflow", "team/mlflow/x", "https://github.com/team/mlflow", "team/ml flow"],
            // Whatever could stand for more than one repository, or for another part of the subject.
            ...["*/*", "team/*", "team/ml?low", "team/mlflow:ref", "team@1/mlflow", "team/mlflow@1", "team@x/mlflow@y"],
            ...["team/mlflow\n", " team/mlflow", "-team/mlflow", `${"t".repeat(40)}/mlflow`],
        ],
    },
    environments: {
        accepted: [["dev"], ["dev", "prod"], ["a-1", "servers"], eleven.slice(1)],
        refused: [
            ...[[], ["dev", "dev"], eleven, ["Dev"], ["1dev"], ["d".repeat(21)], ["dev prod"], ["*"], [""], [7]],
            ...[["dev-server"], ["dev-client-2"], ["dev", "dev-server-x"], "dev", null],
        ],
    },
    pullRequestPreviews: { accepted: [[], ["dev"], ["prod", "dev"]], refused: [["dev", "dev"], "dev", [7]] },
    oidcProviderArn: {
        accepted: ["", provider, provider.replace("aws", "aws-us-gov")],
        refused: [
            ...[`${provider}2`, provider.replace("123456789012", "12345"), "token.actions.githubusercontent.com"],
            ...["arn:aws:iam::123456789012:oidc-provider/issuer.example", `${provider}\n`, "*"],
        ],
    },
};

describe("the bootstrap's setting", () => {
    for (const [key, { accepted, refused }] of Object.entries(rows)) {
        it(`${key} accepts ${accepted.length} values, and refuses ${refused.length} with this line and no other`, () => {
            for (const value of accepted) {
                assert.deepStrictEqual(check({ ...given, [key]: value }).faults, [], JSON.stringify(value));
            }
            for (const value of refused) {
                const got = JSON.stringify(value ?? "");
                assert.deepStrictEqual(check({ ...given, [key]: value }).faults, [
                    `${key}: got ${got}; ${demands[key]}`,
                ]);
            }
        });
    }

    it("pullRequestPreviews names environments that there are", () => {
        assert.deepStrictEqual(check({ ...given, pullRequestPreviews: ["dev", "test"] }).faults, [
            "pullRequestPreviews: got test; allowed: some of `environments`, none twice: dev, prod; " +
                "remedy: pulumi config set --path 'pullRequestPreviews[0]' dev",
        ]);
    });
});

describe("the bootstrap program", () => {
    const refusal = async (settings: Record<string, unknown>) => {
        const error = await evaluateBootstrap(settings).then(
            () => undefined,
            (thrown: Error) => thrown,
        );
        assert.strictEqual(error?.constructor.name, "RunError");
        return error.message;
    };

    it("names every fault at once, and makes nothing", async () => {
        assert.strictEqual(
            await refusal({ oidcProviderArn: "x" }),
            [
                "The settings of stack team cannot be used (3 faults):",
                `  githubRepository: got ""; ${demands.githubRepository}`,
                `  environments: got []; ${demands.environments}`,
                `  oidcProviderArn: got "x"; ${demands.oidcProviderArn}`,
            ].join("\n"),
        );
    });

    it("names every environment without a settings file", async () => {
        const message = await refusal({ ...needed, environments: ["dev", "test", "stage"] });
        const lines = message.split("\n");
        assert.strictEqual(lines[0], "The settings of stack team cannot be used (2 faults):");
        assert.deepStrictEqual(
            lines.slice(1),
            ["test", "stage"].map(
                (stack) =>
                    `  stack: got "${stack}", but there is no Pulumi.${stack}.yaml; allowed: dev, prod; ` +
                    `remedy: name one of these, or write Pulumi.${stack}.yaml, which may be empty`,
            ),
        );
    });

    it("names every fault of every environment's settings, with its file", () => {
        const own: Record<string, object> = { dev: {}, test: { workers: 0, bucketName: "A" }, prod: { localPort: 80 } };
        const { faults } = readEnvironments(Object.keys(own), home, (stack) => stackConfig(stack, { ...own[stack] }));
        assert.deepStrictEqual(
            faults.map((text) => text.split("; ")[0]),
            [
                'Pulumi.test.yaml: bucketName: got "A"',
                "Pulumi.test.yaml: workers: got 0",
                "Pulumi.prod.yaml: localPort: got 80",
            ],
        );
    });
});
