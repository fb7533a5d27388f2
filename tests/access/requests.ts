import type { Request } from "../support/callers";

// Requests to judge, as tables: what there is to ask for in S3, in Session Manager and elsewhere. Not proven: that the
// services ask for exactly these actions, resources and condition keys; they are read from AWS's service authorization
// reference and Session Manager's user guide.

const list = (prefix: string): Request => ["s3:ListBucket", "{bucket}", { "s3:prefix": prefix }];

export const readArtifacts: readonly Request[] = [
    // `aws s3api list-objects-v2 --prefix artifacts/`, and MLflow below a run.
    list("artifacts/"),
    list("artifacts/1/0a1b2c/artifacts/model/"),
    ["s3:GetObject", "{bucket}/artifacts/1/0a1b2c/artifacts/model/MLmodel"],
];

export const writeArtifacts: readonly Request[] = [
    ["s3:PutObject", "{bucket}/artifacts/1/0a1b2c/artifacts/model/MLmodel"],
    ["s3:DeleteObject", "{bucket}/artifacts/1/0a1b2c/artifacts/model/MLmodel"],
    ["s3:AbortMultipartUpload", "{bucket}/artifacts/1/0a1b2c/artifacts/model/MLmodel"],
];

/** Backups of the database, under names that nothing has yet. */
export const addBackups: readonly Request[] = [
    list("backups/"),
    ["s3:GetObject", "{bucket}/backups/20261125T101500Z-0a1b2c.sqlite.gz"],
    ["s3:PutObject", "{bucket}/backups/database.gz", { "s3:if-none-match": "*" }],
    ["s3:PutObject", "{bucket}/backups/database.gz", { "s3:ObjectCreationOperation": "false" }],
];

/** What would change or destroy a backup that is there. */
export const changeBackups: readonly Request[] = [
    ["s3:PutObject", "{bucket}/backups/database.gz"],
    ["s3:PutObject", "{bucket}/backups/database.gz", { "s3:ObjectCreationOperation": "true" }],
    ["s3:DeleteObject", "{bucket}/backups/database.gz"],
    ["s3:DeleteObjectVersion", "{bucket}/backups/database.gz"],
    ["s3:GetObjectVersion", "{bucket}/backups/database.gz"],
    ["s3:PutObject", "{bucket}/backups", { "s3:if-none-match": "*" }],
    ["s3:PutObject", "{bucket}/backups-old/database.gz", { "s3:if-none-match": "*" }],
];

const objectActions = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"];

/** Everything beside the artifacts' folder, in this bucket and in others. */
export const outsideArtifacts: readonly Request[] = [
    ["s3:ListBucket", "{bucket}"],
    ...["", "a", "artifacts", "artifacts-old/", "backups/", "host/", "Artifacts/"].map(list),
    ["s3:ListBucket", "{bucket}-2", { "s3:prefix": "artifacts/" }],
    ["s3:ListBucket", "arn:aws:s3:::other", { "s3:prefix": "artifacts/" }],
    ...objectActions.flatMap((action): Request[] => [
        [action, "{bucket}/artifacts"],
        [action, "{bucket}/artifacts-old/model"],
        [action, "{bucket}/other/artifacts/model"],
        [action, "{bucket}/backups/database.gz"],
        [action, "{bucket}-2/artifacts/model"],
        [action, "arn:aws:s3:::other/artifacts/model"],
    ]),
];

/** The folder that the instance installs from. */
export const hostFolder: readonly Request[] = [
    ...objectActions.map((action): Request => [action, "{bundle}"]),
    ...objectActions.map((action): Request => [action, "{bucket}/host/other.tar.gz"]),
];

/** What would bring back, or destroy for good, what was overwritten or deleted. */
export const versions: readonly Request[] = [
    ["s3:ListBucketVersions", "{bucket}", { "s3:prefix": "artifacts/" }],
    ["s3:GetObjectVersion", "{bucket}/artifacts/1/model"],
    ["s3:DeleteObjectVersion", "{bucket}/artifacts/1/model"],
    ["s3:GetObjectVersion", "{bundle}"],
    ["s3:DeleteObjectVersion", "{bundle}"],
];

/** The bucket's configuration, and the bucket itself. */
export const configuration: readonly Request[] = [
    "s3:GetBucketPolicy",
    "s3:PutBucketPolicy",
    "s3:DeleteBucketPolicy",
    "s3:PutBucketVersioning",
    "s3:PutLifecycleConfiguration",
    "s3:PutEncryptionConfiguration",
    "s3:PutBucketPublicAccessBlock",
    "s3:PutBucketOwnershipControls",
    "s3:PutBucketAcl",
    "s3:PutReplicationConfiguration",
    "s3:PutBucketNotification",
    "s3:PutBucketTagging",
    "s3:DeleteBucket",
].map((action): Request => [action, "{bucket}"]);

/** Other rights over artifacts, and over all buckets of the account. */
export const otherS3: readonly Request[] = [
    ...[
        "s3:PutObjectAcl",
        "s3:PutObjectTagging",
        "s3:DeleteObjectTagging",
        "s3:PutObjectRetention",
        "s3:BypassGovernanceRetention",
        "s3:RestoreObject",
        "s3:ObjectOwnerOverrideToBucketOwner",
    ].map((action): Request => [action, "{bucket}/artifacts/1/model"]),
    ["s3:ListBucketMultipartUploads", "{bucket}"],
    ["s3:ListAllMyBuckets", "*"],
    ["s3:CreateBucket", "arn:aws:s3:::new"],
    ["s3:PutAccountPublicAccessBlock", "*"],
];

/** What would lead to more rights, to the machine, or to secrets. */
export const otherServices: readonly Request[] = [
    ["iam:CreateAccessKey", "arn:aws:iam::123456789012:user/{user}"],
    ["iam:PutUserPolicy", "arn:aws:iam::123456789012:user/{user}"],
    ["iam:AttachUserPolicy", "arn:aws:iam::123456789012:user/{user}"],
    ["iam:AddUserToGroup", "arn:aws:iam::123456789012:group/administrators"],
    ["iam:CreateUser", "arn:aws:iam::123456789012:user/new"],
    ["iam:PutRolePolicy", "{role}"],
    ["iam:UpdateAssumeRolePolicy", "{role}"],
    ["iam:PassRole", "{role}"],
    ["sts:AssumeRole", "{role}"],
    ["sts:GetFederationToken", "*"],
    ["ec2:DescribeInstances", "*"],
    ["ec2:RunInstances", "*"],
    ["ec2:StopInstances", "{instance}"],
    ["ec2:TerminateInstances", "{instance}"],
    ["ec2:ModifyInstanceAttribute", "{instance}"],
    ["ec2:CreateSnapshot", "*"],
    ["ec2:AttachVolume", "{instance}"],
    ["ec2:CreateTags", "{instance}"],
    ["ec2:AuthorizeSecurityGroupIngress", "*"],
    ["ec2-instance-connect:SendSSHPublicKey", "{instance}"],
    ["ssm:SendCommand", ["{instance}", "arn:aws:ssm:us-west-1::document/AWS-RunShellScript"]],
    ["ssm:SendCommand", "{instance}"],
    ["ssm:StartAutomationExecution", "*"],
    ["ssm:CreateAssociation", "{instance}"],
    ["ssm:CreateDocument", "{ssm}:document/new"],
    ["ssm:DescribeSessions", "*"],
    ["ssm:DescribeParameters", "*"],
    ["ssm:PutParameter", "{ssm}:parameter/mlflow-test/database-address"],
    ["ssm:GetParameters", "{ssm}:parameter/mlflow-test/database-address"],
    ["ssm:GetParametersByPath", "{ssm}:parameter/mlflow-test/"],
    ["ssm:GetParameterHistory", "{ssm}:parameter/mlflow-test/database-address"],
    ["ssm:GetParameter", "{ssm}:parameter/mlflow-test/database-passwords-2"],
    ["ssm:GetParameter", "{ssm}:parameter/mlflow-test/other"],
    ["ssm:GetParameter", "{ssm}:parameter/mlflow-prod/database-passwords"],
    ["ssm:GetParameter", "{ssm}:parameter/other"],
    ["kms:Decrypt", "*"],
    ["secretsmanager:GetSecretValue", "*"],
];

export const ownParameter: Request = ["ssm:GetParameter", "{ssm}:parameter/mlflow-test/database-passwords"];
/** What the host tells CloudWatch, where it is asked to. */
export const ownLog: readonly Request[] = [
    ["logs:CreateLogStream", "arn:aws:logs:us-west-1:123456789012:log-group:/mlflow-test/host:log-stream:"],
    [
        "logs:PutLogEvents",
        "arn:aws:logs:us-west-1:123456789012:log-group:/mlflow-test/host:log-stream:i-0123456789abcdef0",
    ],
];
export const ownMetrics: Request = ["cloudwatch:PutMetricData", "*", { "cloudwatch:namespace": "mlflow-test" }];

/** All else that can be done with logs, metrics and alarms. */
export const otherReports: readonly Request[] = [
    ["cloudwatch:PutMetricData", "*"],
    ...["mlflow-prod", "mlflow-test2", "AWS/EC2"].map((namespace): Request => [
        "cloudwatch:PutMetricData",
        "*",
        { "cloudwatch:namespace": namespace },
    ]),
    ...["/mlflow-prod/host", "/mlflow-test/host2", "/aws/lambda/any"].flatMap((group): Request[] => [
        ["logs:CreateLogStream", `arn:aws:logs:us-west-1:123456789012:log-group:${group}:log-stream:`],
        ["logs:PutLogEvents", `arn:aws:logs:us-west-1:123456789012:log-group:${group}:log-stream:any`],
    ]),
    ["logs:CreateLogGroup", "arn:aws:logs:us-west-1:123456789012:log-group:/mlflow-test/host:*"],
    ["logs:DeleteLogGroup", "arn:aws:logs:us-west-1:123456789012:log-group:/mlflow-test/host:*"],
    ["logs:PutRetentionPolicy", "arn:aws:logs:us-west-1:123456789012:log-group:/mlflow-test/host:*"],
    [
        "logs:DeleteLogStream",
        "arn:aws:logs:us-west-1:123456789012:log-group:/mlflow-test/host:log-stream:i-0123456789abcdef0",
    ],
    [
        "logs:GetLogEvents",
        "arn:aws:logs:us-west-1:123456789012:log-group:/mlflow-test/host:log-stream:i-0123456789abcdef0",
    ],
    ["logs:FilterLogEvents", "arn:aws:logs:us-west-1:123456789012:log-group:/mlflow-test/host:*"],
    ["cloudwatch:PutMetricAlarm", "arn:aws:cloudwatch:us-west-1:123456789012:alarm:mlflow-test-alarms-memory"],
    ["cloudwatch:SetAlarmState", "arn:aws:cloudwatch:us-west-1:123456789012:alarm:mlflow-test-alarms-memory"],
    ["cloudwatch:DisableAlarmActions", "arn:aws:cloudwatch:us-west-1:123456789012:alarm:mlflow-test-alarms-memory"],
    ["sns:Publish", "arn:aws:sns:us-west-1:123456789012:mlflow-test-alarms-topic-0a1b2c3"],
    ["sns:Subscribe", "arn:aws:sns:us-west-1:123456789012:mlflow-test-alarms-topic-0a1b2c3"],
];

const checked = { "ssm:SessionDocumentAccessCheck": "true" };
const unchecked = { "ssm:SessionDocumentAccessCheck": "false" };

/** Session Manager asks for the instance and for the document that the caller names: both must be allowed. */
const startSession = (instance: string, document: string, context = checked): Request => [
    "ssm:StartSession",
    [instance, document],
    context,
];

const useSession = ["ssm:ResumeSession", "ssm:TerminateSession", "ssmmessages:OpenDataChannel"];

/** A tunnel, and the sessions of an IAM user, which are named after the user's name or id. */
export const tunnel: readonly Request[] = [
    startSession("{instance}", "{document}"),
    ...useSession.flatMap((action): Request[] => [
        [action, "{ssm}:session/{user}-0a1b2c3d4e5f60718"],
        [action, "{ssm}:session/{userId}-0a1b2c3d4e5f60718"],
    ]),
];

const awsDocument = (name: string) => `arn:aws:ssm:us-west-1::document/${name}`;

/** Shells, commands, other machines, other people's sessions. */
export const otherSessions: readonly Request[] = [
    // The default shell: no document named, so the service asks for the instance alone and has checked none.
    ["ssm:StartSession", "{instance}", unchecked],
    startSession("{instance}", "{document}", unchecked),
    startSession("{instance}", "{ssm}:document/SSM-SessionManagerRunShell"),
    startSession("{instance}", awsDocument("SSM-SessionManagerRunShell")),
    startSession("{instance}", awsDocument("AWS-StartSSHSession")),
    startSession("{instance}", awsDocument("AWS-StartPortForwardingSessionToRemoteHost")),
    startSession("{instance}", awsDocument("AWS-StartPortForwardingSessionToSocket")),
    startSession("{instance}", awsDocument("AWS-StartInteractiveCommand")),
    startSession("{instance}", awsDocument("AWS-StartNonInteractiveCommand")),
    // A document of the same name that somebody of the account made.
    startSession("{instance}", "{ssm}:document/AWS-StartPortForwardingSession"),
    startSession("arn:aws:ec2:us-west-1:123456789012:instance/i-0fedcba9876543210", "{document}"),
    startSession("{ssm}:managed-instance/mi-0fedcba9876543210", "{document}"),
    // The same instance id elsewhere.
    startSession("{instanceElsewhere}", "arn:aws:ssm:eu-west-3::document/AWS-StartPortForwardingSession"),
    ...useSession.flatMap((action): Request[] => [
        [action, "{ssm}:session/somebody-0a1b2c3d4e5f60718"],
        [action, "{ssm}:session/AIDAZZZZZZZZZZEXAMPLE-0a1b2c3d4e5f60718"],
        [action, "{ssm}:session/{user}"],
        [action, "{ssm}:session/x{user}-0a1b2c3d4e5f60718"],
        [action, "arn:aws:ssm:eu-west-3:123456789012:session/{user}-0a1b2c3d4e5f60718"],
        [action, "arn:aws:ssm:us-west-1:210987654321:session/{user}-0a1b2c3d4e5f60718"],
    ]),
];

/** What an instance's Session Manager agent asks for. */
export const agent: readonly Request[] = [
    ["ssm:UpdateInstanceInformation", "{instance}"],
    ["ssmmessages:CreateControlChannel", "*"],
    ["ssmmessages:CreateDataChannel", "*"],
    ["ssmmessages:OpenControlChannel", "*"],
    ["ssmmessages:OpenDataChannel", "*"],
];
