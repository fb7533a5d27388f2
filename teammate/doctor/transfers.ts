import { HeadBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { clientEnvironment } from "../../handover/clientEnvironment";
import { portOf } from "./ask";
import { reasonOf, statusOf } from "./awsAnswers";
import { type Check, failed, type Finding, notChecked, ok, warning } from "./check";
import { clientOptions } from "../../commands/awsClient";
import type { Context } from "./context";
import { experiments } from "./server";

// How artifacts travel between the client and the bucket.

/** Both are `false` where a client moves everything through the server. */
const transferVariables = ["MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD", "MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD"];

const throughServer = ({ environment }: Context) =>
    transferVariables.every((name) => /^(false|0)$/i.test(environment[name] ?? ""));

const stopTransfers = `export ${transferVariables.map((name) => `${name}=false`).join(" ")}`;

function judgeMode(context: Context): Finding {
    const { outputs, environment } = context;
    const { artifactMode, clientS3Rights, presignedTransfers, profileName, region, accountId, stack } = outputs;
    if (artifactMode === "direct") {
        const wanted = {
            localPort: portOf(context),
            artifactMode,
            presignedTransfers,
            profile: profileName,
            region,
            accountId,
        };
        if (!["readWrite", "full"].includes(clientS3Rights)) {
            return failed(
                `artifactMode is direct, clientS3Rights ${clientS3Rights}: clients can't write artifacts`,
                `operators: pulumi config set clientS3Rights readWrite --stack ${stack}, pulumi up`,
            );
        }
        return environment.MLFLOW_S3_EXPECTED_BUCKET_OWNER === accountId
            ? ok("direct: the client writes to S3 itself, and only to a bucket of this account")
            : failed(
                  `direct: MLFLOW_S3_EXPECTED_BUCKET_OWNER is ${environment.MLFLOW_S3_EXPECTED_BUCKET_OWNER ?? "not set"}, not ${accountId}`,
                  clientEnvironment(wanted).trim().split("\n").join("; "),
              );
    }
    if (environment.MLFLOW_S3_ENDPOINT_URL) {
        return failed(
            `proxied: MLFLOW_S3_ENDPOINT_URL is ${environment.MLFLOW_S3_ENDPOINT_URL}; a client of this server never calls S3 by itself`,
            "unset MLFLOW_S3_ENDPOINT_URL",
        );
    }
    if (!presignedTransfers && !throughServer(context)) {
        return failed(
            "proxied, without signed addresses: the two variables that say so to the client are not set",
            stopTransfers,
        );
    }
    return ok(
        throughServer(context) ? "proxied: everything goes through the server" : "proxied, with signed addresses",
    );
}

const fewNames = 5;

async function judgeExperiments(context: Context): Promise<Finding> {
    const { artifactMode } = context.outputs;
    const all = await experiments(context);
    const [astray, remedy] =
        artifactMode === "proxied"
            ? [/^s3:/, "make new experiments, and log there: the old ones need AWS credentials on the client"]
            : [/^mlflow-artifacts:/, "make new experiments, and log there: this server moves no artifacts"];
    const found = all.filter(({ artifact_location }) => astray.test(artifact_location));
    if (found.length === 0) {
        return ok(`${all.length} experiments, none of another mode`);
    }
    const names = found.slice(0, fewNames).map(({ name }) => JSON.stringify(name));
    const more = found.length > fewNames ? ` and ${found.length - fewNames} more` : "";
    const place = artifactMode === "proxied" ? `S3 (s3://)` : "the server (mlflow-artifacts:)";
    return warning(
        `${found.length} of ${all.length} experiments keep their artifacts in ${place}: ${names.join(", ")}${more}`,
        remedy,
    );
}

/** Asked by nobody, as a signed address is: any answer will do. */
async function judgeReachable(context: Context): Promise<Finding> {
    const { outputs, environment } = context;
    const { artifactMode, bucketName: Bucket, region } = outputs;
    const direct = artifactMode === "direct";
    if (!direct && throughServer(context)) {
        return ok("not needed: everything goes through the server");
    }
    const s3 = new S3Client({
        ...clientOptions(outputs.region),
        maxAttempts: 1,
        requestHandler: { connectionTimeout: 5_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
        credentials: { accessKeyId: "none", secretAccessKey: "none" },
        signer: { sign: (request) => Promise.resolve(request) },
    });
    try {
        await s3.send(new HeadBucketCommand({ Bucket }));
        return ok(`S3 in ${region} answers`);
    } catch (error) {
        const status = statusOf(error);
        if (status) {
            return ok(`S3 in ${region} answers (HTTP ${status} to a request without a signature)`);
        }
        const proxy = environment.HTTPS_PROXY ?? environment.https_proxy;
        if (proxy) {
            return notChecked("HTTPS_PROXY is set: the client asks S3 through it, this command does not");
        }
        return direct
            ? failed(
                  `S3 in ${region} does not answer: ${reasonOf(error)}`,
                  "look at network, VPN and firewall: the client needs S3",
              )
            : failed(
                  `S3 in ${region} does not answer: ${reasonOf(error)}; a client would try for 12 minutes`,
                  `${stopTransfers}; for everybody: presignedTransfers: false`,
              );
    } finally {
        s3.destroy();
    }
}

export const transferChecks: readonly Check[] = [
    {
        id: "artifact-mode",
        title: "The client's settings suit the artifact mode",
        looksFor:
            "`MLFLOW_S3_ENDPOINT_URL` with a proxied server; `presignedTransfers: false` without the two variables; with `direct`, " +
            "no `MLFLOW_S3_EXPECTED_BUCKET_OWNER`, or rights that do not let clients write",
        remedy: "paste `clientEnvironment`",
        run: judgeMode,
    },
    {
        id: "old-experiments",
        title: "Every experiment keeps its artifacts where the mode says",
        looksFor:
            "a warning for experiments that still point at `s3://` (or, with `direct`, at the server): a mode holds for new ones only",
        remedy: "make new experiments",
        after: ["database"],
        run: judgeExperiments,
    },
    {
        id: "s3-reachable",
        title: "S3 is reachable, where the client needs it",
        looksFor:
            "S3 that does not answer this machine: a client of 3.17 would try for 12 minutes to fetch a file of 1 MB",
        remedy: `\`${stopTransfers}\`; for everybody \`presignedTransfers: false\``,
        run: judgeReachable,
    },
];
