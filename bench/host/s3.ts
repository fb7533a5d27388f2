import * as path from "node:path";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { type Emulator, startEmulator } from "../../sandbox/emulator";
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
export async function startS3(python: string, folder: string): Promise<Emulator> {
    const emulator = await startEmulator(python, folder, path.join(__dirname, "emulator.py"));
    try {
        const s3 = new S3Client({ ...operator(emulator.endpoint), forcePathStyle: true });
        const { bucketName, region } = hostSettings;
        const place = { LocationConstraint: region as "us-west-1" };
        await s3.send(new CreateBucketCommand({ Bucket: bucketName, CreateBucketConfiguration: place }));
        s3.destroy();
    } catch (error) {
        await emulator.stop();
        throw error;
    }
    return emulator;
}
