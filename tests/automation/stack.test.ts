import assert from "node:assert";
import { readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import * as ec2 from "@aws-sdk/client-ec2";
import { unlessEngine } from "../support/engine";
import { type EngineScene, type StackProject, withEngineScene } from "../support/engineScene";
import { account, type StackOutcome, stackCommand } from "../support/stackCommand";

// `npm run stack` as a person or CI runs it: a real engine with real state, and the emulator as AWS. What AWS refuses, Pulumi's service
// and the state in S3 are not here; the health check and mistakes have tests of their own.

describe(`npm run stack${unlessEngine}`, function () {
    this.timeout(300_000);
    let scene: EngineScene;
    let project: StackProject;

    const run = (...words: string[]): Promise<StackOutcome> => stackCommand(scene, project, words);
    const deeds = () => scene.provider.deeds.filter(({ operation }) => operation !== "read").length;

    withEngineScene(async (given) => {
        scene = given;
        project = await scene.project({ dev: { bucketName: "first-bucket" }, selected: {} });
    });

    it("previews a first update, with a summary for a pull request", async () => {
        const { status, output, summary } = await run("preview", "dev");
        assert.strictEqual(status, 0, output);
        assert.strictEqual(deeds(), 0);
        assert.match(output, /^create {2}mlflow-dev-artifacts-bucket \(aws:s3:Bucket\)$/m);
        assert.match(output, /\nAn update would change: 21 to create\.\n$/);
        assert.match(
            summary!,
            /^<!-- mlflow-aws dev -->\n### preview of `dev`\n\nAn update would change: 21 to create\.\n/,
        );
        assert.match(summary!, /^\| create \| mlflow-dev-host-instance \(aws:ec2:Instance\) \| {2}\| a new host/m);
    });

    it("brings it up, and says what happens as it happens", async () => {
        const { status, output } = await run("up", "dev", "--no-health-check");
        assert.strictEqual(status, 0, output);
        assert.strictEqual(deeds(), 21);
        assert.match(output, /^creating: mlflow-dev-host-instance \(aws:ec2:Instance\)$/m);
        assert.match(output, /^done, creating: mlflow-dev-host-instance, \d+ s$/m);
        assert.match(output, /\nDone in \d+ s: 21 to create\. Whether the server works was not checked\.\n$/);
    });

    it("changes nothing the second time", async () => {
        const { status, output } = await run("up", "dev", "--no-health-check");
        assert.strictEqual(status, 0, output);
        assert.strictEqual(deeds(), 21);
        assert.match(output, /\nNothing changed\./);
    });

    it("prints the outputs, secrets masked", async () => {
        const { status, output } = await run("outputs", "dev");
        const outputs = JSON.parse(output) as Record<string, unknown>;
        assert.deepStrictEqual([status, outputs.stack, outputs.accountId], [0, "dev", account]);
        assert.strictEqual(outputs.clientSecretAccessKey, "[secret]");
    });

    it("leaves the stack selected that was", async () => {
        const { output } = await project.project.pulumi("stack", "ls");
        assert.match(output, /^selected\*/m);
        assert.match(output, /^dev /m);
    });

    it("finds no drift where there is none", async () => {
        const { status, output } = await run("drift", "dev");
        assert.strictEqual(status, 0, output);
        assert.match(output, /\nWhat exists is what the program says\.\n$/);
    });

    it("finds what somebody changed by hand, with code 2, and changes nothing", async () => {
        const { instanceId } = await project.outputs("dev");
        const tag = { Resources: [instanceId], Tags: [{ Key: "Team", Value: "nobody" }] };
        await scene.provider.clients.ec2.send(new ec2.CreateTagsCommand(tag));
        const state = () =>
            readFileSync(path.join(project.project.folder, ".pulumi/stacks/mlflow-aws/dev.json"), "utf8");
        const before = [deeds(), state()];
        const { status, output, summary } = await run("drift", "dev");
        assert.strictEqual(status, 2, output);
        assert.match(output, /^update {2}mlflow-dev-host-instance \(aws:ec2:Instance\) +tags$/m);
        assert.match(summary!, /^What exists differs\./m);
        assert.deepStrictEqual([deeds(), state()], before);
        await scene.provider.clients.ec2.send(new ec2.DeleteTagsCommand({ ...tag, Tags: [{ Key: "Team" }] }));
    });

    describe("what would be lost", () => {
        it("is refused with code 3, with what it is and how to accept it", async () => {
            project.set("dev", { bucketName: "second-bucket" });
            const before = deeds();
            for (const command of [["preview"], ["up", "--no-health-check"]]) {
                const { status, output, summary } = await run(command[0], "dev", ...command.slice(1));
                assert.strictEqual(status, 3, output);
                const said =
                    "mlflow-dev-artifacts-bucket: got the bucket first-bucket replaced; allowed: nothing that loses artifacts and backups; " +
                    "remedy: take the setting back, or, if it may be lost, add --accept mlflow-dev-artifacts-bucket";
                assert.ok(output.includes(`\n${said}\nRefused: nothing was changed.\n`), output);
                assert.match(summary!, /^\*\*Refused or failed\*\*$/m);
                assert.match(summary!, /^\| replace \| mlflow-dev-artifacts-bucket .* \| a new, empty bucket/m);
            }
            assert.strictEqual(deeds(), before);
        });

        it("is not accepted under another name", async () => {
            const { status, output } = await run("up", "dev", "--no-health-check", "--accept", "mlflow-dev-host-data");
            assert.strictEqual(status, 3, output);
            assert.match(output, /^mlflow-dev-artifacts-bucket: got the bucket first-bucket replaced;/m);
            assert.match(output, /^--accept: got mlflow-dev-host-data; allowed: mlflow-dev-artifacts-bucket;/m);
        });

        it("goes on where it is accepted", async () => {
            const { status, output } = await run(
                "up",
                "dev",
                "--no-health-check",
                "--accept",
                "mlflow-dev-artifacts-bucket",
            );
            assert.strictEqual(status, 0, output);
            assert.strictEqual((await project.outputs("dev")).bucketName, "second-bucket");
        });

        it("is an access key that lets somebody in", async () => {
            project.set("dev", { bucketName: "second-bucket", accessKeyA: "absent", accessKeyB: "active" });
            const { status, output } = await run("up", "dev", "--no-health-check");
            assert.strictEqual(status, 3, output);
            assert.match(
                output,
                /^mlflow-dev-client-access-key-a: got an access key in use AKIA\w+ deleted \(active, never used\);/m,
            );
        });

        it("is not a host of the same data", async () => {
            project.set("dev", { bucketName: "second-bucket", workers: 3 });
            const { status, output } = await run("preview", "dev");
            assert.strictEqual(status, 0, output);
            assert.match(output, /the host is replaced: about 3 minutes without server, no data moves$/m);
        });

        it("is a host that cannot start its image", async () => {
            project.set("dev", { bucketName: "second-bucket", instanceType: "t3.small" });
            const { status, output } = await run("preview", "dev");
            assert.strictEqual(status, 3, output);
            assert.match(
                output,
                /^instanceType: got t3\.small, while the image of t4g\.\w+ is kept;.* pulumi config set ami latest$/m,
            );
            project.set("dev", { bucketName: "second-bucket", instanceType: "t3.small", ami: "latest" });
            assert.strictEqual((await run("preview", "dev")).status, 0);
        });
    });

    it("refuses what a policy forbids, with code 4", async () => {
        project.set("dev", { bucketName: "second-bucket" });
        const index = path.join(project.project.folder, "index.ts");
        const program = readFileSync(index, "utf8");
        writeFileSync(
            index,
            `${program}\nimport * as awsForTest from "@pulumi/aws";\nnew awsForTest.vpc.SecurityGroupIngressRule("open", { securityGroupId: "sg-0123456789abcdef0", ` +
                `ipProtocol: "tcp", fromPort: 22, toPort: 22, cidrIpv4: "0.0.0.0/0" });\n`,
        );
        const { status, output, summary } = await run("up", "dev", "--no-health-check");
        writeFileSync(index, program);
        assert.strictEqual(status, 4, output);
        assert.match(output, /^violation [\w-]+, open: /m);
        assert.match(output, /\nRefused by a policy: nothing was changed\.\n$/);
        assert.match(summary!, /^\*\*Policies\*\*$/m);
    });
});
