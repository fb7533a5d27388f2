import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Account } from "./account";
import { type ClientRights, clientStatements } from "./clientStatements";
import { token } from "./token";

/** A role that exists. */
export interface ClientRole {
    readonly name: string;
    readonly arn: string;
    /** Only IAM Identity Center may change it: it attaches the policy itself, by the policy's name. */
    readonly reserved: boolean;
}

export interface ClientRolesArgs {
    readonly account: Account;
    readonly roles: readonly ClientRole[];
    readonly policyName: string;
    readonly rights: ClientRights;
    readonly tags: Record<string, string>;
}

/**
 * Rights for teammates who sign in with roles of their own: no user, no key. One policy, attached to each role; the policy is
 * there for permission sets to name, whose roles AWS lets nobody else change.
 * https://docs.aws.amazon.com/singlesignon/latest/userguide/permissionsetcustom.html
 */
export class ClientRoles extends pulumi.ComponentResource {
    /** Absent where the rights hold no statement: SSH access without rights in S3, or full access. */
    public readonly policyArn?: pulumi.Output<string>;
    /** Of the roles. */
    public readonly arns: string[];

    constructor(name: string, args: ClientRolesArgs, opts?: pulumi.ComponentResourceOptions) {
        super(token("ClientRoles"), name, {}, opts);
        const { rights, policyName } = args;
        this.arns = args.roles.map(({ arn }) => arn);

        const statements = clientStatements(args.account, rights, "role");
        const policies: Record<string, pulumi.Input<string>> = {};
        if (statements.length > 0) {
            const policy = new aws.iam.Policy(
                `${name}-policy`,
                {
                    name: policyName,
                    description: "MLflow tracking server: what its clients may do",
                    policy: { Version: "2012-10-17", Statement: statements },
                    tags: args.tags,
                },
                { parent: this },
            );
            this.policyArn = policy.arn;
            policies.policy = policy.arn;
        }
        if (rights.s3 === "full") {
            policies["s3-full-access"] = aws.iam.ManagedPolicy.AmazonS3FullAccess;
        }
        for (const role of args.roles.filter(({ reserved }) => !reserved)) {
            for (const [kind, policyArn] of Object.entries(policies)) {
                new aws.iam.RolePolicyAttachment(
                    `${name}-${role.name}-${kind}`,
                    { role: role.name, policyArn },
                    { parent: this },
                );
            }
        }
        this.registerOutputs({ policyArn: this.policyArn, arns: this.arns });
    }
}
