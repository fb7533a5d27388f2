import assert from "node:assert";
import { hostInstaller } from "../../components/hostInstaller";
import * as handover from "../../handover";
import { shellWord } from "../../handover/shell";

// The texts that are handed to teammates, word for word. That a shell takes them as they are meant is in
// handover.shell.test.ts. Not proved in either: that the AWS CLI knows these options, or that a tunnel opens.

const secretAccessKey = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const profile = { name: "mlflow-dev", region: "us-west-1", accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey };

describe("a word for a shell", () => {
    it("is quoted where it would not stand for itself, also in zsh", () => {
        assert.deepStrictEqual(["a=b", "=ls", "it's", ""].map(shellWord), ["a=b", "'=ls'", "'it'\\''s'", "''"]);
    });
});

describe("a teammate's profile", () => {
    it("has a part for ~/.aws/config, without the secret", () => {
        assert.strictEqual(
            handover.profileConfigSnippet(profile),
            "[profile mlflow-dev]\nregion = us-west-1\noutput = json\n",
        );
    });

    it("has a part for ~/.aws/credentials", () => {
        assert.strictEqual(
            handover.profileCredentialsSnippet(profile),
            "[mlflow-dev]\n" +
                "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\n" +
                "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY\n",
        );
    });

    it("is made by one command that asks, and is answered from a here-document", () => {
        assert.strictEqual(
            handover.profileSetupCommands(profile),
            "aws configure --profile mlflow-dev <<'END_OF_ANSWERS'\n" +
                "AKIAIOSFODNN7EXAMPLE\n" +
                "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY\n" +
                "us-west-1\n" +
                "json\n" +
                "END_OF_ANSWERS\n",
        );
    });

    it("is verified by who it is and what it sees in its folder", () => {
        assert.strictEqual(
            handover.profileVerifyCommands("mlflow-dev", { bucketName: "models", prefix: "artifacts" }),
            "aws sts get-caller-identity --profile mlflow-dev\n" +
                "aws s3api list-objects-v2 --bucket models --prefix artifacts/ --max-items 10 --profile mlflow-dev\n",
        );
    });

    it("is verified by who it is alone, without rights in S3", () => {
        assert.strictEqual(
            handover.profileVerifyCommands("mlflow-dev", undefined),
            "aws sts get-caller-identity --profile mlflow-dev\n",
        );
    });
});

describe("a client's environment", () => {
    const client = {
        localPort: 5002,
        artifactMode: "proxied" as const,
        presignedTransfers: true,
        profile: "mlflow-dev",
        region: "us-west-1",
        accountId: "123456789012",
    };
    const address = "export MLFLOW_TRACKING_URI=http://localhost:5002\n";
    const direct =
        address +
        "export AWS_PROFILE=mlflow-dev\n" +
        "export AWS_DEFAULT_REGION=us-west-1\n" +
        "export MLFLOW_S3_EXPECTED_BUCKET_OWNER=123456789012\n";

    it("is the server's address alone, where artifacts go through the server", () => {
        assert.strictEqual(handover.clientEnvironment(client), address);
    });

    it("keeps to the server where S3 cannot be reached", () => {
        assert.strictEqual(
            handover.clientEnvironment({ ...client, presignedTransfers: false }),
            address +
                "export MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD=false\n" +
                "export MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD=false\n",
        );
    });

    it("names the profile, the region and the bucket's owner, where artifacts go to S3 directly", () => {
        assert.strictEqual(handover.clientEnvironment({ ...client, artifactMode: "direct" }), direct);
    });

    it("has nothing to switch off where artifacts go to S3 directly", () => {
        const own = { ...client, artifactMode: "direct" as const, presignedTransfers: false };
        assert.strictEqual(handover.clientEnvironment(own), direct);
    });

    it("has the address by itself too", () => {
        assert.strictEqual(handover.trackingUri(5002), "http://localhost:5002");
    });
});

describe("a tunnel", () => {
    it("is opened through Session Manager in one line", () => {
        assert.strictEqual(
            handover.sessionManagerTunnel({
                instanceId: "i-0123456789abcdef0",
                profile: "mlflow-dev",
                region: "us-west-1",
                localPort: 5002,
            }),
            "aws ssm start-session --profile mlflow-dev --region us-west-1 --target i-0123456789abcdef0 " +
                "--document-name AWS-StartPortForwardingSession " +
                `--parameters '{"portNumber":["5000"],"localPortNumber":["5002"]}'`,
        );
    });

    it("is opened over SSH in one line, from this machine's loopback interface to the host's", () => {
        assert.strictEqual(
            handover.sshTunnel({ address: "203.0.113.7", name: "mlflow-dev", localPort: 5002 }),
            "ssh -N -L 127.0.0.1:5002:127.0.0.1:5000 -o ExitOnForwardFailure=yes -o ServerAliveInterval=30 " +
                "-o StrictHostKeyChecking=accept-new -o HostKeyAlias=mlflow-dev mlflow-tunnel@203.0.113.7",
        );
    });
});

describe("an existing instance", () => {
    it("gets its role by one command", () => {
        assert.strictEqual(
            handover.attachRoleCommand("i-0123456789abcdef0", "mlflow-dev-server-1a2b3c4", "us-west-1"),
            "aws ec2 associate-iam-instance-profile --region us-west-1 --instance-id i-0123456789abcdef0 " +
                "--iam-instance-profile Name=mlflow-dev-server-1a2b3c4",
        );
    });

    it("gets its files by a script that is pasted into a shell there", () => {
        assert.strictEqual(
            handover.installHostCommand('echo "$HOME"\n'),
            "sudo bash <<'END_OF_INSTALLER'\necho \"$HOME\"\nEND_OF_INSTALLER\n",
        );
    });

    it("gets an installer that ends with its line and does not hold the here-document's end", () => {
        const script = hostInstaller({
            region: "us-west-1",
            accountId: "123456789012",
            bucketName: "models",
            artifactRoot: "s3://models/artifacts",
            backupRoot: "s3://models/backups",
            dailyBackup: true,
            garbageCollectionDays: 0,
            securityUpdates: "",
            artifactMode: "proxied",
            workers: 2,
            bundle: { key: "host/0.tar.gz", sha256: "0" },
        });
        assert.ok(script.endsWith("\n"));
        assert.strictEqual(script.includes("END_OF_INSTALLER"), false);
    });
});
