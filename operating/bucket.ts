import {
    GetBucketLifecycleConfigurationCommand,
    GetBucketVersioningCommand,
    HeadBucketCommand,
    type LifecycleRule,
    S3Client,
} from "@aws-sdk/client-s3";
import { UserError } from "../commands/userError";
import { fault } from "../settings/fault";
import type { Request } from "./request";

/** What the operator must be allowed to do. */
export const rights = {
    bucket: ["s3:ListBucket", "s3:ListBucketVersions", "s3:GetBucketVersioning", "s3:GetLifecycleConfiguration"],
    objects: [
        ...["s3:GetObjectVersion", "s3:GetObjectVersionTagging"],
        ...["s3:PutObject", "s3:PutObjectTagging", "s3:AbortMultipartUpload"],
    ],
};

/** A client for the bucket's own region, with the credentials of whoever runs this. */
export async function clientFor(Bucket: string): Promise<S3Client> {
    // Any region of the partition will do to ask where a bucket is.
    const region = await new S3Client().config.region().catch(() => "us-east-1");
    const anywhere = new S3Client({ region, followRegionRedirects: true });
    const { BucketRegion } = await anywhere.send(new HeadBucketCommand({ Bucket }));
    return new S3Client({ region: BucketRegion });
}

/** @throws UserError when the bucket keeps no old versions */
export async function checkVersioning(client: S3Client, Bucket: string): Promise<void> {
    const { Status } = await client.send(new GetBucketVersioningCommand({ Bucket }));
    if (Status !== "Enabled") {
        const got = Status
            ? `${Status} for the bucket ${Bucket}: a copy would replace for good what is there now`
            : `none for the bucket ${Bucket}: it keeps nothing that was overwritten or deleted`;
        const command = `aws s3api put-bucket-versioning --bucket ${Bucket} --versioning-configuration Status=Enabled`;
        throw new UserError(fault("versioning", got, "Enabled", `${command}, which keeps what there is from then on`));
    }
}

/** Days for which the bucket keeps what was overwritten or deleted; nothing when it keeps it for good. */
export async function keptDays(client: S3Client, { bucket, prefix }: Request): Promise<number | undefined> {
    const request = new GetBucketLifecycleConfigurationCommand({ Bucket: bucket });
    const { Rules = [] } = await client.send(request).catch((error: unknown): { Rules?: LifecycleRule[] } => {
        if (error instanceof Error && error.name === "NoSuchLifecycleConfiguration") {
            return {};
        }
        throw error;
    });
    return shortestDays(Rules, `${prefix}/`);
}

/** Of the rules that may touch something in the folder; one that keeps the newest versions longer counts as if it did not. */
export function shortestDays(all: LifecycleRule[], folder: string): number | undefined {
    const days = all
        .filter(({ Status }) => Status === "Enabled")
        .filter(({ Filter, Prefix }) => {
            const prefix = Filter?.Prefix ?? Filter?.And?.Prefix ?? Prefix ?? "";
            return folder.startsWith(prefix) || prefix.startsWith(folder);
        })
        .flatMap(({ NoncurrentVersionExpiration }) => NoncurrentVersionExpiration?.NoncurrentDays ?? []);
    return days.length > 0 ? Math.min(...days) : undefined;
}

const statusOf = (error: Error) => (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;

/** What went wrong, on a line. An answer to a HEAD request has no text, so its status says the most. */
export function reasonOf(error: unknown): string {
    if (!(error instanceof Error)) {
        return String(error);
    }
    const status = statusOf(error);
    return `${status ? `HTTP ${status} from S3, ` : ""}${error.name}: ${error.message}`;
}

/** What AWS answered, as something that the operator can put right; any other error as it is. */
export function refusal(error: unknown, { bucket }: Pick<Request, "bucket">, needed = rights): unknown {
    if (!(error instanceof Error)) {
        return error;
    }
    const login = "aws sso login, or export AWS_PROFILE=<profile>";
    if (error.name === "CredentialsProviderError") {
        return new UserError(fault("credentials", "none", "an operator's, where the AWS CLI finds them too", login));
    }
    const status = statusOf(error) ?? 0;
    if (status < 400 || status > 499) {
        return error;
    }
    if (status === 404) {
        const remedy = "pulumi stack output artifactRoot --stack <stack>";
        return new UserError(fault("address", `${bucket}, which is no bucket`, "a bucket that exists", remedy));
    }
    const allowed =
        `valid credentials of an operator with ${needed.bucket.join(", ")} for the bucket, and ` +
        `${needed.objects.join(", ")} for its objects`;
    return new UserError(fault("rights", `${reasonOf(error)} (bucket ${bucket})`, allowed, login));
}
