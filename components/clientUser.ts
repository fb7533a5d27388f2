import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Account } from "./account";
import { type ClientRights, clientStatements } from "./clientStatements";
import { token } from "./token";

export interface ClientUserArgs {
    readonly account: Account;
    readonly userName: string;
    readonly rights: ClientRights;
    /** IAM allows a user two keys. At least one must be active. */
    readonly keys: Readonly<Record<KeySlot, KeyState>>;
    /** ARN of the policy that limits the user, whatever the group's policies say. */
    readonly permissionsBoundary?: string;
    readonly tags: Record<string, string>;
}

/** An access key comes, and goes, under the name of its slot. */
export type KeySlot = "a" | "b";
export type KeyState = "active" | "inactive" | "absent";

/** An access key that exists. */
export interface ClientKey {
    readonly slot: KeySlot;
    readonly id: string;
    readonly status: "Active" | "Inactive";
    /** ISO 8601, as IAM says it. */
    readonly created: string;
}

/**
 * An IAM user for teammates: one or two access keys, no console password, and rights through a group (Security Hub IAM.2
 * refuses policies on users).
 */
export class ClientUser extends pulumi.ComponentResource {
    public readonly userName: pulumi.Output<string>;
    /** Of the user alone. */
    public readonly arns: pulumi.Output<string>[];
    /** Every key, without its secret. */
    public readonly keys: pulumi.Output<ClientKey[]>;
    /** Of the newest active key. */
    public readonly accessKeyId: pulumi.Output<string>;
    /** Of the same key; always a secret. */
    public readonly secretAccessKey: pulumi.Output<string>;

    constructor(name: string, args: ClientUserArgs, opts?: pulumi.ComponentResourceOptions) {
        super(token("ClientUser"), name, {}, opts);
        const { rights, tags } = args;

        const group = new aws.iam.Group(`${name}-group`, {}, { parent: this });
        const statements = clientStatements(args.account, rights, "user");
        if (statements.length > 0) {
            new aws.iam.GroupPolicy(
                `${name}-policy`,
                { group: group.name, policy: { Version: "2012-10-17", Statement: statements } },
                { parent: this },
            );
        }
        if (rights.s3 === "full") {
            new aws.iam.GroupPolicyAttachment(
                `${name}-s3-full-access`,
                { group: group.name, policyArn: aws.iam.ManagedPolicy.AmazonS3FullAccess },
                { parent: this },
            );
        }
        // forceDestroy: a key or MFA device that somebody added by hand must not stop the stack's removal. Another name is another
        // user: IAM would keep the keys of a user that is renamed, and they could not be deleted under the name that they know.
        const user = new aws.iam.User(
            `${name}-user`,
            { name: args.userName, forceDestroy: true, permissionsBoundary: args.permissionsBoundary, tags },
            { parent: this, replaceOnChanges: ["name"] },
        );
        const membership = new aws.iam.UserGroupMembership(
            `${name}-membership`,
            { user: user.name, groups: [group.name] },
            { parent: this },
        );
        const slots = (["a", "b"] as const).filter((slot) => args.keys[slot] !== "absent");
        const keys = slots.map((slot) => {
            const key = new aws.iam.AccessKey(
                `${name}-access-key-${slot}`,
                { user: user.name, status: args.keys[slot] === "active" ? "Active" : "Inactive" },
                { parent: this, dependsOn: [membership] },
            );
            return { slot, key };
        });

        this.userName = user.name;
        this.arns = [user.arn];
        this.keys = pulumi.all(
            keys.map(({ slot, key: { id, status, createDate } }) =>
                pulumi.all([id, status, createDate]).apply(([id, status, created]) => ({
                    slot,
                    id,
                    status: status === "Inactive" ? ("Inactive" as const) : ("Active" as const),
                    created,
                })),
            ),
        );
        const active = keys.filter(({ slot }) => args.keys[slot] === "active").map(({ key }) => key);
        // Dates are asked for only where there is a choice: without one, a preview knows the key.
        const dates = active.length > 1 ? active.map(({ createDate }) => createDate) : [""];
        const newest = pulumi.all(dates).apply((known) => known.indexOf([...known].sort().at(-1)!));
        const ofNewest = (values: pulumi.Output<string>[]) =>
            pulumi.all([newest, pulumi.all(values)]).apply(([index, known]) => known[index]);
        this.accessKeyId = ofNewest(active.map(({ id }) => id));
        this.secretAccessKey = pulumi.secret(ofNewest(active.map(({ secret }) => secret)));
        this.registerOutputs({
            userName: this.userName,
            arns: this.arns,
            keys: this.keys,
            accessKeyId: this.accessKeyId,
            secretAccessKey: this.secretAccessKey,
        });
    }
}
