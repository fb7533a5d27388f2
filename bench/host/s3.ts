import * as path from "node:path";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { freePort, Service } from "../../sandbox/processes";
import { cleanEnvironment, toolFolder } from "../../sandbox/tools";
import { hostSettings } from "../../tests/support/hostSettings";

/** Any will do: no stack is made in this emulator, and it checks no caller. */
export const credentials = { AWS_ACCESS_KEY_ID: "benchmark", AWS_SECRET_ACCESS_KEY: "benchmark" };

/** For the clients of an operator, who makes what a stack would hold. */
export const operator = (endpoint: string) => ({
    endpoint,
    region: hostSettings.region,
    credentials: { accessKeyId: "operator", secretAccessKey: "operator" },
});

/** An emulator of AWS whose S3 is fit for large files, with the bucket for artifacts. */
export async function startS3(
    python: string,
    folder: string,
): Promise<{ endpoint: string; stop: () => Promise<void> }> {
    const port = await freePort();
    const endpoint = `http://127.0.0.1:${port}`;
    const service = new Service("the AWS emulator", path.join(folder, "emulator.log"), {
        python,
        command: [path.join(toolFolder("emulator"), "python"), path.join(__dirname, "emulator.py"), String(port)],
        env: cleanEnvironment({ TMPDIR: folder }),
    });
    const stop = () => service.stop();
    try {
        await service.answers(async () => (await fetch(`${endpoint}/moto-api/data.json`)).ok, 120);
        const s3 = new S3Client({ ...operator(endpoint), forcePathStyle: true });
        const { bucketName, region } = hostSettings;
        const place = { LocationConstraint: region as "us-west-1" };
        await s3.send(new CreateBucketCommand({ Bucket: bucketName, CreateBucketConfiguration: place }));
        s3.destroy();
    } catch (error) {
        await stop();
        throw error;
    }
    return { endpoint, stop };
}
