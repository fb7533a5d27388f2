import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { token } from "./token";

export interface ServerRoleArgs {
    /** What the server may do in S3, from the bucket itself; or AWS's managed full access, for a quick start. */
    readonly s3: aws.iam.PolicyStatement[] | "full";
    /** Parameters that the host reads at start. */
    readonly parameterArns: pulumi.Input<string>[];
    /** What the host may tell CloudWatch, from the log and the metrics themselves; empty: nothing. */
    readonly reports: aws.iam.PolicyStatement[];
    /** ARN of the policy that limits the role, whatever its own policies say. */
    readonly permissionsBoundary?: string;
    readonly tags: Record<string, string>;
}

/**
 * What the Session Manager agent needs, and nothing else of AmazonSSMManagedInstanceCore: that policy also lets the host
 * read every plain parameter of the account. None of these actions can be limited to a resource.
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-add-permissions-to-existing-profile.html
 */
const sessionManagerStatement: aws.iam.PolicyStatement = {
    Sid: "SessionManagerAgent",
    Effect: "Allow",
    Action: [
        "ssm:UpdateInstanceInformation",
        "ssmmessages:CreateControlChannel",
        "ssmmessages:CreateDataChannel",
        "ssmmessages:OpenControlChannel",
        "ssmmessages:OpenDataChannel",
    ],
    Resource: "*",
};

/** The IAM role that the MLflow host runs with: EC2 alone may assume it, and no key of it is ever stored. */
export class ServerRole extends pulumi.ComponentResource {
    /** Known only after the policies exist, so that whatever uses the role can rely on its rights. */
    public readonly roleArn: pulumi.Output<string>;
    public readonly instanceProfileName: pulumi.Output<string>;

    constructor(name: string, args: ServerRoleArgs, opts?: pulumi.ComponentResourceOptions) {
        super(token("ServerRole"), name, {}, opts);
        const { tags } = args;

        const role = new aws.iam.Role(
            `${name}-role`,
            {
                description: "MLflow tracking server",
                assumeRolePolicy: {
                    Version: "2012-10-17",
                    Statement: [
                        { Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: ["sts:AssumeRole"] },
                    ],
                },
                permissionsBoundary: args.permissionsBoundary,
                tags,
            },
            { parent: this },
        );
        const policies: pulumi.Resource[] = [
            new aws.iam.RolePolicy(
                `${name}-policy`,
                {
                    role: role.name,
                    policy: {
                        Version: "2012-10-17",
                        Statement: [
                            ...(args.s3 === "full" ? [] : args.s3),
                            ...parameterStatements(args.parameterArns),
                            ...args.reports,
                            sessionManagerStatement,
                        ],
                    },
                },
                { parent: this },
            ),
        ];
        if (args.s3 === "full") {
            policies.push(
                new aws.iam.RolePolicyAttachment(
                    `${name}-s3-full-access`,
                    { role: role.name, policyArn: aws.iam.ManagedPolicy.AmazonS3FullAccess },
                    { parent: this },
                ),
            );
        }
        const profile = new aws.iam.InstanceProfile(
            `${name}-instance-profile`,
            { role: role.name, tags },
            { parent: this, dependsOn: policies },
        );

        this.roleArn = pulumi.all([role.arn, profile.name]).apply(([arn]) => arn);
        this.instanceProfileName = profile.name;
        this.registerOutputs({ roleArn: this.roleArn, instanceProfileName: this.instanceProfileName });
    }
}

function parameterStatements(arns: pulumi.Input<string>[]): aws.iam.PolicyStatement[] {
    return arns.length === 0
        ? []
        : [{ Sid: "ReadOwnParameters", Effect: "Allow", Action: ["ssm:GetParameter"], Resource: arns }];
}
