import assert from "node:assert";
import { lookupRights, typeRights } from "../../bootstrap/rights";
import { withSecrets } from "../../plan/secrets";
import { lookups, resourceHandlers } from "../../sandbox/aws/emulatedAws";
import { publicKey } from "../support/settings";
import { evaluateStack } from "../support/stack";
import { deployer, documentsOf, environmentWith, previewer, refusedAmong, type Role } from "./support";
import { databases } from "./requests/databases";
import { costs } from "./requests/costs";
import { identities } from "./requests/identities";
import { lookupRequests } from "./requests/lookups";
import { machines } from "./requests/machines";
import { network } from "./requests/network";
import { type Operations, type Request } from "./requests/request";
import { monitoring } from "./requests/monitoring";
import { storage } from "./requests/storage";

// That the rights are enough: for every resource and look-up that the real program declares, whatever the settings, the deployment may
// do all that the provider asks for, and the preview may look at all of it and do none of the rest. What the provider asks for stands in
// requests/, and is not proved (its first lines); nor what an account adds, such as service control policies.

const boundaryArn = "arn:aws:iam::123456789012:policy/github-mlflow-dev-boundary";
const ssh = { accessMode: "ssh", sshAllowedCidrs: ["203.0.113.0/24"] };
const modes: Record<string, Record<string, unknown>> = {
    "an empty settings file": {},
    "a named bucket that may be emptied": { bucketName: "team-artifacts", forceDestroy: true },
    "a restricted bucket": { restrictBucket: true },
    "an existing bucket": { existingBucketName: "team-artifacts" },
    "SSH access": { ...ssh, sshPublicKey: publicKey },
    "SSH access with a key pair": { ...ssh, sshKeyPairName: "team" },
    "an external database": { backend: "external", databaseHost: "192.0.2.5", databasePassword: "secret" },
    "a database in RDS": { backend: "rds", databasePasswordGeneration: 2 },
    "the quick start": { clientS3Rights: "full", serverS3Rights: "full" },
    "two access keys": { accessKeyB: "active" },
    "another user's name": { clientUserName: "ml+team@example.com" },
    "roles instead of a user": { clientRoleNames: ["DataScientist", "Reviewer"], clientS3Rights: "full" },
    "roles of permission sets": {
        clientRoleNames: ["AWSReservedSSO_Data_0123456789abcdef"],
        ssoStartUrl: "https://team.awsapps.com/start",
        ssoRegion: "us-east-1",
    },
    "alarms and a log": { alarmEmail: "ml-team@example.com", logRetentionDays: 30 },
    "an existing instance": { existingInstanceId: "i-0123456789abcdef0" },
    "running hours and a budget": {
        ...{ runningHours: "Mon-Fri 07:00-19:00", alarmEmail: "team@example.com", monthlyBudgetUsd: 25 },
    },
    "a given subnet and image": {
        vpcId: "vpc-0d1e2f3a4b5c6d7e8",
        subnetId: "subnet-0a1b2c3d4e5f6a7b8",
        ami: "ami-0123456789abcdef0",
    },
    "a network of its own": { networkCidr: "10.20.0.0/20" },
};

/** What is looked up only when there is something of the stack already. */
const ofLaterRuns: Record<string, Record<string, unknown>> = {
    "aws:ebs/getEbsVolumes:getEbsVolumes": { ids: ["vol-0a1b2c3d4e5f60718"] },
    "aws:ec2/getSubnets:getSubnets": { ids: ["subnet-0a1b2c3d4e5f6a7b8", "subnet-0b1c2d3e4f5a6b7c8"] },
};

const asks = { ...storage, ...databases, ...identities, ...machines, ...network, ...costs, ...monitoring };
/** Guards, health check and state ask for these. */
const ofCommands = [
    ...["ec2:GetConsoleOutput", "iam:GetAccessKeyLastUsed", "kms:Decrypt"],
    "ssm:DescribeInstanceInformation",
];
const changing = ["create", "update", "delete"] as const;

describe("the rights of a deployment", () => {
    it("are listed for every type and every look-up that there is, and so are the requests of this test", () => {
        const types = Object.keys(resourceHandlers).sort();
        assert.deepStrictEqual(Object.keys(typeRights).sort(), types);
        assert.deepStrictEqual(Object.keys(asks).sort(), types);
        assert.deepStrictEqual(Object.keys(lookupRights).sort(), Object.keys(lookups).sort());
        assert.deepStrictEqual(Object.keys(lookupRequests).sort(), Object.keys(lookups).sort());
    });

    const met = new Set<string>();
    const asked = new Set<string>();
    for (const [mode, settings] of Object.entries(modes)) {
        describe(`with ${mode}`, () => {
            let operations: [string, Operations][];
            let lookedUp: Request[];
            let deploy: Role;
            let preview: Role;
            before(async () => {
                const answers: Request[] = [];
                const watching = Object.keys(lookupRequests).map((token) => [
                    token,
                    (inputs: Record<string, unknown>) => {
                        met.add(token);
                        answers.push(...lookupRequests[token](inputs));
                        return ofLaterRuns[token];
                    },
                ]);
                const stack = await evaluateStack(
                    { permissionsBoundaryArn: boundaryArn, ...settings },
                    { name: "dev", lookups: Object.fromEntries(watching) as never },
                );
                lookedUp = answers;
                operations = stack.resources
                    .filter(({ type }) => type in asks)
                    .map(({ type, name, inputs }) => {
                        met.add(type);
                        const plain = withSecrets(inputs, (secret) => secret) as Record<string, unknown>;
                        return [`${type} ${name}`, asks[type]({ name, inputs: plain })];
                    });
                const requests = operations.flatMap(([, all]) => Object.values(all) as (readonly Request[])[]);
                [...requests.flat(), ...lookedUp].forEach(([action]) => asked.add(action));
                const environment = environmentWith(settings);
                deploy = deployer(environment);
                preview = previewer(environment);
            });

            it("are enough to read, make, change and delete all of it", () => {
                for (const [resource, { create, read, update, delete: remove }] of operations) {
                    const all = [...create, ...read, ...update, ...remove];
                    assert.deepStrictEqual(refusedAmong(deploy, all), [], resource);
                }
                assert.deepStrictEqual(refusedAmong(deploy, lookedUp), []);
            });

            it("are, for a preview, enough to look at all of it, and none to change it", () => {
                for (const [resource, all] of operations) {
                    assert.deepStrictEqual(refusedAmong(preview, all.read), [], resource);
                    for (const operation of changing) {
                        const count = all[operation].length;
                        assert.strictEqual(refusedAmong(preview, all[operation]).length, count, resource);
                    }
                }
                assert.deepStrictEqual(refusedAmong(preview, lookedUp), []);
            });
        });
    }

    it("do not reach the deletion of what `protect` covers", () => {
        const settings = { protect: true, bucketName: "team-artifacts" };
        const environment = environmentWith(settings);
        const bucket = asks["aws:s3/bucket:Bucket"]({ name: "", inputs: { bucket: "team-artifacts" } });
        const volume = asks["aws:ebs/volume:Volume"]({ name: "", inputs: { tags: {} } });
        const inputs = { identifier: "mlflow-dev-backend-database-0a1b2c3d" };
        const database = asks["aws:rds/instance:Instance"]({ name: "", inputs });
        const removals = [...bucket.delete, ...volume.delete, ...database.delete];
        assert.deepStrictEqual(
            refusedAmong(deployer(environment), removals).map((line) => line.split(" ")[0]),
            ["s3:DeleteBucket", "ec2:DeleteVolume", "rds:DeleteDBInstance"],
        );
        const changes = [...bucket.update, ...volume.update];
        assert.deepStrictEqual(refusedAmong(deployer(environment), changes), []);
    });

    describe("with all of these together", () => {
        it("were tried for every type and every look-up", () => {
            assert.deepStrictEqual([...met].sort(), [...Object.keys(asks), ...Object.keys(lookupRequests)].sort());
        });

        it("hold no action that nothing asks for", () => {
            const granted = Object.values(
                documentsOf(environmentWith({ forceDestroy: true, networkCidr: "10.20.0.0/20" })),
            )
                .flatMap(({ Statement }) => Statement)
                .filter(({ Sid }) => /^(Read|Change)/.test(Sid))
                .flatMap(({ Action }) => Action);
            const unasked = new Set(granted.filter((action) => !asked.has(action)));
            assert.deepStrictEqual([...unasked].sort(), ofCommands);
        });
    });
});
