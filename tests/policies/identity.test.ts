import assert from "node:assert";
import { exceptions } from "../../policies/exceptions";
import { isEveryResource } from "../../policies/rules/identity";
import { unknown } from "../../policies/values";
import { judges, resource, urn } from "./cases";

// Good and bad policies of IAM. It proves what the rules read in a document; tests/access evaluate documents as IAM does.

const statement = { Sid: "Read", Effect: "Allow", Action: ["s3:GetObject"], Resource: "arn:aws:s3:::data/*" };
const policy = (changes: Record<string, unknown> = {}, type = "aws:iam/rolePolicy:RolePolicy") =>
    resource(type, { policy: { Version: "2012-10-17", Statement: [{ ...statement, ...changes }] } });
const agent = [
    ...["ssm:UpdateInstanceInformation", "ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel"],
    ...["ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel"],
];
const tagged = { StringEquals: { "aws:ResourceTag/Project": "mlflow-aws" } };

judges("no-wildcards-in-iam", {
    passes: {
        "actions and resources by name": policy(),
        "a Deny of everything": policy({ Effect: "Deny", Action: "*", Resource: "*", NotAction: "s3:*" }),
        "the agent of Session Manager": policy({ Action: agent, Resource: "*" }),
        "EC2's look-ups, however they are written": policy({
            Action: ["ec2:DescribeInstances", "EC2:describevpcs"],
            Resource: "*",
        }),
        "every resource with a tag": policy({ Action: "ec2:StopInstances", Resource: "*", Condition: tagged }),
        "every instance of a region": policy({ Resource: "arn:aws:ec2:us-west-1:123456789012:instance/*" }),
        "a variable of the caller": policy({
            Resource: "arn:aws:ssm:us-west-1:123456789012:session/${aws:username}-*",
        }),
        "what a preview does not know": [
            policy({ Resource: unknown }),
            resource("aws:iam/rolePolicy:RolePolicy", { policy: unknown }),
            resource("aws:iam/role:Role", { inlinePolicies: unknown }),
        ],
        "the policy of a key or a bucket, whose `*` is itself": [
            policy({ Action: "kms:*", Resource: "*" }, "aws:kms/key:Key"),
            policy({ Action: "s3:*", Resource: "*" }, "aws:s3/bucketPolicy:BucketPolicy"),
        ],
    },
    refuses: {
        "every action": [policy({ Action: "*" }), "policy, statement Read: Action: got *"],
        "every action of a service": [policy({ Action: ["s3:*"] }), "policy, statement Read: Action: got s3:*"],
        "a row of actions": [policy({ Action: ["s3:Get*"] }), "policy, statement Read: Action: got s3:Get*"],
        "a row of look-ups": [
            policy({ Action: ["ec2:Describe*"], Resource: "*" }),
            "policy, statement Read: Action: got ec2:Describe*",
            "policy, statement Read: Resource of ec2:Describe*: got *",
        ],
        "the look-up that shows user data": [
            policy({ Action: ["ec2:DescribeInstanceAttribute"], Resource: "*" }),
            "policy, statement Read: Resource of ec2:DescribeInstanceAttribute: got *",
        ],
        "every resource": [policy({ Resource: "*" }), "policy, statement Read: Resource of s3:GetObject: got *"],
        "every resource for one action too many": [
            policy({ Action: [...agent, "ssm:GetParameter"], Resource: "*" }),
            "policy, statement Read: Resource of ssm:GetParameter: got *",
        ],
        "every resource but for a weak condition": [
            policy({ Resource: "*", Condition: { StringLike: { "aws:ResourceTag/Project": "*" } } }),
            "policy, statement Read: Resource of s3:GetObject: got *",
        ],
        "all but some actions": [
            policy({ Action: undefined, NotAction: ["iam:*"] }),
            'policy, statement Read: NotAction: got ["iam:*"]',
        ],
        "all but some resources": [
            policy({ Resource: undefined, NotResource: unknown }),
            "policy, statement Read: NotResource: got a list",
        ],
        "a document that is text, a statement that is alone and has no name": [
            resource("aws:iam/policy:Policy", {
                policy: JSON.stringify({ Statement: { Effect: "Allow", Action: "*", Resource: "*" } }),
            }),
            "policy, statement 1: Action: got *",
            "policy, statement 1: Resource of *: got *",
        ],
        "the policy of a user, of a group, of a permission set": [
            [
                policy({ Action: "s3:*" }, "aws:iam/userPolicy:UserPolicy"),
                policy({ Action: "s3:*" }, "aws:iam/groupPolicy:GroupPolicy"),
                resource("aws:ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy", {
                    inlinePolicy: { Statement: { ...statement, Action: "s3:*" } },
                }),
            ],
            "policy, statement Read: Action: got s3:*",
            "policy, statement Read: Action: got s3:*",
            "inlinePolicy, statement Read: Action: got s3:*",
        ],
        "the second policy in a role": [
            resource("aws:iam/role:Role", {
                inlinePolicies: [
                    { policy: { Statement: statement } },
                    { policy: { Statement: { ...statement, Resource: "*" } } },
                ],
            }),
            "inlinePolicies[1].policy, statement Read: Resource of s3:GetObject: got *",
        ],
    },
});

describe("the exceptions", () => {
    it("say why, and name each action once", () => {
        const actions = exceptions.flatMap((exception) => exception.actions);
        assert.strictEqual(new Set(actions).size, actions.length);
        for (const { why, actions, but = [] } of exceptions) {
            assert.ok(why.length > 20 && actions.length > 0, why);
            for (const action of [...actions, ...but]) {
                assert.match(action, /^[a-z0-9]+:[A-Z][A-Za-z]+\*?$/);
            }
        }
    });
});

describe("every resource", () => {
    for (const [arn, every] of [
        ["*", true],
        ["arn:*", true],
        ["arn:aws:s3:::*", true],
        ["arn:aws:s3:::*/*", true],
        ["arn:aws:iam::123456789012:*", true],
        ["arn:aws:*:us-west-1:123456789012:instance/i-1", true],
        ["arn:aws:s3:::data*", false],
        ["arn:aws:s3:::data/*", false],
        ["arn:aws:iam::123456789012:role/mlflow-*", false],
        ["arn:*:s3:*:*:data", false],
    ] as const) {
        it(`${every ? "is" : "is not"} ${arn}`, () => assert.strictEqual(isEveryResource(arn), every));
    }
});

const trust = (changes: Record<string, unknown>) =>
    resource("aws:iam/role:Role", {
        assumeRolePolicy: { Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", ...changes }] },
    });
const tokens = "token.actions.githubusercontent.com";
const github = (condition: Record<string, unknown>) =>
    trust({
        Principal: { Federated: `arn:aws:iam::123456789012:oidc-provider/${tokens}` },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: condition,
    });
const subject = (sub: unknown, operator = "StringEquals") =>
    github({ StringEquals: { [`${tokens}:aud`]: "sts.amazonaws.com" }, [operator]: { [`${tokens}:sub`]: sub } });

judges("roles-trust-whom-they-name", {
    passes: {
        "a service": trust({ Principal: { Service: "ec2.amazonaws.com" } }),
        "an account": trust({ Principal: { AWS: ["arn:aws:iam::123456789012:root"] } }),
        "workflows of one repository": [
            subject("repo:octo/mlflow-aws:environment:prod"),
            subject(["repo:octo/mlflow-aws:*"], "StringLike"),
        ],
        "a Deny for everybody": trust({ Effect: "Deny", Principal: "*" }),
        "what a preview does not know": [
            resource("aws:iam/role:Role", { assumeRolePolicy: unknown }),
            subject(unknown),
        ],
    },
    refuses: {
        everybody: [trust({ Principal: "*" }), "assumeRolePolicy, statement 1: Principal: got *"],
        "everybody among others": [
            trust({ Principal: { AWS: ["arn:aws:iam::123456789012:root", "*"] } }),
            "assumeRolePolicy, statement 1: Principal: got *",
        ],
        "everybody but one": [
            trust({ NotPrincipal: { AWS: "arn:aws:iam::123456789012:root" } }),
            "assumeRolePolicy, statement 1: NotPrincipal: got everybody else",
        ],
        "workflows of any repository": [
            github({ StringEquals: { [`${tokens}:aud`]: "sts.amazonaws.com" } }),
            `assumeRolePolicy, statement 1: ${tokens}:sub: got nothing`,
        ],
        "workflows of any owner, one owner's pattern, and any repository of an owner": [
            [
                subject("repo:*", "StringLike"),
                subject(["repo:octo/mlflow-aws:*", "repo:oct*/mlflow-aws:*"], "StringLike"),
                subject("*", "StringLike"),
            ],
            `assumeRolePolicy, statement 1: ${tokens}:sub: got repo:*`,
            `assumeRolePolicy, statement 1: ${tokens}:sub: got repo:octo/mlflow-aws:*, repo:oct*/mlflow-aws:*`,
            `assumeRolePolicy, statement 1: ${tokens}:sub: got *`,
        ],
        "a subject that is only refused": [
            subject("repo:octo/mlflow-aws:*", "StringNotLike"),
            `assumeRolePolicy, statement 1: ${tokens}:sub: got nothing`,
        ],
    },
});

judges("users-have-rights-through-groups", {
    passes: {
        "a policy of a group or a role": [policy(), policy({}, "aws:iam/groupPolicy:GroupPolicy")],
        "an attachment without users": resource("aws:iam/policyAttachment:PolicyAttachment", { groups: ["team"] }),
    },
    refuses: {
        "a policy in a user": [
            resource("aws:iam/userPolicy:UserPolicy", { user: "ann" }),
            "user: got a policy of their own",
        ],
        "a policy on a user": [
            [
                resource("aws:iam/userPolicyAttachment:UserPolicyAttachment", { user: unknown }),
                resource("aws:iam/policyAttachment:PolicyAttachment", { users: ["ann", "ben"] }),
            ],
            ...["user", "users"].map((property) => `${property}: got a policy of their own`),
        ],
    },
});

const key = (name: string, user: unknown, status = "Active") =>
    resource(
        "aws:iam/accessKey:AccessKey",
        { user, status },
        { name, madeFrom: { user: [urn("user", String(name[0]))] } },
    );

judges("one-active-key-per-user", {
    passes: {
        "one key": key("it", "ann"),
        "a second one that is inactive": [key("it", "ann"), key("second", "ann", "Inactive")],
        "keys of two users": [key("it", "ann"), key("second", "ben")],
        "keys of users of whom nothing is known": ["first", "it"].map((name) =>
            resource(key("it", unknown).type, { user: unknown }, { name }),
        ),
        "keys of two users whose names are not known": [key("a1", unknown), key("b1", unknown)],
    },
    refuses: {
        "two active keys": [[key("first", "ann"), key("it", "ann")], "status: got a second active key"],
        "two of a user whose name is not known": [
            [key("i1", unknown), key("it", unknown)],
            "status: got a second active key",
        ],
    },
});
