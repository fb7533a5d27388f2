import type { PolicyDocument } from "@pulumi/aws/iam";
import { githubHost } from "./names";

/** The branch that nightly drift runs on. */
const branch = "main";

/**
 * Who may assume a role: tokens that GitHub gives to jobs with exactly these subjects, made for AWS. A wildcard, or no demand
 * on the subject, would let other branches, other repositories or all of GitHub in.
 */
const trusting = (providerArn: string, subjects: string[]): PolicyDocument => ({
    Version: "2012-10-17",
    Statement: [
        {
            Effect: "Allow",
            Principal: { Federated: providerArn },
            Action: ["sts:AssumeRoleWithWebIdentity"],
            Condition: {
                StringEquals: { [`${githubHost}:aud`]: "sts.amazonaws.com", [`${githubHost}:sub`]: subjects },
            },
        },
    ],
});

/** Jobs of the GitHub environment that has the stack's name: GitHub lets a job in by that environment's rules. */
export const deployTrust = (providerArn: string, repository: string, stack: string): PolicyDocument =>
    trusting(providerArn, [`repo:${repository}:environment:${stack}`]);

/** Jobs of the main branch (drift), and of pull requests from branches of the repository; never those from forks. */
export const previewTrust = (providerArn: string, repository: string, pullRequests: boolean): PolicyDocument =>
    trusting(providerArn, [
        `repo:${repository}:ref:refs/heads/${branch}`,
        ...(pullRequests ? [`repo:${repository}:pull_request`] : []),
    ]);
