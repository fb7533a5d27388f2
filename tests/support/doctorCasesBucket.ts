import * as s3 from "@aws-sdk/client-s3";
import { queryError } from "./doctorAws";
import type { Case, DoctorScene, Files } from "./doctorScene";

/** Where the bucket is, and what the profile may do with the artifacts in it. */
export async function bucketCases(scene: DoctorScene): Promise<Case[]> {
    const { outputs, files } = scene;
    const { bucketName, region, stack, profileName, artifactRoot } = outputs;
    const elsewhere = "bucket-elsewhere";
    await createBucketElsewhere(scene, elsewhere, "eu-west-1");

    const nobody = await scene.as("nobody");
    const reader = await scene.as("reader", "s3:ListBucket", "s3:GetObject");
    const noDelete = await scene.as("no-delete", "s3:ListBucket", "s3:GetObject", "s3:PutObject");
    const noRead = await scene.as("no-read", "s3:ListBucket", "s3:PutObject", "s3:DeleteObject");
    const none = { clientS3Rights: "none" } as const;
    const readOnly = { clientS3Rights: "readOnly" } as const;
    const restore = `operators: pulumi up --stack ${stack} restores the rights`;
    const mayBeDenied = `${restore}; a policy of the organisation may deny them`;
    const operatorSees = `an operator sees it: npm run doctor -- ${stack} --profile <operator's profile>`;
    const aws = { AWS_REGION: "eu-west-1", AWS_DEFAULT_REGION: "eu-west-1" };
    const missing = (action: string) =>
        new RegExp(
            `^${profileName} has no right to ${action} in ${artifactRoot}/, though clientS3Rights is readWrite$`,
        );
    const denied = (step: string, action: string, as: Files): Case => ({
        id: `artifacts-${step}`,
        when: "it is denied",
        verdict: "failed",
        evidence: missing(action),
        remedy: mayBeDenied,
        files: as,
    });
    const asSaid = (
        step: string,
        verdict: Case["verdict"],
        evidence: RegExp,
        as: Files,
        said: Case["outputs"],
    ): Case => ({
        id: `artifacts-${step}`,
        when: `${verdict === "ok" ? "it is as" : "it is more than"} ${said?.clientS3Rights} says`,
        verdict,
        evidence,
        remedy: verdict === "warning" ? restore : undefined,
        files: as,
        outputs: said,
    });
    return [
        {
            id: "bucket-region",
            when: "it is the stack's",
            verdict: "ok",
            evidence: new RegExp(`^${bucketName} is in ${region}$`),
        },
        {
            id: "bucket-region",
            when: "it is another",
            verdict: "failed",
            evidence: new RegExp(`^${elsewhere} is in eu-west-1, the stack in ${region}`),
            remedy: "operators: use a bucket of the stack's region (existingBucketName), or set aws:region to the bucket's",
            outputs: { bucketName: elsewhere },
            profile: "operator",
        },
        {
            id: "bucket-region",
            when: "there is no such bucket",
            verdict: "failed",
            evidence: /^there is no bucket bucket-gone$/,
            remedy: `read the outputs again: pulumi stack output --stack ${stack}`,
            outputs: { bucketName: "bucket-gone" },
            profile: "operator",
        },
        {
            id: "bucket-region",
            when: "the profile may not look, and S3 says it all the same",
            verdict: "ok",
            evidence: new RegExp(`is in ${region}$`),
            standIns: { "s3 HEAD bucket": { status: 403, headers: { "x-amz-bucket-region": region } } },
        },
        {
            id: "bucket-region",
            when: "the profile may not look",
            verdict: "not visible",
            evidence: /has no right to s3:ListBucket, and S3 does not say the region$/,
            remedy: operatorSees,
            standIns: { "s3 HEAD bucket": { status: 403 } },
        },

        {
            id: "client-region",
            when: "it is the profile's",
            verdict: "ok",
            evidence: new RegExp(`^${region}: profile ${profileName}$`),
        },
        {
            id: "client-region",
            when: "the environment says another",
            verdict: "warning",
            evidence: new RegExp(
                `^AWS_REGION says eu-west-1, AWS_DEFAULT_REGION says eu-west-1; the bucket's is ${region}$`,
            ),
            remedy: "unset AWS_REGION; unset AWS_DEFAULT_REGION",
            environment: aws,
        },
        {
            id: "client-region",
            when: "the environment says another, with direct artifacts",
            verdict: "failed",
            evidence: /^AWS_REGION says eu-west-1/,
            remedy: "unset AWS_REGION; unset AWS_DEFAULT_REGION",
            environment: aws,
            outputs: { artifactMode: "direct" },
        },
        {
            id: "client-region",
            when: "nothing says one",
            verdict: "warning",
            evidence: new RegExp(
                `^neither the environment nor profile ${profileName} names a region; the bucket's is ${region}$`,
            ),
            remedy: `aws configure set region ${region} --profile ${profileName}`,
            files: { ...files, config: "" },
        },

        { id: "artifacts-list", when: "the folder is empty", verdict: "ok", evidence: /^it is empty$/ },
        denied("list", "s3:ListBucket", nobody),
        asSaid("list", "ok", /^denied, as clientS3Rights is none$/, nobody, none),
        asSaid("list", "warning", /^it is empty: allowed, though clientS3Rights is none$/, reader, none),

        {
            id: "artifacts-write",
            when: "it may",
            verdict: "ok",
            evidence: new RegExp(`^${artifactRoot}/\\.doctor-[0-9a-f]{16}$`),
        },
        denied("write", "s3:PutObject", reader),
        asSaid("write", "ok", /^denied, as clientS3Rights is readOnly$/, reader, readOnly),
        asSaid(
            "write",
            "warning",
            /\.doctor-[0-9a-f]{16}: allowed, though clientS3Rights is readOnly$/,
            files,
            readOnly,
        ),
        {
            id: "artifacts-write",
            when: "the profile is an operator's who may not",
            verdict: "not visible",
            evidence: /^profile other has no right to s3:PutObject in /,
            remedy: `--profile with a profile that has the right to s3:PutObject in ${artifactRoot}/`,
            profile: "other",
            files: { config: "", credentials: reader.credentials.replace(profileName, "other") },
        },

        { id: "artifacts-read", when: "it may", verdict: "ok", evidence: /^what came back is what was written$/ },
        denied("read", "s3:GetObject", noRead),
        {
            id: "artifacts-read",
            when: "something else comes back",
            verdict: "failed",
            evidence: /^Error, what came back is not what was written$/,
            remedy: "try again; then ask an operator",
            standIns: { "s3 GET object": { status: 200, body: "something else" } },
        },
        asSaid("read", "ok", /^denied, as clientS3Rights is none$/, nobody, none),
        {
            ...asSaid("read", "ok", new RegExp(`^${artifactRoot}/1/model$`), reader, readOnly),
            prepare: async () => {
                const object = {
                    Bucket: bucketName,
                    Key: `${artifactRoot.replace(`s3://${bucketName}/`, "")}/1/model`,
                };
                await scene.stack.clients.s3.send(new s3.PutObjectCommand({ ...object, Body: "model" }));
                return () => scene.stack.clients.s3.send(new s3.DeleteObjectCommand(object));
            },
        },
        {
            id: "artifacts-read",
            when: "there is nothing to read",
            verdict: "not checked",
            evidence: /^there is no artifact yet that could be read$/,
            files: reader,
            outputs: readOnly,
        },

        { id: "artifacts-delete", when: "it may", verdict: "ok", evidence: /^the object is removed again$/ },
        {
            ...denied("delete", "s3:DeleteObject", noDelete),
            prepare: () => Promise.resolve(() => removeProbes(scene)),
        },
        {
            id: "artifacts-delete",
            when: "S3 does not do it",
            verdict: "failed",
            evidence: /^HTTP 500, InternalError/,
            remedy: "delete the object .doctor-… of the artifact folder",
            standIns: { "s3 DELETE object": queryError("InternalError", "no", 500) },
            prepare: () => Promise.resolve(() => removeProbes(scene)),
        },
    ];
}

async function createBucketElsewhere(
    { stack, front }: DoctorScene,
    Bucket: string,
    region: "eu-west-1",
): Promise<void> {
    const { credentials: theirs } = stack.clients.s3.config;
    const client = new s3.S3Client({ endpoint: front.endpoint, region, credentials: theirs, forcePathStyle: true });
    const CreateBucketConfiguration = { LocationConstraint: region };
    await client.send(new s3.CreateBucketCommand({ Bucket, CreateBucketConfiguration }));
    client.destroy();
}

/** What a profile leaves behind that may write and not delete. */
async function removeProbes({ outputs: { bucketName: Bucket }, stack: { clients } }: DoctorScene): Promise<void> {
    const { Contents = [] } = await clients.s3.send(new s3.ListObjectsV2Command({ Bucket }));
    for (const { Key } of Contents.filter(({ Key }) => Key!.includes("/.doctor-"))) {
        await clients.s3.send(new s3.DeleteObjectCommand({ Bucket, Key }));
    }
}
