import { HeadBucketCommand } from "@aws-sdk/client-s3";
import { shellLine } from "../../handover/shell";
import { headersOf, hidden, isDenied, statusOf } from "./awsAnswers";
import { type Check, failed, type Finding, ok, warning } from "./check";
import type { Context } from "./context";
import { profileFiles } from "./profileFiles";

// Where the bucket is, and where the client looks for it.

/** S3 says the region also to those who have no right to the bucket. */
async function judgeBucketRegion(context: Context): Promise<Finding> {
    const { bucketName: Bucket, region, stack } = context.outputs;
    let found: string | undefined;
    try {
        found = (await context.aws.s3.send(new HeadBucketCommand({ Bucket }))).BucketRegion;
    } catch (error) {
        if (statusOf(error) === 404) {
            return failed(
                `there is no bucket ${Bucket}`,
                `read the outputs again: pulumi stack output --stack ${stack}`,
            );
        }
        found = headersOf(error)["x-amz-bucket-region"];
        if (!found && !isDenied(error)) {
            throw error;
        }
    }
    if (!found) {
        return hidden(context, "s3:ListBucket, and S3 does not say the region");
    }
    return found === region
        ? ok(`${Bucket} is in ${found}`)
        : failed(
              `${Bucket} is in ${found}, the stack in ${region}: signed addresses lead to the wrong region`,
              "operators: use a bucket of the stack's region (existingBucketName), or set aws:region to the bucket's",
          );
}

async function judgeClientRegion(context: Context): Promise<Finding> {
    const { environment, outputs } = context;
    const { region, profileName, artifactMode } = outputs;
    const profile = (await profileFiles(context)).profile(profileName)?.region;
    const places: [place: string, value: string | undefined, remedy: string][] = [
        ["AWS_REGION", environment.AWS_REGION, "unset AWS_REGION"],
        ["AWS_DEFAULT_REGION", environment.AWS_DEFAULT_REGION, "unset AWS_DEFAULT_REGION"],
        [
            `profile ${profileName}`,
            profile,
            shellLine("aws", "configure", "set", "region", region, "--profile", profileName),
        ],
    ];
    const said = places.filter(([, value]) => value !== undefined);
    const wrong = said.filter(([, value]) => value !== region);
    if (said.length > 0 && wrong.length === 0) {
        return ok(`${region}: ${said.map(([place]) => place).join(", ")}`);
    }
    const evidence =
        said.length === 0
            ? `neither the environment nor profile ${profileName} names a region; the bucket's is ${region}`
            : `${wrong.map(([place, value]) => `${place} says ${value || "nothing"}`).join(", ")}; the bucket's is ${region}`;
    const remedy = (wrong.length > 0 ? wrong : places.slice(-1)).map(([, , mend]) => mend).join("; ");
    // A client of a proxied server never asks S3 by region: the AWS CLI is what goes astray.
    return artifactMode === "direct" ? failed(evidence, remedy) : warning(evidence, remedy);
}

export const bucketChecks: readonly Check[] = [
    {
        id: "bucket-region",
        title: "The bucket is in the stack's region",
        looksFor: "a bucket that is gone, or in another region than the stack: signed addresses would not work",
        remedy: "operators: a bucket of the stack's region, or the stack in the bucket's",
        after: ["credentials"],
        run: judgeBucketRegion,
    },
    {
        id: "client-region",
        title: "The client's region is the bucket's",
        looksFor:
            "`AWS_REGION`, `AWS_DEFAULT_REGION` or the profile's region of another region; a failure with `direct`, else a warning",
        remedy: "unset the variables; `aws configure set region <region> --profile <profileName>`",
        after: ["profile"],
        run: judgeClientRegion,
    },
];
