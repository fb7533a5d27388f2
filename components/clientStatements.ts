import type * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { Account } from "./account";
import { tunnelDocument } from "./tunnelDocument";

/** What teammates may do, whoever they are to IAM. */
export interface ClientRights {
    /** In S3, from the bucket itself; or AWS's managed full access, for a quick start. */
    readonly s3: aws.iam.PolicyStatement[] | "full";
    /** The instance whose ports they may forward through Session Manager; absent with SSH access. */
    readonly tunnelTo?: { readonly instanceArn: pulumi.Input<string> };
}

/** The statements of these rights; full access to S3 is a managed policy besides. */
export const clientStatements = (
    account: Account,
    { s3, tunnelTo }: ClientRights,
    holder: "user" | "role",
): aws.iam.PolicyStatement[] => [
    ...(s3 === "full" ? [] : s3),
    ...(tunnelTo ? [openTunnel(account, tunnelTo.instanceArn), ...useOwnSessions[holder](account)] : []),
];

/**
 * Opens tunnels to one instance. The condition makes the service check the document, so that no shell can be had; documents
 * of AWS itself have an empty account field.
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-restrict-access-examples.html
 */
const openTunnel = ({ partition, region }: Account, instanceArn: pulumi.Input<string>): aws.iam.PolicyStatement => ({
    Sid: "OpenTunnel",
    Effect: "Allow",
    Action: ["ssm:StartSession"],
    Resource: [instanceArn, `arn:${partition}:ssm:${region}::document/${tunnelDocument}`],
    Condition: { BoolIfExists: { "ssm:SessionDocumentAccessCheck": "true" } },
});

const sessions = ({ partition, region, accountId }: Account, of: string) =>
    `arn:${partition}:ssm:${region}:${accountId}:session/${of}`;

/**
 * Resumes and ends own tunnels. The sessions of an IAM user are named after the user's name or id. Those of a role are told
 * apart by the tag that the service gives them, as AWS's guide says for federated users (the same page, example 4).
 */
export const useOwnSessions: Record<"user" | "role", (account: Account) => aws.iam.PolicyStatement[]> = {
    user: (account) => [
        {
            Sid: "UseOwnSessions",
            Effect: "Allow",
            Action: ["ssm:ResumeSession", "ssm:TerminateSession", "ssmmessages:OpenDataChannel"],
            Resource: [sessions(account, "${aws:username}-*"), sessions(account, "${aws:userid}-*")],
        },
    ],
    role: (account) => [
        {
            Sid: "UseOwnSessions",
            Effect: "Allow",
            Action: ["ssm:ResumeSession", "ssm:TerminateSession"],
            Resource: [sessions(account, "*")],
            Condition: { StringEquals: { "ssm:resourceTag/aws:ssmmessages:session-id": "${aws:userid}" } },
        },
        {
            Sid: "UseOwnDataChannels",
            Effect: "Allow",
            Action: ["ssmmessages:OpenDataChannel"],
            Resource: [sessions(account, "${aws:userid}-*")],
        },
    ],
};
