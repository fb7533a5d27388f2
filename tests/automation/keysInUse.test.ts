import assert from "node:assert";
import { DeleteAccessKeyCommand, ListAccessKeysCommand } from "@aws-sdk/client-iam";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { unlessEngine } from "../support/engine";
import { type EngineScene, type StackProject, withEngineScene } from "../support/engineScene";
import { stackCommand } from "../support/stackCommand";

// Which inactive access key an update may delete, by a real engine and what the emulator's IAM knows of its use. An active key is in
// stack.test.ts. Not proved: how soon AWS knows of a use.

describe(`an inactive access key that an update would delete${unlessEngine}`, function () {
    this.timeout(300_000);
    let scene: EngineScene;
    let project: StackProject;
    let id: string;

    /** What is said of the key by the preview of an update that deletes it. */
    async function refusal(environment: NodeJS.ProcessEnv = {}): Promise<string | undefined> {
        const { status, output } = await stackCommand(scene, project, ["preview", "dev"], environment);
        const said = /^mlflow-dev-client-access-key-a: got an access key in use (.*?);/m.exec(output)?.[1];
        assert.strictEqual(status, said === undefined ? 0 : 3, output);
        assert.match(output, /^delete +mlflow-dev-client-access-key-a \(aws:iam:AccessKey\)/m);
        return said?.replace(id, "<id>");
    }

    withEngineScene(async (given) => {
        scene = given;
        project = await scene.project({ dev: { accessKeyA: "inactive", accessKeyB: "active" } });
        const { status, output } = await project.up("dev");
        assert.strictEqual(status, 0, output);
        const { iam } = scene.provider.clients;
        const { AccessKeyMetadata } = await iam.send(new ListAccessKeysCommand({ UserName: "mlflow-dev-client" }));
        id = AccessKeyMetadata!.find(({ Status }) => Status === "Inactive")!.AccessKeyId!;
        project.set("dev", { accessKeyA: "absent", accessKeyB: "active" });
    });

    it("may go where nobody has used it", async () => assert.strictEqual(await refusal(), undefined));

    it("counts as used where IAM cannot be asked", async () => {
        const said = await refusal({ AWS_ENDPOINT_URL_IAM: "http://127.0.0.1:1" });
        assert.match(
            said!,
            /^<id> deleted \(whether it is used cannot be seen: credentials: got \w*Error: .*ECONNREFUSED/,
        );
    });

    it("is in use where somebody has used it within a day", async () => {
        const sts = new STSClient({
            endpoint: scene.emulator.endpoint,
            region: "us-west-1",
            credentials: { accessKeyId: id, secretAccessKey: "anything" },
        });
        await sts.send(new GetCallerIdentityCommand({}));
        sts.destroy();
        assert.strictEqual(await refusal(), "<id> deleted (inactive, last used less than an hour ago)");
    });

    it("counts as used where IAM does not list it, as in another account", async () => {
        await scene.provider.clients.iam.send(
            new DeleteAccessKeyCommand({ UserName: "mlflow-dev-client", AccessKeyId: id }),
        );
        assert.strictEqual(await refusal(), "<id> deleted (IAM does not have it among the user's keys)");
    });
});
