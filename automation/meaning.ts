import { type Change, isOnly } from "./changes";

// What a change means for the people who use the server. The minutes are an estimate, no promise: the start of an instance, its packages, and the
// installation and first answer that docs/benchmarks.md has (20 s together). They were not measured on AWS.

type Meaning = string | ((change: Change) => string | undefined);

const downtime = "about 3 minutes without server";
const noData = "no data moves";

/** Of a database in RDS. */
const restarting = ["dbSubnetGroupName", "engineVersion", "instanceClass", "parameterGroupName"];

const moveCommand = "mlflow-move (docs/moving.md)";
const isAddress = (name: string): boolean => name.endsWith("-address");

/** An address range, or the only security group that the program lets in. */
const whom = ({ cidrIpv4, cidrIpv6 }: { cidrIpv4?: string; cidrIpv6?: string }): string =>
    cidrIpv4 ?? cidrIpv6 ?? "the host's group";

const asksForConsent: Meaning = ({ new: { endpoint } }) =>
    `${String(endpoint)} is asked for its consent: until then no e-mail about alarms comes`;

/** By operation and Pulumi type. */
const meanings: Readonly<Record<string, Meaning>> = {
    "create aws:ec2/instance:Instance": `a new host: the server answers after ${downtime.replace(" without server", "")}`,
    "replace aws:ec2/instance:Instance": `the host is replaced: ${downtime}, ${noData}`,
    "delete aws:ec2/instance:Instance": "the server is gone",
    "update aws:ec2/instance:Instance": ({ keys }) =>
        keys.includes("instanceType")
            ? `the host is stopped and started: ${downtime}, ${noData}`
            : isOnly(keys, "rootBlockDevice", "tags", "tagsAll")
              ? undefined
              : "the host changes while it runs",
    "replace aws:s3/bucket:Bucket": "a new, empty bucket: artifacts stay behind",
    "delete aws:s3/bucket:Bucket": "artifacts and backups are gone, or the update fails because they are there",
    "replace aws:ebs/volume:Volume": "a new, empty data volume: what was on it is in a last snapshot at most",
    "delete aws:ebs/volume:Volume": "the data volume is gone: what was on it is in a last snapshot at most",
    "update aws:ebs/volume:Volume": ({ keys }) =>
        keys.includes("size") ? "a larger data volume: the file system grows at the next start of the host" : undefined,
    "create aws:iam/accessKey:AccessKey": "a new access key: hand it over (npm run connect does)",
    "replace aws:iam/accessKey:AccessKey": "another access key: teammates' profiles stop working until npm run connect",
    "delete aws:iam/accessKey:AccessKey": "the access key is gone: whoever still has it gets in no more",
    "update aws:iam/accessKey:AccessKey": ({ new: { status } }) =>
        status === "Inactive" ? "the access key lets nobody in any more" : "the access key lets people in again",
    "delete aws:iam/user:User": "teammates' profiles stop working",
    "create aws:ssm/parameter:Parameter": ({ name }) =>
        isAddress(name)
            ? `PostgreSQL from now on; while the data volume holds what people made with SQLite, the server waits for ${moveCommand}`
            : undefined,
    "update aws:ssm/parameter:Parameter": ({ name }) =>
        isAddress(name)
            ? "the server reads the database's address when it starts: restart it"
            : "the server finds the new password by itself: nothing to restart",
    "delete aws:ssm/parameter:Parameter": ({ name }) =>
        isAddress(name)
            ? "SQLite on the data volume from now on: what PostgreSQL holds does not come along (docs/moving.md)"
            : undefined,
    "create aws:rds/instance:Instance": "a new, empty database; RDS takes minutes to make one",
    "replace aws:rds/instance:Instance": "a new, empty database: what was in it is in a last snapshot at most",
    "delete aws:rds/instance:Instance": "the database is gone: what was in it is in a last snapshot at most",
    "update aws:rds/instance:Instance": ({ keys }) =>
        keys.some((key) => restarting.includes(key))
            ? "RDS restarts the database, at once: no answers meanwhile, no data moves"
            : undefined,
    "create aws:ec2/vpc:Vpc": "a network of the stack's own",
    "replace aws:ec2/vpc:Vpc":
        "another network of the stack's own: what somebody has connected to the old one is left behind",
    "delete aws:ec2/vpc:Vpc": "the stack's own network is gone",
    "replace aws:ec2/eip:Eip": "another SSH address: teammates need new commands",
    "delete aws:ec2/eip:Eip": "the SSH address is given back",
    "create aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": ({ new: inputs }) =>
        `port ${String(inputs.fromPort)} opens for ${whom(inputs)}`,
    "delete aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": ({ old }) =>
        `port ${String(old.fromPort)} closes for ${whom(old)}`,
    "create aws:sns/topicSubscription:TopicSubscription": asksForConsent,
    "replace aws:sns/topicSubscription:TopicSubscription": asksForConsent,
    "delete aws:cloudwatch/logGroup:LogGroup": "what the host has logged is gone",
    "create aws:iam/rolePolicyAttachment:RolePolicyAttachment": ({ new: { policyArn } }) => wide(policyArn),
    "create aws:iam/groupPolicyAttachment:GroupPolicyAttachment": ({ new: { policyArn } }) => wide(policyArn),
};

const wide = (policyArn: unknown): string | undefined =>
    String(policyArn).endsWith("FullAccess") ? `gets ${String(policyArn).split("/").at(-1)}: every bucket` : undefined;

/** What a change means; nothing where nobody notices. */
export function meaningOf(change: Change): string | undefined {
    const meaning = meanings[`${change.operation} ${change.type}`];
    return typeof meaning === "function" ? meaning(change) : meaning;
}

/** What a server may wait for after these changes, besides what the health check has seen; nothing: nothing. */
export function waitsFor(changes: readonly Change[]): string | undefined {
    const created = changes.filter(({ operation }) => operation === "create");
    const hadHost = !created.some(({ type }) => type === "aws:ec2/instance:Instance");
    const switched = created.some(({ type, name }) => type === "aws:ssm/parameter:Parameter" && isAddress(name));
    return hadHost && switched ? moveCommand : undefined;
}
