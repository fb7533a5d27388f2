import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Account } from "./account";
import { token } from "./token";

export interface ClientUserArgs {
    readonly account: Account;
    readonly userName: string;
    /** What the user may do in S3, from the bucket itself; or AWS's managed full access, for a quick start. */
    readonly s3: aws.iam.PolicyStatement[] | "full";
    /** The instance whose ports the user may forward through Session Manager; absent with SSH access. */
    readonly tunnelTo?: { readonly instanceArn: pulumi.Input<string> };
    readonly tags: Record<string, string>;
}

/** The one Session Manager document that teammates may use. It forwards a port; it runs nothing. */
export const tunnelDocument = "AWS-StartPortForwardingSession";

/**
 * An IAM user for teammates: an access key, no console password, and rights through a group (Security Hub IAM.2 refuses
 * policies on users).
 */
export class ClientUser extends pulumi.ComponentResource {
    public readonly userName: pulumi.Output<string>;
    public readonly userArn: pulumi.Output<string>;
    public readonly accessKeyId: pulumi.Output<string>;
    /** Always a secret. */
    public readonly secretAccessKey: pulumi.Output<string>;

    constructor(name: string, args: ClientUserArgs, opts?: pulumi.ComponentResourceOptions) {
        super(token("ClientUser"), name, {}, opts);
        const { tags } = args;

        const group = new aws.iam.Group(`${name}-group`, {}, { parent: this });
        const statements = [
            ...(args.s3 === "full" ? [] : args.s3),
            ...(args.tunnelTo ? tunnelStatements(args.account, args.tunnelTo.instanceArn) : []),
        ];
        if (statements.length > 0) {
            new aws.iam.GroupPolicy(
                `${name}-policy`,
                { group: group.name, policy: { Version: "2012-10-17", Statement: statements } },
                { parent: this },
            );
        }
        if (args.s3 === "full") {
            new aws.iam.GroupPolicyAttachment(
                `${name}-s3-full-access`,
                { group: group.name, policyArn: aws.iam.ManagedPolicy.AmazonS3FullAccess },
                { parent: this },
            );
        }
        // forceDestroy: a key or MFA device that somebody added by hand must not stop the stack's removal.
        const user = new aws.iam.User(
            `${name}-user`,
            { name: args.userName, forceDestroy: true, tags },
            { parent: this },
        );
        const membership = new aws.iam.UserGroupMembership(
            `${name}-membership`,
            { user: user.name, groups: [group.name] },
            { parent: this },
        );
        const key = new aws.iam.AccessKey(
            `${name}-access-key`,
            { user: user.name },
            { parent: this, dependsOn: [membership] },
        );

        this.userName = user.name;
        this.userArn = user.arn;
        this.accessKeyId = key.id;
        this.secretAccessKey = pulumi.secret(key.secret);
        this.registerOutputs({
            userName: this.userName,
            userArn: this.userArn,
            accessKeyId: this.accessKeyId,
            secretAccessKey: this.secretAccessKey,
        });
    }
}

/**
 * Open, resume and end own tunnels to one instance.
 *
 * The condition makes the service check the document, so that no shell can be had; documents of AWS itself have an
 * empty account field. Sessions of an IAM user are named after the user name, those of a role after the user id.
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-restrict-access-examples.html
 */
function tunnelStatements(
    { partition, region, accountId }: Account,
    instanceArn: pulumi.Input<string>,
): aws.iam.PolicyStatement[] {
    const session = (owner: string) => `arn:${partition}:ssm:${region}:${accountId}:session/${owner}-*`;
    return [
        {
            Sid: "OpenTunnel",
            Effect: "Allow",
            Action: ["ssm:StartSession"],
            Resource: [instanceArn, `arn:${partition}:ssm:${region}::document/${tunnelDocument}`],
            Condition: { BoolIfExists: { "ssm:SessionDocumentAccessCheck": "true" } },
        },
        {
            Sid: "UseOwnSessions",
            Effect: "Allow",
            Action: ["ssm:ResumeSession", "ssm:TerminateSession", "ssmmessages:OpenDataChannel"],
            Resource: [session("${aws:username}"), session("${aws:userid}")],
        },
    ];
}
