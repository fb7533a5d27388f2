import assert from "node:assert";
import { publicKey } from "../support/settings";
import { counts, evaluateStack, type Stack } from "../support/stack";

// What the program as a whole declares: how many of what, below whom, with which tags and guards. Not proved: that AWS takes
// it, and what an update would replace; that needs an engine.

/** Settings of every mode, with the resources that each has more or fewer of than the defaults. */
const ssh = { accessMode: "ssh", sshPublicKey: publicKey, sshAllowedCidrs: ["203.0.113.0/24", "2001:db8::/32"] };
const external = { backend: "external", databaseHost: "db.example.internal", databasePassword: "p&ss word" };
const withoutUser = {
    "aws:iam/accessKey:AccessKey": -1,
    "aws:iam/group:Group": -1,
    "aws:iam/groupPolicy:GroupPolicy": -1,
    "aws:iam/user:User": -1,
    "aws:iam/userGroupMembership:UserGroupMembership": -1,
};
const modes: Record<string, { settings: Record<string, unknown>; difference: Record<string, number> }> = {
    "an empty stack file": { settings: {}, difference: {} },
    "a given bucket name": {
        settings: { bucketName: "team-artifacts" },
        difference: { "random:index/randomId:RandomId": -1 },
    },
    "an existing bucket": {
        settings: { existingBucketName: "team-artifacts" },
        difference: {
            "random:index/randomId:RandomId": -1,
            "aws:s3/bucket:Bucket": -1,
            "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": -1,
            "aws:s3/bucketOwnershipControls:BucketOwnershipControls": -1,
            "aws:s3/bucketPolicy:BucketPolicy": -1,
            "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": -1,
            "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": -1,
            "aws:s3/bucketVersioning:BucketVersioning": -1,
        },
    },
    "a restricted bucket": { settings: { restrictBucket: true }, difference: {} },
    "SSH access": {
        settings: ssh,
        difference: {
            "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": 2,
            "aws:ec2/eip:Eip": 1,
            "aws:ec2/eipAssociation:EipAssociation": 1,
        },
    },
    "SSH access and no rights in S3": {
        settings: { ...ssh, clientS3Rights: "none" },
        difference: {
            "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": 2,
            "aws:ec2/eip:Eip": 1,
            "aws:ec2/eipAssociation:EipAssociation": 1,
            "aws:iam/groupPolicy:GroupPolicy": -1,
        },
    },
    "an external database": {
        settings: external,
        difference: {
            "aws:ssm/parameter:Parameter": 2,
            "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": 1,
        },
    },
    "a database in RDS": {
        settings: { backend: "rds" },
        difference: {
            "aws:ec2/securityGroup:SecurityGroup": 1,
            "aws:rds/instance:Instance": 1,
            "aws:rds/parameterGroup:ParameterGroup": 1,
            "aws:rds/subnetGroup:SubnetGroup": 1,
            "aws:ssm/parameter:Parameter": 2,
            "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": 1,
            "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": 1,
            "random:index/randomId:RandomId": 1,
            "random:index/randomPassword:RandomPassword": 1,
        },
    },
    "the quick start": {
        settings: { clientS3Rights: "full", serverS3Rights: "full" },
        difference: {
            "aws:iam/groupPolicyAttachment:GroupPolicyAttachment": 1,
            "aws:iam/rolePolicyAttachment:RolePolicyAttachment": 1,
        },
    },
    "two access keys": { settings: { accessKeyB: "active" }, difference: { "aws:iam/accessKey:AccessKey": 1 } },
    "roles instead of a user": {
        settings: { clientRoleNames: ["DataScientist", "Reviewer"] },
        difference: {
            ...withoutUser,
            "aws:iam/policy:Policy": 1,
            "aws:iam/rolePolicyAttachment:RolePolicyAttachment": 2,
        },
    },
    "roles with full access to S3": {
        settings: { clientRoleNames: ["DataScientist"], clientS3Rights: "full" },
        difference: {
            ...withoutUser,
            "aws:iam/policy:Policy": 1,
            "aws:iam/rolePolicyAttachment:RolePolicyAttachment": 2,
        },
    },
    "roles of permission sets": {
        settings: {
            clientRoleNames: ["AWSReservedSSO_Data_0123456789abcdef"],
            ssoStartUrl: "https://team.awsapps.com/start",
            ssoRegion: "us-east-1",
        },
        difference: { ...withoutUser, "aws:iam/policy:Policy": 1 },
    },
    "roles, SSH access and no rights in S3": {
        settings: { ...ssh, clientRoleNames: ["DataScientist"], clientS3Rights: "none" },
        difference: {
            ...withoutUser,
            "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": 2,
            "aws:ec2/eip:Eip": 1,
            "aws:ec2/eipAssociation:EipAssociation": 1,
        },
    },
    "alarms and a log": {
        settings: { alarmEmail: "ml-team@example.com", logRetentionDays: 30 },
        difference: {
            "aws:cloudwatch/logGroup:LogGroup": 1,
            "aws:cloudwatch/metricAlarm:MetricAlarm": 10,
            "aws:sns/topic:Topic": 1,
            "aws:sns/topicSubscription:TopicSubscription": 1,
        },
    },
    "an existing instance": {
        settings: { existingInstanceId: "i-0123456789abcdef0" },
        difference: {
            "aws:ebs/volume:Volume": -1,
            "aws:ec2/instance:Instance": -1,
            "aws:ec2/securityGroup:SecurityGroup": -1,
            "aws:ec2/volumeAttachment:VolumeAttachment": -1,
            "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": -1,
        },
    },
    "running hours": {
        settings: { runningHours: "Mon-Fri 07:00-19:00" },
        difference: {
            "aws:scheduler/scheduleGroup:ScheduleGroup": 1,
            "aws:scheduler/schedule:Schedule": 2,
            "aws:iam/role:Role": 1,
            "aws:iam/rolePolicy:RolePolicy": 1,
        },
    },
    "a budget": {
        settings: { alarmEmail: "team@example.com", monthlyBudgetUsd: 25 },
        difference: {
            "aws:budgets/budget:Budget": 1,
            // The same address gets the alarms.
            "aws:cloudwatch/metricAlarm:MetricAlarm": 10,
            "aws:sns/topic:Topic": 1,
            "aws:sns/topicSubscription:TopicSubscription": 1,
        },
    },
    "a given subnet": {
        settings: { vpcId: "vpc-0d1e2f3a4b5c6d7e8", subnetId: "subnet-0a1b2c3d4e5f6a7b8" },
        difference: {},
    },
    "a network of its own": {
        settings: { networkCidr: "10.20.0.0/20" },
        difference: {
            "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": 1,
            "aws:ec2/internetGateway:InternetGateway": 1,
            "aws:ec2/route:Route": 1,
            "aws:ec2/routeTable:RouteTable": 2,
            "aws:ec2/routeTableAssociation:RouteTableAssociation": 4,
            "aws:ec2/subnet:Subnet": 4,
            "aws:ec2/vpc:Vpc": 1,
            "aws:ec2/vpcEndpoint:VpcEndpoint": 1,
        },
    },
};

/** The resources of an empty stack file. */
const byDefault: Record<string, number> = {
    "aws:ebs/volume:Volume": 1,
    "aws:ec2/instance:Instance": 1,
    "aws:ec2/securityGroup:SecurityGroup": 1,
    "aws:ec2/volumeAttachment:VolumeAttachment": 1,
    "aws:iam/accessKey:AccessKey": 1,
    "aws:iam/group:Group": 1,
    "aws:iam/groupPolicy:GroupPolicy": 1,
    "aws:iam/instanceProfile:InstanceProfile": 1,
    "aws:iam/role:Role": 1,
    "aws:iam/rolePolicy:RolePolicy": 1,
    "aws:iam/user:User": 1,
    "aws:iam/userGroupMembership:UserGroupMembership": 1,
    "aws:s3/bucket:Bucket": 1,
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": 1,
    "aws:s3/bucketObjectv2:BucketObjectv2": 1,
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": 1,
    "aws:s3/bucketPolicy:BucketPolicy": 1,
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": 1,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": 1,
    "aws:s3/bucketVersioning:BucketVersioning": 1,
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": 1,
    "random:index/randomId:RandomId": 1,
};

/** Types that take no tags; every other one must carry them. */
const untaggable = new Set([
    "aws:ec2/eipAssociation:EipAssociation",
    "aws:ec2/route:Route",
    "aws:ec2/routeTableAssociation:RouteTableAssociation",
    "aws:ec2/volumeAttachment:VolumeAttachment",
    "aws:iam/accessKey:AccessKey",
    "aws:iam/group:Group",
    "aws:iam/groupPolicy:GroupPolicy",
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment",
    "aws:iam/rolePolicy:RolePolicy",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    "aws:iam/userGroupMembership:UserGroupMembership",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
    "aws:s3/bucketPolicy:BucketPolicy",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "aws:s3/bucketVersioning:BucketVersioning",
    "aws:scheduler/schedule:Schedule",
    "aws:sns/topicSubscription:TopicSubscription",
    "random:index/randomId:RandomId",
    "random:index/randomPassword:RandomPassword",
]);

/** Logical names of the resources for which something holds. */
const namesWhere = (stack: Stack, holds: (resource: Stack["resources"][number]) => boolean): string[] =>
    stack.resources
        .filter(holds)
        .map(({ name }) => name)
        .sort();

describe("the program", () => {
    for (const [mode, { settings, difference }] of Object.entries(modes)) {
        it(`declares exactly these resources with ${mode}`, async () => {
            const expected: Record<string, number> = { ...byDefault };
            for (const [type, count] of Object.entries(difference)) {
                expected[type] = (expected[type] ?? 0) + count;
            }
            const present = Object.fromEntries(Object.entries(expected).filter(([, count]) => count > 0));
            assert.deepStrictEqual(counts(await evaluateStack(settings)), present);
        });

        it(`puts every resource below its component, and every component below the stack, with ${mode}`, async () => {
            const { resources } = await evaluateStack(settings);
            const [root] = resources;
            assert.strictEqual(root.type, "pulumi:pulumi:Stack");
            const client = "clientRoleNames" in settings ? "ClientRoles" : "ClientUser";
            const network = "networkCidr" in settings ? ["Network"] : [];
            const ofCosts = [
                ...("runningHours" in settings ? ["RunningHours"] : []),
                ...("monthlyBudgetUsd" in settings ? ["Budget"] : []),
            ];
            const components = resources.filter(({ type }) => type.startsWith("mlflow-aws:index:"));
            assert.deepStrictEqual(
                components.map(({ type, parent }) => [type.split(":")[2], parent]),
                [
                    ...[
                        "ArtifactBucket",
                        ...network,
                        "BackendStore",
                        ...("logRetentionDays" in settings ? ["HostLog"] : []),
                    ],
                    ...["ServerRole", "MlflowHost", ...("alarmEmail" in settings ? ["Alarms"] : []), client],
                    ...ofCosts,
                ].map((kind) => [kind, root.urn]),
            );
            const urns = new Set<string | undefined>(components.map(({ urn }) => urn));
            const others = resources.filter((resource) => resource !== root && !components.includes(resource));
            assert.deepStrictEqual(
                others.filter(({ parent }) => !urns.has(parent)).map(({ name }) => name),
                [],
            );
        });

        it(`tags everything that takes tags with ${mode}`, async () => {
            const stack = await evaluateStack({ ...settings, tags: { Team: "vision" } });
            const own = { Team: "vision", Project: "mlflow-aws", Environment: "test", ManagedBy: "Pulumi" };
            const taggable = stack.resources.filter(({ type }) => /^(aws|random):/.test(type) && !untaggable.has(type));
            assert.ok(taggable.length >= 5);
            for (const { name, inputs } of taggable) {
                const { Name, ...tags } = inputs.tags as Record<string, string>;
                assert.deepStrictEqual(tags, own, name);
                assert.ok(Name === undefined || /^mlflow-test-(host|network|backend-database)/.test(Name), name);
            }
            const untagged = stack.resources.filter(({ type, inputs }) => untaggable.has(type) && "tags" in inputs);
            assert.deepStrictEqual(untagged, []);
        });
    }

    it("protects the bucket, the data volume, the database and the log, each by itself, and nothing else", async () => {
        const isProtected = ({ protect }: { protect: boolean }) => protect;
        const all = { protect: true, logRetentionDays: 30, alarmEmail: "ml-team@example.com" };
        assert.deepStrictEqual(namesWhere(await evaluateStack(all), isProtected), [
            "mlflow-test-artifacts-bucket",
            "mlflow-test-host-data",
            "mlflow-test-log-group",
        ]);
        assert.deepStrictEqual(namesWhere(await evaluateStack({ backend: "rds", protect: true }), isProtected), [
            "mlflow-test-artifacts-bucket",
            "mlflow-test-backend-database-instance",
            "mlflow-test-host-data",
        ]);
        assert.deepStrictEqual(namesWhere(await evaluateStack(), isProtected), []);
    });

    it("deletes before it replaces what can exist only once: the instance and what is attached to it", async () => {
        const stack = await evaluateStack(ssh);
        assert.deepStrictEqual(
            namesWhere(stack, ({ deleteBeforeReplace }) => deleteBeforeReplace),
            ["mlflow-test-host-address-association", "mlflow-test-host-data-attachment", "mlflow-test-host-instance"],
        );
    });

    it("has secrets among the inputs only where passwords are", async () => {
        const secret = "4dabf18193072939515e22adb298388d"; // the SDK's mark
        const holders = (stack: Stack, text: string) =>
            namesWhere(stack, ({ inputs }) => JSON.stringify(inputs).includes(text));
        const named = await evaluateStack(external);
        assert.deepStrictEqual(holders(named, secret), ["mlflow-test-backend-passwords"]);
        assert.deepStrictEqual(holders(named, external.databasePassword), ["mlflow-test-backend-passwords"]);
        const made = await evaluateStack({ backend: "rds" });
        const passwords = ["mlflow-test-backend-database-instance", "mlflow-test-backend-passwords"];
        assert.deepStrictEqual(holders(made, secret), passwords);
        assert.deepStrictEqual(holders(made, String(made.inputs("aws:rds/instance:Instance").password)), passwords);
    });
});
