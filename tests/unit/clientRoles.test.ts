import assert from "node:assert";
import { evaluateStack, refusal } from "../support/stack";

// Teammates who sign in with roles of their own: no user, no key, and snippets that say so. What the policy allows is judged in
// tests/access/roles.test.ts. Not proved: a sign-in, which only IAM Identity Center could answer.

const tags = { Project: "mlflow-aws", Environment: "test", ManagedBy: "Pulumi" };
const permissionSet = {
    clientRoleNames: ["AWSReservedSSO_Data_Science_0123456789abcdef"],
    ssoStartUrl: "https://team.awsapps.com/start",
    ssoRegion: "us-east-1",
};

describe("ClientRoles", () => {
    it("attaches one policy of a known name to each role, and makes no user, group or key", async () => {
        const stack = await evaluateStack({ clientRoleNames: ["DataScientist", "Reviewer"] });
        const { policy, ...rest } = stack.inputs("aws:iam/policy:Policy");
        assert.deepStrictEqual(rest, {
            name: "mlflow-test-client",
            description: "MLflow tracking server: what its clients may do",
            tags,
        });
        assert.deepStrictEqual(
            (policy as { Statement: { Sid: string }[] }).Statement.map(({ Sid }) => Sid),
            ["ListArtifacts", "ReadArtifacts", "WriteArtifacts", "OpenTunnel", "UseOwnSessions", "UseOwnDataChannels"],
        );
        assert.deepStrictEqual(
            stack.all("aws:iam/rolePolicyAttachment:RolePolicyAttachment").map(({ inputs }) => inputs),
            ["DataScientist", "Reviewer"].map((role) => ({
                role,
                policyArn: "arn:aws:iam::123456789012:policy/mlflow-test-client",
            })),
        );
        for (const type of ["user:User", "group:Group", "accessKey:AccessKey", "groupPolicy:GroupPolicy"]) {
            assert.deepStrictEqual(stack.all(`aws:iam/${type}`), []);
        }
    });

    it("leaves roles of permission sets alone, which name the policy themselves", async () => {
        const stack = await evaluateStack(permissionSet);
        assert.strictEqual(stack.inputs("aws:iam/policy:Policy").name, "mlflow-test-client");
        assert.deepStrictEqual(stack.all("aws:iam/rolePolicyAttachment:RolePolicyAttachment"), []);
    });

    it("restricts the bucket to the roles by their own ARNs, with their paths", async () => {
        const stack = await evaluateStack({ ...permissionSet, restrictBucket: true });
        const { policy } = stack.inputs("aws:s3/bucketPolicy:BucketPolicy") as {
            policy: { Statement: { Condition: { ArnNotLike?: Record<string, string[]> } }[] };
        };
        assert.deepStrictEqual(policy.Statement[1].Condition.ArnNotLike, {
            "aws:PrincipalArn": [
                stack.output("serverRoleArn"),
                "arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/us-east-1/AWSReservedSSO_Data_Science_0123456789abcdef",
                "arn:aws:iam::123456789012:root",
            ],
        });
    });

    it("is refused for a role that does not exist, before anything is made", async () => {
        const lookups = {
            "aws:iam/getRole:getRole": ({ name }: Record<string, unknown>) => {
                if (name === "Reviewer") {
                    const details = "reading IAM Role (Reviewer): couldn't find resource";
                    throw Object.assign(new Error(details), { details });
                }
                return { name, arn: "arn:aws:iam::123456789012:role/x" };
            },
        };
        assert.strictEqual(
            await refusal({ clientRoleNames: ["DataScientist", "Reviewer"] }, { lookups }),
            "The settings of stack test cannot be used (1 fault):\n" +
                "  clientRoleNames: got Reviewer; allowed: a role that exists in us-west-1 and that you may look at; remedy: " +
                "correct the name, or use credentials of its account (reading IAM Role (Reviewer): couldn't find resource)",
        );
    });
});

describe("the outputs with roles", () => {
    it("are without the user's, and nothing of them is secret", async () => {
        const byUser = Object.keys((await evaluateStack()).outputs);
        const stack = await evaluateStack({ clientRoleNames: ["DataScientist"] });
        const names = Object.keys(stack.outputs);
        assert.deepStrictEqual(
            byUser.filter((name) => !names.includes(name)),
            [
                "clientUserName",
                "clientAccessKeyId",
                "clientSecretAccessKey",
                "clientAccessKeys",
                "profileCredentialsSnippet",
            ],
        );
        assert.deepStrictEqual(
            names.filter((name) => !byUser.includes(name)),
            ["clientRoleArns", "clientPolicyArn"],
        );
        assert.deepStrictEqual(
            names.filter((name) => stack.outputs[name].secret),
            [],
        );
        assert.deepStrictEqual(stack.output("clientRoleArns"), ["arn:aws:iam::123456789012:role/DataScientist"]);
        assert.strictEqual(stack.output("clientPolicyArn"), "arn:aws:iam::123456789012:policy/mlflow-test-client");
    });

    it("make a profile that assumes the first role from the default profile", async () => {
        const stack = await evaluateStack({ clientRoleNames: ["DataScientist", "Reviewer"] });
        const role = "arn:aws:iam::123456789012:role/DataScientist";
        assert.strictEqual(
            stack.output("profileConfigSnippet"),
            `[profile mlflow-test]\n# There is no user and no key: you are ${role}.\n` +
                `role_arn = ${role}\nsource_profile = default\nregion = us-west-1\noutput = json\n`,
        );
        assert.strictEqual(
            stack.output("profileSetupCommands"),
            `aws configure set role_arn ${role} --profile mlflow-test\n` +
                "aws configure set source_profile default --profile mlflow-test\n" +
                "aws configure set region us-west-1 --profile mlflow-test\n" +
                "aws configure set output json --profile mlflow-test\n",
        );
        assert.match(String(stack.output("profileVerifyCommands")), /^aws sts get-caller-identity /);
    });

    it("make a profile that signs in at IAM Identity Center, for a permission set", async () => {
        const stack = await evaluateStack(permissionSet);
        const snippet = String(stack.output("profileConfigSnippet")).split("\n");
        assert.deepStrictEqual(snippet.slice(2), [
            "sso_start_url = https://team.awsapps.com/start",
            "sso_region = us-east-1",
            "sso_account_id = 123456789012",
            "sso_role_name = Data_Science",
            "region = us-west-1",
            "output = json",
            "",
        ]);
        assert.match(
            String(stack.output("profileVerifyCommands")),
            /^aws sso login --profile mlflow-test\naws sts get-caller-identity --profile mlflow-test\n/,
        );
    });
});
