import { readFileSync } from "node:fs";
import * as path from "node:path";

/** What the real provider's schema says of a resource type. */
export interface Attributes {
    /** Inputs whose change replaces the resource; nested ones by path, `[]` for any element of a list. */
    readonly replaces: readonly string[];
    /** Outputs that AWS alone decides. */
    readonly computed: readonly string[];
    /** Outputs that are secret. */
    readonly secret: readonly string[];
}

const random: Record<string, Attributes> = {
    "random:index/randomId:RandomId": {
        replaces: ["byteLength", "keepers", "prefix"],
        computed: ["b64Std", "b64Url", "dec", "hex"],
        secret: [],
    },
    "random:index/randomPassword:RandomPassword": {
        replaces: [
            "keepers",
            "length",
            "lower",
            "minLower",
            "minNumeric",
            "minSpecial",
            "minUpper",
            "number",
            "numeric",
            "overrideSpecial",
            "special",
            "upper",
        ],
        computed: ["bcryptHash", "result"],
        secret: ["bcryptHash", "result"],
    },
};

/** Types that the whole table leaves out: read in the source of the Terraform provider, `internal/service/scheduler`. */
export const fromSource: Readonly<Record<string, Attributes>> = {
    "aws:scheduler/schedule:Schedule": {
        replaces: ["groupName", "name", "namePrefix"],
        computed: ["arn"],
        secret: [],
    },
    "aws:scheduler/scheduleGroup:ScheduleGroup": {
        replaces: ["name", "namePrefix"],
        computed: ["arn", "creationDate", "lastModificationDate", "state"],
        secret: [],
    },
};

/**
 * By Pulumi type, for the types that this project uses. Read from the schema of the Terraform AWS provider (6.48) behind
 * @pulumi/aws 7, not decided here; `attributes.test.ts` compares them with the whole table.
 */
export const attributes: Readonly<Record<string, Attributes>> = {
    ...(JSON.parse(readFileSync(path.join(__dirname, "schema.json"), "utf8")) as Record<string, Attributes>),
    ...fromSource,
    ...random,
};

/** The input by which AWS knows a resource, so that no two can have the same: the provider makes one up where none is given. */
export const nameInputs: Readonly<Record<string, string>> = {
    "aws:budgets/budget:Budget": "name",
    "aws:cloudwatch/logGroup:LogGroup": "name",
    "aws:cloudwatch/metricAlarm:MetricAlarm": "name",
    "aws:ec2/securityGroup:SecurityGroup": "name",
    "aws:iam/group:Group": "name",
    "aws:iam/groupPolicy:GroupPolicy": "name",
    "aws:iam/instanceProfile:InstanceProfile": "name",
    "aws:iam/policy:Policy": "name",
    "aws:iam/role:Role": "name",
    "aws:iam/rolePolicy:RolePolicy": "name",
    "aws:iam/user:User": "name",
    "aws:rds/instance:Instance": "identifier",
    "aws:rds/parameterGroup:ParameterGroup": "name",
    "aws:rds/subnetGroup:SubnetGroup": "name",
    "aws:s3/bucket:Bucket": "bucket",
    "aws:scheduler/schedule:Schedule": "name",
    "aws:scheduler/scheduleGroup:ScheduleGroup": "name",
    "aws:sns/topic:Topic": "name",
    "aws:ssm/parameter:Parameter": "name",
};
