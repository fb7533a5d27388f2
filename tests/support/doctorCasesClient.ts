import { mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { toolFolder } from "../../sandbox/tools";
import type { Case, DoctorScene } from "./doctorScene";

/** What is installed for the client, whose settings suit the artifact mode or do not. */
export function clientCases({ outputs, folder }: DoctorScene): Case[] {
    const { profileName, trackingUri, accountId } = outputs;
    const direct = { artifactMode: "direct" } as const;
    const python = path.join(toolFolder("client"), "python");
    const withBoto3 = path.join(toolFolder("emulator"), "python");
    const server = outputs.mlflowVersion;
    const install = `${python} -m pip install mlflow==${server}`;
    const stopTransfers =
        "export MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD=false MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD=false";
    const stopped = { MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD: "false", MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD: "false" };
    const S3 = "http://127.0.0.1:9"; // the port "discard", on which nobody listens
    const directEnvironment =
        `export MLFLOW_TRACKING_URI=${trackingUri}; export AWS_PROFILE=${profileName}; ` +
        `export AWS_DEFAULT_REGION=${outputs.region}; export MLFLOW_S3_EXPECTED_BUCKET_OWNER=${accountId}`;

    /** A folder in which Python finds MLflow of another version: the name of the package alone. */
    const installed = (version: string): Record<string, string> => {
        const place = path.join(folder, `mlflow-${version}`);
        mkdirSync(path.join(place, `mlflow-${version}.dist-info`), { recursive: true });
        writeFileSync(
            path.join(place, `mlflow-${version}.dist-info/METADATA`),
            `Metadata-Version: 2.1\nName: mlflow\nVersion: ${version}\n`,
        );
        return { PYTHONPATH: place };
    };

    return [
        ...(
            [
                [
                    "the server's",
                    "ok",
                    undefined,
                    new RegExp(`has MLflow ${server.replaceAll(".", "\\.")}, the server is`),
                ],
                ["an older minor one", "ok", installed("3.2.0"), /has MLflow 3\.2\.0/],
                ["a newer minor one", "warning", installed("3.99.0"), /3\.99\.0.*what is new in the client/, install],
                ["another major one", "failed", installed("2.22.1"), /has MLflow 2\.22\.1, the server is/, install],
            ] as const
        ).map(([when, verdict, environment, evidence, remedy]) => ({
            id: "client-version",
            when,
            verdict,
            environment,
            evidence,
            remedy,
            python,
        })),
        {
            id: "client-version",
            when: "there is no MLflow",
            verdict: "not checked",
            evidence: /has no MLflow$/,
            remedy: "--python <path> names the Python that runs the client",
            python: withBoto3,
        },
        {
            id: "client-version",
            when: "the named Python is none",
            verdict: "failed",
            evidence: /does not run \(spawn .*ENOENT\)$/,
            remedy: "--python with the path of a Python",
            python: path.join(folder, "no-python"),
        },

        { id: "client-boto3", when: "it is not needed", verdict: "ok", evidence: /^not needed/, python },
        {
            id: "client-boto3",
            when: "it is there",
            verdict: "ok",
            evidence: /has boto3 1\./,
            python: withBoto3,
            outputs: direct,
        },
        {
            id: "client-boto3",
            when: "it is missing, with direct artifacts",
            verdict: "failed",
            evidence: /has no boto3, and clients write their artifacts to S3 themselves$/,
            remedy: `${python} -m pip install boto3`,
            python,
            outputs: direct,
        },

        {
            id: "artifact-mode",
            when: "proxied, as it is handed over",
            verdict: "ok",
            evidence: /^proxied, with signed addresses$/,
        },
        {
            id: "artifact-mode",
            when: "proxied, with an address of S3",
            verdict: "failed",
            evidence: /^proxied: MLFLOW_S3_ENDPOINT_URL is http:\/\/minio/,
            remedy: "unset MLFLOW_S3_ENDPOINT_URL",
            environment: { MLFLOW_S3_ENDPOINT_URL: "http://minio:9000" },
        },
        {
            id: "artifact-mode",
            when: "without signed addresses, and the client is not told",
            verdict: "failed",
            evidence: /^proxied, without signed addresses: the two variables/,
            remedy: stopTransfers,
            outputs: { presignedTransfers: false },
        },
        {
            id: "artifact-mode",
            when: "without signed addresses, and the client is told",
            verdict: "ok",
            evidence: /^proxied: everything goes through the server$/,
            outputs: { presignedTransfers: false },
            environment: stopped,
        },
        {
            id: "artifact-mode",
            when: "direct, as it is handed over",
            verdict: "ok",
            evidence: /^direct: the client writes to S3 itself/,
            outputs: direct,
            environment: { MLFLOW_S3_EXPECTED_BUCKET_OWNER: accountId },
        },
        {
            id: "artifact-mode",
            when: "direct, without the environment that is handed over",
            verdict: "failed",
            evidence: /^direct: MLFLOW_S3_EXPECTED_BUCKET_OWNER is not set/,
            remedy: directEnvironment,
            outputs: direct,
        },
        {
            id: "artifact-mode",
            when: "direct, for clients that may only read",
            verdict: "failed",
            evidence: /^artifactMode is direct, clientS3Rights readOnly/,
            remedy: `operators: pulumi config set clientS3Rights readWrite --stack ${outputs.stack}, pulumi up`,
            outputs: { ...direct, clientS3Rights: "readOnly" },
        },

        {
            id: "s3-reachable",
            when: "S3 refuses nobody's request",
            verdict: "ok",
            evidence: /answers \(HTTP [45]\d\d to a request/,
        },
        {
            id: "s3-reachable",
            when: "the client does not need it",
            verdict: "ok",
            evidence: /^not needed/,
            environment: { ...stopped, AWS_ENDPOINT_URL: S3 },
        },
        {
            id: "s3-reachable",
            when: "nothing answers",
            verdict: "failed",
            evidence: /does not answer: ECONNREFUSED.*a client would try for 12 minutes$/,
            remedy: `${stopTransfers}; for everybody: presignedTransfers: false`,
            environment: { AWS_ENDPOINT_URL: S3 },
        },
        {
            id: "s3-reachable",
            when: "nothing answers, with direct artifacts",
            verdict: "failed",
            evidence: /does not answer: ECONNREFUSED/,
            remedy: "look at network, VPN and firewall: the client needs S3",
            environment: { ...stopped, AWS_ENDPOINT_URL: S3 },
            outputs: direct,
        },
        {
            id: "s3-reachable",
            when: "a proxy leads there",
            verdict: "not checked",
            evidence: /^HTTPS_PROXY is set/,
            environment: { HTTPS_PROXY: "http://proxy.example", AWS_ENDPOINT_URL: S3 },
        },
    ];
}
