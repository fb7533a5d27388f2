import { account, asKeys, each, region, type Request, stackTags } from "./request";

// Ways from the deployment of the stack `dev` to state, secrets and machines that are not its own.

const ec2 = (path: string) => `arn:aws:ec2:${region}:${account}:${path}`;
const ssm = (path: string) => `arn:aws:ssm:${region}:${account}:${path}`;
const rds = (path: string) => `arn:aws:rds:${region}:${account}:${path}`;
const state = "arn:aws:s3:::github-mlflow-state-0123456789abcdef";
const key = `arn:aws:kms:us-west-1:${account}:key/`;
const ownKey = `${key}1234abcd-12ab-34cd-56ef-1234567890ab`;
const forDev = { "kms:EncryptionContext:environment": "dev" };
const prodTags = { ...stackTags, Environment: "prod" };

const instance = ec2("instance/i-0123456789abcdef0");
const volume = ec2("volume/vol-0123456789abcdef0");

export const denied: Readonly<Record<string, readonly Request[]>> = {
    "read or write the state of another environment": [
        ...each(["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], `${state}/.pulumi/stacks/mlflow-aws/prod.json`),
        ...each(["s3:GetObject", "s3:PutObject"], `${state}/.pulumi/stacks/mlflow-aws/dev2.json`),
        ...each(["s3:GetObject", "s3:PutObject"], `${state}/.pulumi/stacks/other/dev.json`),
        ["s3:GetObject", `${state}/.pulumi/history/mlflow-aws/prod/prod-1.checkpoint.json`],
        ["s3:GetObject", `${state}/.pulumi/backups/mlflow-aws/prod/prod.1.json`],
        ["s3:DeleteObject", `${state}/.pulumi/locks/organization/mlflow-aws/prod/0a1b.json`],
        ["s3:PutObject", `${state}/.pulumi/meta.yaml`],
    ],
    "bring back or destroy what a state was, or open the bucket": [
        ...each(["s3:GetObjectVersion", "s3:DeleteObjectVersion"], `${state}/.pulumi/stacks/mlflow-aws/dev.json`),
        ...each(
            [
                ...["s3:DeleteBucket", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy", "s3:PutBucketVersioning"],
                ...["s3:PutLifecycleConfiguration", "s3:PutBucketPublicAccessBlock", "s3:PutReplicationConfiguration"],
            ],
            state,
        ),
    ],
    "decrypt another environment's secrets, or use or change the key otherwise": [
        ["kms:Decrypt", ownKey],
        ["kms:Decrypt", ownKey, { "kms:EncryptionContext:environment": "prod" }],
        ["kms:Decrypt", `${key}9876fedc-12ab-34cd-56ef-1234567890ab`, forDev],
        ...each(
            [
                ...["kms:Encrypt", "kms:ReEncryptFrom", "kms:GenerateDataKey", "kms:CreateGrant", "kms:PutKeyPolicy"],
                ...["kms:ScheduleKeyDeletion", "kms:DisableKey", "kms:DisableKeyRotation"],
            ],
            ownKey,
            forDev,
        ),
        ["kms:UpdateAlias", `arn:aws:kms:us-west-1:${account}:alias/mlflow-aws-secrets`],
    ],
    "touch machines of others, or make its own of them by tags": [
        ...[{}, asKeys("aws:ResourceTag", prodTags), asKeys("aws:ResourceTag", { Project: "mlflow-aws" })].flatMap(
            (tags): Request[] => [
                ...each(["ec2:TerminateInstances", "ec2:ModifyInstanceAttribute"], instance, tags),
                ...each(["ec2:DeleteVolume", "ec2:AttachVolume", "ec2:CreateSnapshot"], volume, tags),
                ["ec2:AuthorizeSecurityGroupIngress", ec2("security-group/sg-0123456789abcdef0"), tags],
                ["ec2:ReleaseAddress", ec2("elastic-ip/eipalloc-0123456789abcdef0"), tags],
                ...[instance, ec2("security-group/sg-0123456789abcdef0")].map((resource): Request => [
                    "ec2:CreateTags",
                    resource,
                    {
                        ...tags,
                        ...asKeys("aws:RequestTag", stackTags),
                        "aws:TagKeys": "Project,Environment",
                    },
                ]),
            ],
        ),
        // A volume becomes a root volume of the stack at most, and never its data volume.
        [
            "ec2:CreateTags",
            volume,
            {
                ...asKeys("aws:RequestTag", { ...stackTags, Name: "mlflow-dev-host-data" }),
                "aws:TagKeys": "Project,Environment,Name",
            },
        ],
        [
            "ec2:CreateTags",
            volume,
            {
                ...asKeys("aws:ResourceTag", { ...stackTags, Name: "mlflow-dev-host-root" }),
                "aws:RequestTag/Name": "mlflow-dev-host-data",
                "aws:TagKeys": "Name",
            },
        ],
        ["ec2:DeleteVolume", volume, asKeys("aws:ResourceTag", { ...stackTags, Name: "mlflow-dev-host-root" })],
        ["ec2:RunInstances", instance],
        ["ec2:RunInstances", `arn:aws:ec2:${region}::image/ami-0123456789abcdef0`, { "ec2:Owner": "210987654321" }],
        ["ec2:RunInstances", volume, { "ec2:Encrypted": "false" }],
    ],
    "touch databases of others, or carry off its own": [
        ...["mlflow-prod-backend-database-0a1b2c3d", "mlflow-dev2-backend-database-0a1b2c3d", "orders"].flatMap(
            (name): Request[] => [
                ...each(
                    ["rds:ModifyDBInstance", "rds:DeleteDBInstance", "rds:CreateDBSnapshot", "rds:AddTagsToResource"],
                    rds(`db:${name}`),
                ),
            ],
        ),
        ...each(
            [
                ...["rds:ModifyDBSnapshotAttribute", "rds:DeleteDBSnapshot", "rds:CopyDBSnapshot"],
                ...["rds:RestoreDBInstanceFromDBSnapshot", "rds:StartExportTask"],
            ],
            rds("snapshot:mlflow-dev-backend-database-0a1b2c3d-final"),
        ),
        ...each(
            ["rds:AddRoleToDBInstance", "rds:RestoreDBInstanceToPointInTime", "rds:StopDBInstance", "rds-db:connect"],
            rds("db:mlflow-dev-backend-database-0a1b2c3d"),
        ),
    ],
    "start, stop or spend by schedules and budgets of others": [
        ...each(
            ["scheduler:CreateSchedule", "scheduler:UpdateSchedule", "scheduler:DeleteSchedule"],
            `arn:aws:scheduler:${region}:${account}:schedule/mlflow-prod-server-hours-group-0a1b2c3/stop`,
        ),
        ["scheduler:CreateSchedule", `arn:aws:scheduler:${region}:${account}:schedule/default/nightly`],
        ["scheduler:DeleteScheduleGroup", `arn:aws:scheduler:${region}:${account}:schedule-group/default`],
        ["budgets:ModifyBudget", `arn:aws:budgets::${account}:budget/mlflow-prod-budget-monthly-0a1b2c3`],
        ["budgets:ModifyBudget", `arn:aws:budgets::${account}:budget/company`],
        ["budgets:CreateBudgetAction", `arn:aws:budgets::${account}:budget/mlflow-dev-budget-monthly-0a1b2c3`],
    ],
    "run commands, or open a shell": [
        ["ssm:SendCommand", instance, asKeys("ssm:resourceTag", stackTags)],
        ["ssm:SendCommand", `arn:aws:ssm:${region}::document/AWS-RunShellScript`],
        ["ssm:StartSession", ssm("document/SSM-SessionManagerRunShell"), { "ssm:SessionDocumentAccessCheck": "true" }],
        ["ssm:StartSession", instance, { "ssm:SessionDocumentAccessCheck": "true" }],
        [
            "ssm:StartSession",
            instance,
            { "ssm:SessionDocumentAccessCheck": "false", ...asKeys("ssm:resourceTag", stackTags) },
        ],
        ["ssm:CreateAssociation", instance],
        ["ec2-instance-connect:SendSSHPublicKey", instance, asKeys("aws:ResourceTag", stackTags)],
    ],
};

/** The same, of its own. */
export const withinLimits: readonly Request[] = [
    ["s3:PutObject", `${state}/.pulumi/stacks/mlflow-aws/dev.json`],
    ["ec2:TerminateInstances", instance, asKeys("aws:ResourceTag", stackTags)],
    ["ec2:DeleteVolume", volume, asKeys("aws:ResourceTag", { ...stackTags, Name: "mlflow-dev-host-data" })],
    ["rds:DeleteDBInstance", rds("db:mlflow-dev-backend-database-0a1b2c3d")],
];

/** Secrets of others, and those of the stack that no preview reads. */
export const secrets: readonly Request[] = [
    ...each(["s3:GetObject"], `${state}/.pulumi/history/mlflow-aws/dev/dev-1.checkpoint.json`),
    ["s3:GetObject", `${state}/.pulumi/backups/mlflow-aws/dev/dev.1.json`],
    ["s3:GetObject", `${state}/.pulumi/stacks/mlflow-aws/prod.json`],
    ["kms:Decrypt", ownKey, { "kms:EncryptionContext:environment": "prod" }],
    ["kms:Decrypt", ownKey],
    ["s3:GetObject", "arn:aws:s3:::mlflow-dev-0123456789abcdef/artifacts/1/model"],
    ["s3:GetObject", "arn:aws:s3:::mlflow-dev-0123456789abcdef/backups/database.gz"],
    ["s3:GetObject", "arn:aws:s3:::mlflow-prod-0123456789abcdef/host/bundle.tar.gz"],
    ["ssm:GetParameter", ssm("parameter/mlflow-prod/database-passwords")],
    ["ssm:GetParameter", ssm("parameter/other")],
    ["ssm:GetParametersByPath", ssm("parameter/mlflow-dev/")],
    ["ssm:GetParameterHistory", ssm("parameter/mlflow-dev/database-passwords")],
    ["secretsmanager:GetSecretValue", `arn:aws:secretsmanager:${region}:${account}:secret:database`],
    ...each(
        ["logs:GetLogEvents", "logs:FilterLogEvents", "logs:StartQuery", "logs:CreateExportTask"],
        `arn:aws:logs:${region}:${account}:log-group:/mlflow-dev/host:*`,
    ),
    ["ec2:GetConsoleOutput", instance, asKeys("aws:ResourceTag", stackTags)],
    ["ec2:GetPasswordData", instance, asKeys("aws:ResourceTag", stackTags)],
    ["ssm:StartSession", instance, asKeys("ssm:resourceTag", stackTags)],
    ["sts:AssumeRole", `arn:aws:iam::${account}:role/github-mlflow-dev-deploy`],
];

const groupOf = (tags: object): Request[2] => asKeys("aws:ResourceTag", tags);
const closed = { ...stackTags, Name: "mlflow-dev-network-default" };
const group = ec2("security-group/sg-0123456789abcdef0");
const network = ["vpc/vpc-1", "subnet/subnet-1", "route-table/rtb-1", "internet-gateway/igw-1", "vpc-endpoint/vpce-1"];

/** What a deployment that makes a network may not do with those of others. */
export const ofNetworks: readonly Request[] = [
    ...[{}, asKeys("aws:ResourceTag", prodTags)].flatMap((tags): Request[] => [
        ...network.flatMap((path) =>
            each(
                [
                    ...["ec2:DeleteVpc", "ec2:DeleteSubnet", "ec2:DeleteRoute", "ec2:CreateRoute", "ec2:ReplaceRoute"],
                    ...["ec2:DetachInternetGateway", "ec2:ModifyVpcAttribute", "ec2:ModifyVpcEndpoint"],
                ],
                ec2(path),
                tags,
            ),
        ),
        ...each(["ec2:RevokeSecurityGroupIngress", "ec2:RevokeSecurityGroupEgress"], group, tags),
    ]),
    ...each(["ec2:CreateVpc", "ec2:CreateSubnet"], ec2("vpc/vpc-1")),
    // An untagged group becomes the closed one at most, which can't be opened, deleted, or given to a host.
    ["ec2:CreateTags", group, { ...asKeys("aws:RequestTag", stackTags), "aws:TagKeys": "Project,Environment" }],
    [
        "ec2:CreateTags",
        group,
        {
            ...asKeys("aws:RequestTag", { ...stackTags, Name: "mlflow-dev-host" }),
            "aws:TagKeys": "Project,Environment,Name",
        },
    ],
    [
        "ec2:CreateTags",
        group,
        { ...groupOf({ Name: "web" }), ...asKeys("aws:RequestTag", closed), "aws:TagKeys": "Project,Environment,Name" },
    ],
    ...each(
        [
            ...["ec2:AuthorizeSecurityGroupIngress", "ec2:AuthorizeSecurityGroupEgress", "ec2:DeleteSecurityGroup"],
            ...["ec2:RunInstances", "ec2:ModifyInstanceAttribute"],
        ],
        group,
        groupOf(closed),
    ),
];
