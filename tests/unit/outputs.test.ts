import assert from "node:assert";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { publicKey } from "../support/settings";
import { evaluateStack, valuesOf } from "../support/stack";

// The stable interface: every output of every mode, with its exact form. Commands are run in tests/sandbox and parsed by a
// real shell in tests/unit/handover.test.ts.

const always = [
    "accessMode",
    "accountId",
    "artifactMode",
    "artifactRoot",
    "backendKind",
    "bucketArn",
    "bucketName",
    "clientAccessKeyId",
    "clientAccessKeys",
    "clientEnvironment",
    "clientS3Rights",
    "clientSecretAccessKey",
    "clientUserName",
    "instanceId",
    "instanceProfileName",
    "mlflowVersion",
    "outputsVersion",
    "presignedTransfers",
    "profileConfigSnippet",
    "profileCredentialsSnippet",
    "profileName",
    "profileSetupCommands",
    "profileVerifyCommands",
    "region",
    "serverRoleArn",
    "stack",
    "trackingUri",
    "tunnelCommand",
];
const secret = ["clientSecretAccessKey", "profileCredentialsSnippet", "profileSetupCommands"];

describe("the outputs", () => {
    it("are exactly these, the same in every mode", async () => {
        for (const settings of [
            {},
            { backend: "external", databaseHost: "db", databasePassword: "x" },
            { artifactMode: "direct" },
        ]) {
            assert.deepStrictEqual(Object.keys((await evaluateStack(settings)).outputs).sort(), always);
        }
    });

    it("have the address with SSH access", async () => {
        const ssh = { accessMode: "ssh", sshPublicKey: publicKey, sshAllowedCidrs: ["203.0.113.0/24"] };
        const stack = await evaluateStack(ssh);
        assert.deepStrictEqual(Object.keys(stack.outputs).sort(), [...always, "sshAddress"].sort());
        assert.strictEqual(stack.output("sshAddress"), "198.51.100.7");
    });

    it("have the hours with running hours", async () => {
        const stack = await evaluateStack({ runningHours: "07:00-19:00", runningHoursTimeZone: "Asia/Kolkata" });
        assert.deepStrictEqual(Object.keys(stack.outputs).sort(), [...always, "runningHours"].sort());
        assert.strictEqual(stack.output("runningHours"), "07:00-19:00 Asia/Kolkata");
    });

    it("have two more with an existing instance", async () => {
        const stack = await evaluateStack({ existingInstanceId: "i-0123456789abcdef0" });
        assert.deepStrictEqual(
            Object.keys(stack.outputs).sort(),
            [...always, "attachRoleCommand", "installHostCommand"].sort(),
        );
        assert.strictEqual(
            stack.output("attachRoleCommand"),
            "aws ec2 associate-iam-instance-profile --region us-west-1 --instance-id i-0123456789abcdef0 " +
                `--iam-instance-profile Name=${String(stack.output("instanceProfileName"))}`,
        );
        const install = String(stack.output("installHostCommand"));
        assert.match(install, /^sudo bash <<'END_OF_INSTALLER'\n#!\/bin\/bash\n/);
        assert.match(install, /\nexec \/opt\/mlflow\/host\/install\.sh\nEND_OF_INSTALLER\n$/);
        assert.match(install, /^HOST_DATA_VOLUME_ID=""$/m);
    });

    it("are secret where they hold the key's secret, and nowhere else", async () => {
        const stack = await evaluateStack({ existingInstanceId: "i-0123456789abcdef0" });
        const marked = Object.keys(stack.outputs).filter((name) => stack.outputs[name].secret);
        assert.deepStrictEqual(marked.sort(), secret);
        const value = String(stack.output("clientSecretAccessKey"));
        assert.ok(value.length >= 40);
        const holding = Object.keys(stack.outputs).filter((name) => String(stack.outputs[name].value).includes(value));
        assert.deepStrictEqual(holding.sort(), secret);
    });

    it("have these values by default", async () => {
        const stack = await evaluateStack();
        const bucket = String(stack.output("bucketName"));
        const instanceId = String(stack.output("instanceId"));
        const key = String(stack.output("clientAccessKeyId"));
        const secretKey = String(stack.output("clientSecretAccessKey"));
        assert.match(bucket, /^mlflow-test-[0-9a-f]{16}$/);
        assert.match(instanceId, /^i-[0-9a-f]{17}$/);
        assert.match(key, /^AKIA[0-9A-F]{16}$/);
        const plain = valuesOf(stack.outputs);
        const { serverRoleArn, instanceProfileName, ...values } = plain;
        assert.match(String(serverRoleArn), /^arn:aws:iam::123456789012:role\/mlflow-test-server-role-[0-9a-f]{7}$/);
        assert.match(String(instanceProfileName), /^mlflow-test-server-instance-profile-[0-9a-f]{7}$/);
        assert.deepStrictEqual(values, {
            outputsVersion: 1,
            stack: "test",
            region: "us-west-1",
            accountId: "123456789012",
            bucketName: bucket,
            bucketArn: `arn:aws:s3:::${bucket}`,
            artifactRoot: `s3://${bucket}/artifacts`,
            clientUserName: "mlflow-test-client",
            clientAccessKeyId: key,
            clientSecretAccessKey: secretKey,
            clientAccessKeys: [{ slot: "a", id: key, status: "Active", created: "2026-01-01T00:00:00Z" }],
            clientS3Rights: "readWrite",
            profileName: "mlflow-test",
            profileConfigSnippet: "[profile mlflow-test]\nregion = us-west-1\noutput = json\n",
            profileCredentialsSnippet: `[mlflow-test]\naws_access_key_id = ${key}\naws_secret_access_key = ${secretKey}\n`,
            profileSetupCommands:
                `aws configure --profile mlflow-test <<'END_OF_ANSWERS'\n${key}\n${secretKey}\nus-west-1\njson\n` +
                "END_OF_ANSWERS\n",
            profileVerifyCommands:
                "aws sts get-caller-identity --profile mlflow-test\n" +
                `aws s3api list-objects-v2 --bucket ${bucket} --prefix artifacts/ --max-items 10 --profile mlflow-test\n`,
            instanceId,
            accessMode: "ssm",
            tunnelCommand:
                `aws ssm start-session --profile mlflow-test --region us-west-1 --target ${instanceId} --document-name ` +
                `AWS-StartPortForwardingSession --parameters '{"portNumber":["5000"],"localPortNumber":["5001"]}'`,
            trackingUri: "http://localhost:5001",
            clientEnvironment: "export MLFLOW_TRACKING_URI=http://localhost:5001\n",
            artifactMode: "proxied",
            presignedTransfers: true,
            mlflowVersion: "3.17.2",
            backendKind: "sqlite",
        });
    });

    it("follow the settings: SSH, port, region, names, direct artifacts, no rights in S3", async () => {
        const ssh = await evaluateStack({
            accessMode: "ssh",
            sshPublicKey: publicKey,
            sshAllowedCidrs: ["203.0.113.0/24"],
            localPort: 5007,
            clientS3Rights: "none",
            profileName: "team",
            "aws:region": "eu-central-1",
        });
        assert.strictEqual(
            ssh.output("tunnelCommand"),
            "ssh -N -L 127.0.0.1:5007:127.0.0.1:5000 -o ExitOnForwardFailure=yes -o ServerAliveInterval=30 " +
                "-o StrictHostKeyChecking=accept-new -o HostKeyAlias=mlflow-test mlflow-tunnel@198.51.100.7",
        );
        assert.strictEqual(ssh.output("trackingUri"), "http://localhost:5007");
        assert.strictEqual(ssh.output("profileVerifyCommands"), "aws sts get-caller-identity --profile team\n");
        assert.strictEqual(ssh.output("region"), "eu-central-1");

        const direct = await evaluateStack({ artifactMode: "direct" });
        assert.strictEqual(
            direct.output("clientEnvironment"),
            "export MLFLOW_TRACKING_URI=http://localhost:5001\nexport AWS_PROFILE=mlflow-test\n" +
                "export AWS_DEFAULT_REGION=us-west-1\nexport MLFLOW_S3_EXPECTED_BUCKET_OWNER=123456789012\n",
        );

        const offline = await evaluateStack({ presignedTransfers: false });
        assert.strictEqual(
            offline.output("clientEnvironment"),
            "export MLFLOW_TRACKING_URI=http://localhost:5001\nexport MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD=false\n" +
                "export MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD=false\n",
        );
    });

    it("are all described in the README, with the right word about secrecy", () => {
        const readme = readFileSync(path.join(__dirname, "../../README.md"), "utf8");
        const section = readme.slice(readme.indexOf("\n## Outputs"), readme.indexOf("\n## Tests"));
        const rows = [...section.matchAll(/^\| `(\w+)` \| (.*) \|$/gm)];
        const sometimes = [
            "attachRoleCommand",
            "installHostCommand",
            "sshAddress",
            "clientRoleArns",
            "clientPolicyArn",
            "runningHours",
        ];
        const expected = [...always, ...sometimes].sort();
        assert.deepStrictEqual(rows.map(([, name]) => name).sort(), expected);
        const secretRows = rows.filter(([, , text]) => text.includes("**secret**")).map(([, name]) => name);
        assert.deepStrictEqual(secretRows.sort(), secret);
    });
});
