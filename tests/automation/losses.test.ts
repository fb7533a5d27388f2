import assert from "node:assert";
import { HeadBucketCommand } from "@aws-sdk/client-s3";
import { unlessEngine } from "../support/engine";
import { type EngineScene, type StackProject, withEngineScene } from "../support/engineScene";
import { type StackOutcome, stackCommand } from "../support/stackCommand";

// What an earlier update could not delete, in the events of a real engine: it shares its name with what has replaced it. Other losses
// are in stack.test.ts, the judgement alone in changes.test.ts. That S3 refuses to delete a bucket with objects is imitated.

const bucket = "mlflow-dev-artifacts-bucket";

describe(`a bucket that an earlier update could not delete${unlessEngine}`, function () {
    this.timeout(300_000);
    let scene: EngineScene;
    let project: StackProject;

    const run = (...words: string[]): Promise<StackOutcome> => stackCommand(scene, project, words);
    const refusals = ({ output }: StackOutcome) => output.match(new RegExp(`^${bucket}: got [^;]+`, "gm"));
    const rows = ({ output }: StackOutcome) => output.match(new RegExp(`^\\w+ +${bucket} `, "gm"))?.map(firstWord);

    withEngineScene(async (given) => {
        scene = given;
        project = await scene.project({ dev: { bucketName: "first-bucket" } });
        assert.strictEqual((await run("up", "dev", "--no-health-check")).status, 0);
        project.set("dev", { bucketName: "second-bucket" });
        scene.provider.before = ({ operation, name }) => {
            if (operation === "delete" && name === bucket) {
                throw new Error("BucketNotEmpty: the bucket you tried to delete is not empty");
            }
        };
        const { status, output } = await run("up", "dev", "--no-health-check", "--accept", bucket);
        assert.strictEqual(status, 1, output);
        assert.match(output, /BucketNotEmpty/);
        scene.provider.before = () => undefined;
    });

    it("is a loss of the next one, where nothing else differs", async () => {
        const outcome = await run("preview", "dev");
        assert.strictEqual(outcome.status, 3, outcome.output);
        assert.deepStrictEqual(refusals(outcome), [`${bucket}: got the bucket first-bucket deleted`]);
        assert.deepStrictEqual(rows(outcome), ["delete"]);
    });

    it("is one also where the bucket that has replaced it is updated", async () => {
        project.set("dev", { bucketName: "second-bucket", tags: { Team: "vision" } });
        const before = scene.provider.deeds.length;
        const outcome = await run("up", "dev", "--no-health-check");
        assert.strictEqual(outcome.status, 3, outcome.output);
        assert.deepStrictEqual(refusals(outcome), [`${bucket}: got the bucket first-bucket deleted`]);
        assert.deepStrictEqual(rows(outcome), ["delete", "update"]);
        assert.strictEqual(scene.provider.deeds.length, before);
    });

    it("is named beside the bucket that is replaced now", async () => {
        project.set("dev", { bucketName: "third-bucket" });
        const outcome = await run("preview", "dev");
        assert.strictEqual(outcome.status, 3, outcome.output);
        assert.deepStrictEqual(refusals(outcome)?.sort(), [
            `${bucket}: got the bucket first-bucket deleted`,
            `${bucket}: got the bucket second-bucket replaced`,
        ]);
        assert.deepStrictEqual(rows(outcome), ["delete", "replace"]);
    });

    it("goes where it is accepted, and nothing else does", async () => {
        project.set("dev", { bucketName: "second-bucket" });
        const { status, output } = await run("up", "dev", "--no-health-check", "--accept", bucket);
        assert.strictEqual(status, 0, output);
        const { s3 } = scene.provider.clients;
        await s3.send(new HeadBucketCommand({ Bucket: "second-bucket" }));
        await assert.rejects(s3.send(new HeadBucketCommand({ Bucket: "first-bucket" })), { name: "NotFound" });
        assert.deepStrictEqual(await project.preview("dev"), []);
    });
});

const firstWord = (row: string) => row.split(" ")[0];
