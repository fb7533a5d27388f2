// What a preview announces, as words for the table of changes.

/** A new host is attached to the data volume anew. */
export const newHost = [
    "replace aws:ec2:Instance mlflow-dev-host-instance",
    "replace aws:ec2:VolumeAttachment mlflow-dev-host-data-attachment",
];
/** And the client's right to a tunnel names it. */
export const clientPolicy = "update aws:iam:GroupPolicy mlflow-dev-client-policy";
export const hostReplaced = [...newHost, clientPolicy];
/** An address stays, whichever host has it. */
export const addressMoved = "replace aws:ec2:EipAssociation mlflow-dev-host-address-association";
export const serverPolicy = "update aws:iam:RolePolicy mlflow-dev-server-policy";
export const lifecycle = "update aws:s3:BucketLifecycleConfiguration mlflow-dev-artifacts-lifecycle";
export const address = "update aws:ssm:Parameter mlflow-dev-backend-address";

export const passwords = "update aws:ssm:Parameter mlflow-dev-backend-passwords";
const ofDatabase = (operation: string, type: string, name: string) =>
    `${operation} ${type} mlflow-dev-backend-database-${name}`;
export const database = (operation: string) => ofDatabase(operation, "aws:rds:Instance", "instance");
export const databaseSubnets = (operation: string, network: string) =>
    ofDatabase(operation, "aws:rds:SubnetGroup", `subnets-in-${network}`);
export const databaseParameters = (operation: string) => ofDatabase(operation, "aws:rds:ParameterGroup", "parameters");
export const databaseSuffix = (operation: string) => ofDatabase(operation, "random:index:RandomId", "suffix");
export const password = (operation: string, generation: number) =>
    `${operation} random:index:RandomPassword mlflow-dev-backend-password-${generation}`;
export const doors = (operation: string) => [
    `${operation} aws:vpc:SecurityGroupEgressRule mlflow-dev-host-to-database`,
    `${operation} aws:vpc:SecurityGroupIngressRule mlflow-dev-host-into-database`,
];
export const wholeDatabase = (operation: string) => [
    ...[database(operation), databaseParameters(operation), databaseSuffix(operation), password(operation, 1)],
    ofDatabase(operation, "aws:ec2:SecurityGroup", "firewall"),
    databaseSubnets(operation, "default"),
    ...[address, passwords].map((line) => line.replace("update", operation)),
    ...doors(operation),
];

export const ssh = (operation: string, range: string) =>
    `${operation} aws:vpc:SecurityGroupIngressRule mlflow-dev-host-ssh-from-${range}`;
export const databaseRule = (operation: string, host: string) =>
    `${operation} aws:vpc:SecurityGroupEgressRule mlflow-dev-host-database-at-${host}/32`;
export const keyA = (operation: string) => `${operation} aws:iam:AccessKey mlflow-dev-client-access-key-a`;
export const keyB = (operation: string) => `${operation} aws:iam:AccessKey mlflow-dev-client-access-key-b`;
export const suffixGone = "delete random:index:RandomId mlflow-dev-artifacts-suffix";
export const bundleReplaced = "replace aws:s3:BucketObjectv2 mlflow-dev-host-bundle";
export const bucket = (operation: string) => `${operation} aws:s3:Bucket mlflow-dev-artifacts-bucket`;
export const partsOfBucket = (operation: string) => [
    `${operation} aws:s3:BucketOwnershipControls mlflow-dev-artifacts-ownership`,
    `${operation} aws:s3:BucketPolicy mlflow-dev-artifacts-policy`,
    `${operation} aws:s3:BucketPublicAccessBlock mlflow-dev-artifacts-public-access-block`,
    `${operation} aws:s3:BucketServerSideEncryptionConfiguration mlflow-dev-artifacts-encryption`,
    `${operation} aws:s3:BucketVersioning mlflow-dev-artifacts-versioning`,
];
export const firewallOf = (operation: string) => [
    `${operation} aws:ec2:SecurityGroup mlflow-dev-host-firewall`,
    `${operation} aws:vpc:SecurityGroupEgressRule mlflow-dev-host-https`,
];
export const user = (operation: string) => [
    keyA(operation),
    `${operation} aws:iam:Group mlflow-dev-client-group`,
    `${operation} aws:iam:GroupPolicy mlflow-dev-client-policy`,
    `${operation} aws:iam:User mlflow-dev-client-user`,
    `${operation} aws:iam:UserGroupMembership mlflow-dev-client-membership`,
    `${operation} mlflow-aws:index:ClientUser mlflow-dev-client`,
];
export const instanceAlarms = (operation: string) =>
    ["system-status", "instance-status", "volume-status"].map(
        (name) => `${operation} aws:cloudwatch:MetricAlarm mlflow-dev-alarms-${name}`,
    );
export const alarmsMade = [
    ...instanceAlarms("create"),
    ...["no-answer", "data-volume", "root-volume", "memory", "restarts", "server-errors", "backup"].map(
        (name) => `create aws:cloudwatch:MetricAlarm mlflow-dev-alarms-${name}`,
    ),
    "create aws:sns:Topic mlflow-dev-alarms-topic",
    "create aws:sns:TopicSubscription mlflow-dev-alarms-email",
    "create mlflow-aws:index:Alarms mlflow-dev-alarms",
];
export const logOf = (operation: string) => [
    `${operation} aws:cloudwatch:LogGroup mlflow-dev-log-group`,
    `${operation} mlflow-aws:index:HostLog mlflow-dev-log`,
];
export const attached = (operation: string, role: string) =>
    `${operation} aws:iam:RolePolicyAttachment mlflow-dev-client-${role}-policy`;
export const hoursOf = (operation: string) => [
    `${operation} aws:iam:Role mlflow-dev-server-hours-role`,
    `${operation} aws:iam:RolePolicy mlflow-dev-server-hours-policy`,
    `${operation} aws:scheduler:Schedule mlflow-dev-server-hours-start-host`,
    `${operation} aws:scheduler:Schedule mlflow-dev-server-hours-stop-host`,
    `${operation} aws:scheduler:ScheduleGroup mlflow-dev-server-hours-group`,
    `${operation} mlflow-aws:index:RunningHours mlflow-dev-server-hours`,
];
export const budgetOf = (operation: string) => [
    `${operation} aws:budgets:Budget mlflow-dev-budget-monthly`,
    `${operation} mlflow-aws:index:Budget mlflow-dev-budget`,
];
/** What carries tags in a stack with default settings. */
export const taggedByDefault = [
    "update aws:ebs:Volume mlflow-dev-host-data",
    "update aws:ec2:Instance mlflow-dev-host-instance",
    ...firewallOf("update"),
    "update aws:iam:InstanceProfile mlflow-dev-server-instance-profile",
    "update aws:iam:Role mlflow-dev-server-role",
    "update aws:iam:User mlflow-dev-client-user",
    bucket("update"),
    "update aws:s3:BucketObjectv2 mlflow-dev-host-bundle",
];

const networkLines = (operation: string) => [
    `${operation} aws:ec2:DefaultSecurityGroup mlflow-dev-network-default`,
    `${operation} aws:ec2:InternetGateway mlflow-dev-network-gateway`,
    `${operation} aws:ec2:Route mlflow-dev-network-internet`,
    `${operation} aws:ec2:Vpc mlflow-dev-network-vpc`,
    `${operation} aws:ec2:VpcEndpoint mlflow-dev-network-s3`,
    ...["public", "database"].flatMap((kind) => [
        `${operation} aws:ec2:RouteTable mlflow-dev-network-${kind}`,
        ...[1, 2].flatMap((index) => [
            `${operation} aws:ec2:Subnet mlflow-dev-network-${kind}-${index}`,
            `${operation} aws:ec2:RouteTableAssociation mlflow-dev-network-${kind}-${index}-routes`,
        ]),
    ]),
];
/** All of it; another VPC is another one of everything. */
export const network = (operation: "create" | "delete" | "replace") => [
    ...networkLines(operation),
    ...(operation === "replace" ? [] : [`${operation} mlflow-aws:index:Network mlflow-dev-network`]),
];
