import type { DeclaredResource } from "./evaluate";

/** What an action does, for people; an action that is not here is shown by its name. */
const actionWords: Record<string, string> = {
    "s3:*": "do anything",
    "s3:ListBucket": "list",
    "s3:GetObject": "fetch",
    "s3:PutObject": "store",
    "s3:DeleteObject": "delete (versions stay)",
    "s3:AbortMultipartUpload": "abandon uploads",
    "ssm:StartSession": "open a session",
    "ssm:ResumeSession": "resume a session",
    "ssm:TerminateSession": "end a session",
    "ssm:GetParameter": "read a parameter",
    "ec2:StartInstances": "start",
    "ec2:StopInstances": "stop",
    "rds:StartDBInstance": "start",
    "rds:StopDBInstance": "stop",
    "logs:CreateLogStream": "begin a log",
    "logs:PutLogEvents": "add to it",
    "cloudwatch:PutMetricData": "send metrics",
};

/** What a resource is, for people; the account and region are those of the stack. */
const resourceWords: readonly [RegExp, string][] = [
    [/^arn:[^:]+:s3:::(.+)$/, "s3://$1"],
    [/^arn:[^:]+:ec2:[^:]*:[^:]*:instance\/(.+)$/, "instance $1"],
    [/^arn:[^:]+:rds:[^:]*:[^:]*:db:(.+)$/, "database $1"],
    [/^arn:[^:]+:ssm:[^:]*::document\/(.+)$/, "AWS's document $1"],
    [/^arn:[^:]+:ssm:[^:]*:[^:]*:session\/(.+)$/, "sessions named $1"],
    [/^arn:[^:]+:ssm:[^:]*:[^:]*:parameter(.+)$/, "parameter $1"],
    [/^arn:[^:]+:logs:[^:]*:[^:]*:log-group:([^:]+):log-stream:\*$/, "the log group $1"],
];

/** What `*` means where a service's actions cannot be limited to resources. */
const unlimited: Record<string, string> = {
    ssm: "whatever Session Manager asks of its agent",
    cloudwatch: "CloudWatch",
};

/** What a condition demands, for people. */
const conditionWords: readonly [RegExp, string][] = [
    [/^Bool aws:SecureTransport false$/, "without TLS"],
    [/^BoolIfExists ssm:SessionDocumentAccessCheck true$/, "with that document only"],
    [/^StringLike s3:prefix (.+)\/\*$/, "in the folder $1/"],
    [/^Null s3:if-none-match false$/, "under a new name only"],
    [/^Bool s3:ObjectCreationOperation false$/, "in parts that are no object yet"],
    [/^StringEquals cloudwatch:namespace (.+)$/, "of the namespace $1 only"],
    [/^ArnNotLike aws:PrincipalArn (.+)$/, "for everybody but $1"],
];

const inWords = (text: string, words: readonly [RegExp, string][]): string => {
    const [pattern, replacement] = words.find(([known]) => known.test(text)) ?? [];
    return pattern ? text.replace(pattern, replacement!) : text;
};

interface Statement {
    readonly Effect: string;
    readonly Action: string | string[];
    readonly Resource: string | string[];
    readonly Condition?: Record<string, Record<string, string | string[]>>;
}

/** One statement of a policy as one line: verbs, objects, conditions. */
export function statementWords(statement: Statement): string {
    const actions = [statement.Action].flat().map((action) => actionWords[action] ?? action);
    const [service] = [statement.Action].flat()[0].split(":");
    const objects = [statement.Resource]
        .flat()
        .map((resource) => (resource === "*" && unlimited[service]) || inWords(resource, resourceWords));
    const conditions = Object.entries(statement.Condition ?? {}).flatMap(([operator, keys]) =>
        Object.entries(keys).map(([key, value]) =>
            inWords(`${operator} ${key} ${[value].flat().join(", ")}`, conditionWords),
        ),
    );
    const verb = statement.Effect === "Deny" ? "may NOT" : "may";
    return [`${verb} ${actions.join(", ")}: ${objects.join(", ")}`, ...conditions].join("; ");
}

const holders: Record<string, string> = {
    "aws:s3/bucketPolicy:BucketPolicy": "Anybody",
    "aws:iam/groupPolicy:GroupPolicy": "Client user",
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment": "Client user",
    "aws:iam/policy:Policy": "Client roles",
    "aws:iam/rolePolicy:RolePolicy": "Server role",
};

/** Its role is named after the component `RunningHours`. */
const holderOf = (type: string, role: string | undefined): string | undefined =>
    type === "aws:iam/rolePolicy:RolePolicy" && /-server-hours-role-/.test(role ?? "") ? "Scheduler" : holders[type];

/** Who may do what: every policy of the stack, statement by statement. */
function rights(resources: readonly DeclaredResource[]): string[] {
    return resources.flatMap(({ type, inputs }) => {
        const { role, policy, policyArn } = inputs as Partial<Record<"role" | "policyArn", string>> & {
            policy?: { Statement: Statement[] };
        };
        const holder =
            type === "aws:iam/rolePolicyAttachment:RolePolicyAttachment" ? `Role ${role}` : holderOf(type, role);
        if (!holder) {
            return [];
        }
        const sentences = policyArn ? [`may do all of ${policyArn}`] : (policy?.Statement ?? []).map(statementWords);
        return sentences.map((sentence) => `${holder} ${sentence}`);
    });
}

/** The other end of a rule. */
const target = ({ cidrIpv4, cidrIpv6, referencedSecurityGroupId }: DeclaredResource["inputs"]): string =>
    referencedSecurityGroupId === undefined ? String(cidrIpv4 ?? cidrIpv6) : "the database alone";

/** Which ports the host's firewall lets through. */
function ports(resources: readonly DeclaredResource[]): string[] {
    const of = (type: string) => resources.filter((resource) => resource.type === type);
    const line = (direction: string, { inputs }: DeclaredResource) =>
        `${direction} ${target(inputs)}: ${String(inputs.ipProtocol)} ` +
        `${String(inputs.fromPort)} (${String(inputs.description)})`;
    // The database's own door, which opens to the host alone, is not among the host's.
    const inbound = of("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule").filter(
        ({ inputs }) => inputs.referencedSecurityGroupId === undefined,
    );
    const outbound = of("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule");
    if (of("aws:ec2/securityGroup:SecurityGroup").length === 0) {
        return ["those of the existing instance, which the program leaves alone"];
    }
    return [
        ...(inbound.length > 0 ? inbound.map((rule) => line("in from", rule)) : ["in: nothing"]),
        ...outbound.map((rule) => line("out to", rule)),
    ];
}

/** The stack's own network, subnet by subnet; nothing where the host lives in somebody else's. */
function network(resources: readonly DeclaredResource[]): string[] {
    const of = (kind: string) => resources.filter(({ type }) => type === `aws:ec2/${kind}`);
    const waitsFor =
        ({ urn }: DeclaredResource) =>
        ({ dependencies }: DeclaredResource) =>
            dependencies.includes(urn);
    const routes = of("route:Route");
    const associations = of("routeTableAssociation:RouteTableAssociation");
    const hasWayOut = (subnet: DeclaredResource) =>
        of("routeTable:RouteTable").some(
            (table) => associations.filter(waitsFor(subnet)).some(waitsFor(table)) && routes.some(waitsFor(table)),
        );
    return [
        ...of("vpc:Vpc").map(({ inputs }) => `${String(inputs.cidrBlock)}: a VPC of the stack's own`),
        ...of("subnet:Subnet").map(
            (subnet) =>
                `${String(subnet.inputs.cidrBlock)} in ${String(subnet.inputs.availabilityZone)}: ${subnet.name}, with ` +
                `${hasWayOut(subnet) ? "a" : "no"} way to the internet`,
        ),
    ];
}

/** The plan in words, by heading. */
export function describe(resources: readonly DeclaredResource[]): Record<string, string[]> {
    const own = network(resources);
    const kept = resources.filter(({ protect }) => protect).map(({ name }) => name);
    return {
        "Who may do what": rights(resources),
        ...(own.length > 0 && { Network: own }),
        "Ports of the host": ports(resources),
        "Protected from deletion": kept.length > 0 ? kept : ["nothing (setting: protect)"],
    };
}
