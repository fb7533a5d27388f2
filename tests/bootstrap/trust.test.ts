import assert from "node:assert";
import { decideTrust } from "../support/iam";
import type { Stack } from "../support/stack";
import { account, evaluateBootstrap, needed } from "./support";

// Who may assume the roles: jobs of one repository, by what GitHub writes into their tokens. Not proved: what GitHub writes there, and
// that AWS compares it so; nor whom the repository's own rules let into its environments.
// https://docs.github.com/en/actions/reference/security/oidc

const provider = `arn:aws:iam::${account}:oidc-provider/token.actions.githubusercontent.com`;
const trustOf = (stack: Stack, name: string) =>
    stack.all("aws:iam/role:Role").find(({ inputs }) => inputs.name === name)!.inputs.assumeRolePolicy;
const exactly = (subjects: string[]) => ({
    Version: "2012-10-17",
    Statement: [
        {
            Effect: "Allow",
            Principal: { Federated: provider },
            Action: ["sts:AssumeRoleWithWebIdentity"],
            Condition: {
                StringEquals: {
                    "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
                    "token.actions.githubusercontent.com:sub": subjects,
                },
            },
        },
    ],
});

describe("the roles of an environment", () => {
    it("trust exactly these jobs", async () => {
        const stack = await evaluateBootstrap();
        for (const environment of ["dev", "prod"]) {
            assert.deepStrictEqual(
                trustOf(stack, `github-mlflow-${environment}-deploy`),
                exactly([`repo:team/mlflow:environment:${environment}`]),
            );
            assert.deepStrictEqual(
                trustOf(stack, `github-mlflow-${environment}-preview`),
                exactly(["repo:team/mlflow:ref:refs/heads/main", "repo:team/mlflow:pull_request"]),
            );
        }
    });

    it("let pull requests preview only what is named, where something is named", async () => {
        const stack = await evaluateBootstrap({ ...needed, pullRequestPreviews: ["dev"] });
        const [main, pullRequest] = ["repo:team/mlflow:ref:refs/heads/main", "repo:team/mlflow:pull_request"];
        assert.deepStrictEqual(trustOf(stack, "github-mlflow-dev-preview"), exactly([main, pullRequest]));
        assert.deepStrictEqual(trustOf(stack, "github-mlflow-prod-preview"), exactly([main]));
    });

    it("know a repository whose tokens name it by its numbers too", async () => {
        const githubRepository = "team@123456/mlflow@456789";
        const stack = await evaluateBootstrap({ ...needed, githubRepository });
        assert.deepStrictEqual(
            trustOf(stack, "github-mlflow-dev-deploy"),
            exactly([`repo:${githubRepository}:environment:dev`]),
        );
    });

    it("let in nobody else", async () => {
        const stack = await evaluateBootstrap();
        const assumes = (role: string, sub: string, aud = "sts.amazonaws.com", by = provider) =>
            decideTrust(by, trustOf(stack, role), "sts:AssumeRoleWithWebIdentity", {
                "token.actions.githubusercontent.com:aud": aud,
                "token.actions.githubusercontent.com:sub": sub,
            });
        const [deploy, preview] = ["github-mlflow-prod-deploy", "github-mlflow-prod-preview"];
        assert.strictEqual(assumes(deploy, "repo:team/mlflow:environment:prod"), "allow");
        assert.strictEqual(assumes(preview, "repo:team/mlflow:pull_request"), "allow");
        const others: [string, ...Parameters<typeof assumes>][] = [
            ["another environment's jobs", deploy, "repo:team/mlflow:environment:dev"],
            ["pull requests, for a deployment", deploy, "repo:team/mlflow:pull_request"],
            ["the main branch without the environment", deploy, "repo:team/mlflow:ref:refs/heads/main"],
            ["another branch", preview, "repo:team/mlflow:ref:refs/heads/main2"],
            ["a tag called main", preview, "repo:team/mlflow:ref:refs/tags/main"],
            ["the environment's jobs, for a preview", preview, "repo:team/mlflow:environment:prod"],
            ["another repository", deploy, "repo:team/mlflow2:environment:prod"],
            ["another owner", deploy, "repo:teams/mlflow:environment:prod"],
            ["an environment whose name goes on", deploy, "repo:team/mlflow:environment:prod:ref:refs/heads/x"],
            ["a token for another audience", deploy, "repo:team/mlflow:environment:prod", "https://github.com/team"],
            ["another issuer", deploy, "repo:team/mlflow:environment:prod", undefined, `${provider}2`],
        ];
        for (const [who, ...args] of others) {
            assert.strictEqual(assumes(...args), "implicit deny", who);
        }
        for (const role of [deploy, preview]) {
            assert.strictEqual(decideTrust(`arn:aws:iam::${account}:root`, trustOf(stack, role)), "implicit deny");
        }
    });
});
