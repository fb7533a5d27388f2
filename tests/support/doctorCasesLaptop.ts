import { remedyHere } from "../../teammate/tools";
import type { Case, DoctorScene } from "./doctorScene";

/** What the shell says, and the programs that it finds. */
export function laptopCases({ outputs, folder }: DoctorScene): Case[] {
    const { profileName, trackingUri } = outputs;
    const direct = { artifactMode: "direct" } as const;
    const port = new URL(trackingUri).port;
    const exportProfile = `export AWS_PROFILE=${profileName}`;
    const exportUri = `export MLFLOW_TRACKING_URI=${trackingUri}`;
    const noProxy = "export NO_PROXY=localhost,127.0.0.1 no_proxy=localhost,127.0.0.1";
    return [
        ...(
            [
                ["not set", "ok", {}, /^AWS_PROFILE is not set; a client of this server needs none$/],
                ["another that exists", "ok", { AWS_PROFILE: "operator" }, /^AWS_PROFILE is operator$/],
                [
                    "empty",
                    "failed",
                    { AWS_PROFILE: "" },
                    /^AWS_PROFILE is empty: .*ProfileNotFound/,
                    "unset AWS_PROFILE",
                ],
                [
                    "unknown",
                    "failed",
                    { AWS_PROFILE: "nobody" },
                    new RegExp(`^AWS_PROFILE is nobody, .* know ${profileName}, operator$`),
                    "unset AWS_PROFILE",
                ],
                [
                    "overruled by another variable",
                    "failed",
                    { AWS_DEFAULT_PROFILE: "old", AWS_PROFILE: profileName },
                    /^AWS_DEFAULT_PROFILE is old/,
                    "unset AWS_DEFAULT_PROFILE",
                ],
            ] as const
        ).map(([when, verdict, environment, evidence, remedy]) => ({
            id: "aws-profile",
            when,
            verdict,
            environment,
            evidence,
            remedy,
        })),
        ...(
            [
                ["the stack's", "ok", { AWS_PROFILE: profileName }, new RegExp(`^AWS_PROFILE is ${profileName}$`)],
                ["not set", "failed", {}, /^AWS_PROFILE is not set, and clients write/, exportProfile],
                ["another", "failed", { AWS_PROFILE: "operator" }, /^AWS_PROFILE is operator, and/, exportProfile],
                [
                    "beside keys, which win",
                    "failed",
                    { AWS_PROFILE: profileName, AWS_ACCESS_KEY_ID: "AKIAEXAMPLE" },
                    /^AWS_ACCESS_KEY_ID is set as well, and boto3 takes it/,
                    "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN",
                ],
            ] as const
        ).map(([when, verdict, environment, evidence, remedy]) => ({
            id: "aws-profile",
            when: `${when}, with direct artifacts`,
            verdict,
            environment,
            evidence,
            remedy,
            outputs: direct,
        })),

        ...(
            [
                ["the stack's", "ok", trackingUri, /^MLFLOW_TRACKING_URI is http/],
                ["the stack's, in numbers", "ok", `http://127.0.0.1:${port}/`, /127\.0\.0\.1/],
                ["not set", "warning", "", /would log to files of its own/, exportUri],
                [
                    "another",
                    "failed",
                    "http://localhost:5999",
                    /is http:\/\/localhost:5999; this stack's is/,
                    exportUri,
                ],
            ] as const
        ).map(([when, verdict, value, evidence, remedy]) => ({
            id: "tracking-uri",
            when,
            verdict,
            evidence,
            remedy,
            environment: { MLFLOW_TRACKING_URI: value },
        })),

        ...(
            [
                ["none is set", "ok", {}, /^no proxy is set/],
                [
                    "this machine is excepted",
                    "ok",
                    { HTTP_PROXY: "http://p", NO_PROXY: "x, localhost" },
                    /no_proxy names localhost/,
                ],
                [
                    "it is not",
                    "failed",
                    { http_proxy: "http://p" },
                    /^http_proxy is set, and no_proxy does not name/,
                    noProxy,
                ],
                ["another is", "failed", { ALL_PROXY: "http://p", no_proxy: ".lan" }, /^all_proxy is set/, noProxy],
            ] as const
        ).map(([when, verdict, environment, evidence, remedy]) => ({
            id: "no-proxy",
            when,
            verdict,
            environment,
            evidence,
            remedy,
        })),

        {
            id: "tunnel-tools",
            when: "all are there",
            verdict: "ok",
            evidence: /^aws, session-manager-plugin$/,
        },
        {
            id: "tunnel-tools",
            when: "none is",
            verdict: "warning",
            evidence: /^not on the PATH: aws, session-manager-plugin$/,
            remedy: `${remedyHere("aws")}; ${remedyHere("session-manager-plugin")}`,
            environment: { PATH: folder },
        },
        {
            id: "tunnel-tools",
            when: "SSH is needed",
            verdict: "warning",
            evidence: /^not on the PATH: ssh$/,
            remedy: remedyHere("ssh"),
            environment: { PATH: folder },
            outputs: { accessMode: "ssh" },
        },
    ];
}
