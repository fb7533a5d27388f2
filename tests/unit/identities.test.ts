import assert from "node:assert";
import { evaluateStack } from "../support/stack";

// ClientUser and ServerRole: who they are and what they hang on. What their policies allow is judged in tests/access.

const tags = { Project: "mlflow-aws", Environment: "test", ManagedBy: "Pulumi" };

describe("ClientUser", () => {
    it("is a user with rights through a group, one key and no console password", async () => {
        const stack = await evaluateStack();
        const { group } = stack.inputs("aws:iam/groupPolicy:GroupPolicy");
        assert.match(String(group), /^mlflow-test-client-group-[0-9a-f]{7}$/);
        assert.deepStrictEqual(stack.inputs("aws:iam/user:User"), {
            name: "mlflow-test-client",
            forceDestroy: true,
            tags,
        });
        assert.deepStrictEqual(stack.inputs("aws:iam/userGroupMembership:UserGroupMembership"), {
            user: "mlflow-test-client",
            groups: [group],
        });
        assert.deepStrictEqual(stack.inputs("aws:iam/accessKey:AccessKey"), {
            user: "mlflow-test-client",
            status: "Active",
        });
        for (const type of ["aws:iam/userLoginProfile:UserLoginProfile", "aws:iam/userPolicy:UserPolicy"]) {
            assert.deepStrictEqual(stack.all(type), []);
        }
    });

    it("has its key only when its rights are in place", async () => {
        const stack = await evaluateStack();
        const { dependencies } = stack.one("aws:iam/accessKey:AccessKey");
        assert.ok(dependencies.includes(stack.one("aws:iam/userGroupMembership:UserGroupMembership").urn));
    });

    it("has AWS's full access to S3 only when asked for by name", async () => {
        const stack = await evaluateStack({ clientS3Rights: "full" });
        const { policyArn } = stack.inputs("aws:iam/groupPolicyAttachment:GroupPolicyAttachment");
        assert.strictEqual(policyArn, "arn:aws:iam::aws:policy/AmazonS3FullAccess");
    });

    it("takes its name from the settings", async () => {
        const stack = await evaluateStack({ clientUserName: "mlflow-client" });
        assert.strictEqual(stack.output("clientUserName"), "mlflow-client");
        assert.strictEqual(stack.inputs("aws:iam/accessKey:AccessKey").user, "mlflow-client");
    });
});

describe("ServerRole", () => {
    it("is a role for EC2, with an instance profile", async () => {
        const stack = await evaluateStack();
        const role = stack.inputs("aws:iam/rolePolicy:RolePolicy").role;
        assert.match(String(role), /^mlflow-test-server-role-[0-9a-f]{7}$/);
        assert.deepStrictEqual(stack.inputs("aws:iam/role:Role"), {
            description: "MLflow tracking server",
            assumeRolePolicy: {
                Version: "2012-10-17",
                Statement: [
                    { Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: ["sts:AssumeRole"] },
                ],
            },
            tags,
        });
        assert.deepStrictEqual(stack.inputs("aws:iam/instanceProfile:InstanceProfile"), { role, tags });
        assert.strictEqual(stack.output("serverRoleArn"), `arn:aws:iam::123456789012:role/${String(role)}`);
    });

    it("is given to the instance only when its policies exist", async () => {
        for (const serverS3Rights of ["scoped", "full"]) {
            const stack = await evaluateStack({ serverS3Rights });
            const { dependencies } = stack.one("aws:iam/instanceProfile:InstanceProfile");
            const policies = stack.resources.filter(({ type }) => type.startsWith("aws:iam/rolePolicy"));
            assert.strictEqual(policies.length, serverS3Rights === "full" ? 2 : 1);
            for (const { urn } of policies) {
                assert.ok(dependencies.includes(urn), urn);
            }
        }
    });

    it("has AWS's full access to S3 only when asked for by name, instead of its own statements", async () => {
        const stack = await evaluateStack({ serverS3Rights: "full" });
        const { policyArn } = stack.inputs("aws:iam/rolePolicyAttachment:RolePolicyAttachment");
        assert.strictEqual(policyArn, "arn:aws:iam::aws:policy/AmazonS3FullAccess");
        const { policy } = stack.inputs("aws:iam/rolePolicy:RolePolicy") as {
            policy: { Statement: { Sid: string }[] };
        };
        assert.deepStrictEqual(
            policy.Statement.map(({ Sid }) => Sid),
            ["SessionManagerAgent"],
        );
    });
});
