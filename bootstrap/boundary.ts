import type { PolicyStatement } from "@pulumi/aws/iam";
import { tunnelDocument } from "../components/tunnelDocument";
import type { Environment } from "./environment";
import { tags } from "./scopes/ec2";
import { logOf } from "./scopes/monitoring";
import { bucketsOf, parametersOf } from "./scopes/storage";

/**
 * The most that the roles and the client user of an environment may ever do, whatever policies a deployment gives them:
 * it allows nothing by itself. What the program gives them today is less.
 */
export function boundaryStatements(environment: Environment): PolicyStatement[] {
    const { partition, region, accountId, existingInstance } = environment;
    const buckets = bucketsOf(environment);
    const allow = (Sid: string, Action: string[], Resource: string | string[], more = {}): PolicyStatement => ({
        Sid,
        Effect: "Allow",
        Action,
        Resource,
        ...more,
    });
    const instance = (id: string) => `arn:${partition}:ec2:${region}:${accountId}:instance/${id}`;
    const session = (name: string) => `arn:${partition}:ssm:${region}:${accountId}:session/${name}`;
    const checked = { BoolIfExists: { "ssm:SessionDocumentAccessCheck": "true" } };
    return [
        allow("ListArtifacts", ["s3:ListBucket"], buckets),
        // Neither versions nor the bucket's configuration.
        allow(
            "UseObjects",
            ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"],
            buckets.map((arn) => `${arn}/*`),
        ),
        allow("ReadOwnParameters", ["ssm:GetParameter"], parametersOf(environment)),
        // Parameters are encrypted with AWS's own key, which names the parameter as its context.
        allow("DecryptOwnParameters", ["kms:Decrypt"], `arn:${partition}:kms:${region}:${accountId}:key/*`, {
            Condition: {
                StringEquals: { "kms:ViaService": `ssm.${region}.amazonaws.com` },
                StringLike: { "kms:EncryptionContext:PARAMETER_ARN": parametersOf(environment) },
            },
        }),
        allow(
            "SessionManagerAgent",
            [
                "ssm:UpdateInstanceInformation",
                "ssmmessages:CreateControlChannel",
                "ssmmessages:CreateDataChannel",
                "ssmmessages:OpenControlChannel",
                "ssmmessages:OpenDataChannel",
            ],
            "*",
        ),
        // Of the role of `runningHours`: the stack's machines, and a database that is named like the stack.
        allow("StartAndStopHost", ["ec2:StartInstances", "ec2:StopInstances"], instance("*"), {
            Condition: { StringEquals: tags("aws:ResourceTag", environment) },
        }),
        allow(
            "StartAndStopDatabase",
            ["rds:StartDBInstance", "rds:StopDBInstance"],
            `arn:${partition}:rds:${region}:${accountId}:db:${environment.name}-*`,
        ),
        allow("WriteOwnLog", ["logs:CreateLogStream", "logs:PutLogEvents"], logOf(environment)),
        allow("PutOwnMetrics", ["cloudwatch:PutMetricData"], "*", {
            Condition: { StringEquals: { "cloudwatch:namespace": environment.name } },
        }),
        allow("OpenTunnel", ["ssm:StartSession"], instance("*"), {
            Condition: { ...checked, StringEquals: tags("ssm:resourceTag", environment) },
        }),
        allow(
            "OpenTunnelByDocument",
            ["ssm:StartSession"],
            [
                `arn:${partition}:ssm:${region}::document/${tunnelDocument}`,
                ...(existingInstance ? [instance(existingInstance)] : []),
            ],
            { Condition: checked },
        ),
        allow(
            "UseOwnSessions",
            ["ssm:ResumeSession", "ssm:TerminateSession"],
            [session("${aws:username}-*"), session("${aws:userid}-*")],
        ),
    ];
}
