import { z } from "zod";
import { databaseRules } from "./databaseRules";
import { isTimeZone, parseRunningHours } from "./runningHours";
import { emailAddress, isAddressRange, isPublicKey, isVpcRange } from "./formats";
import { flag, integer, matching, oneOf, type Rule } from "./kinds";
import { retentionDays } from "./retentionDays";

/**
 * S3's rules for names, without dots: a dot breaks the TLS certificate of the bucket's own host name, and with it
 * signed addresses. https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
 */
const existingBucketName = matching(
    /^$|^(?!xn--|sthree-|amzn-s3-demo-)(?!.*(?:-s3alias|--ol-s3|--x-s3|--table-s3)$)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/,
    "3 to 63 lower-case letters, digits and hyphens, no dots, no prefix or suffix that S3 reserves",
);

/** `-an` marks a bucket of an account's own namespace, which the program can use, but does not make. */
const bucketName = { ...existingBucketName, schema: existingBucketName.schema.regex(/(?<!-an)$/) };

/** Families without the Nitro system: they show no NVMe volume ids, by which the data volume is found. */
const beforeNitro = /^(t1|t2|m[1-4]|c[134]|r[34]|i[23]|d2|h1|x1e?|g[23]s?|p[23]|f1)\./;

/** https://fetch.spec.whatwg.org/#port-blocking, from 1024. */
const refusedByBrowsers = [
    ...[1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566],
    ...[6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080],
];

/** AWS's ids end with 17 hexadecimal digits, older ones with 8. */
const idOf = (kind: string) => new RegExp(`^${kind}-[0-9a-f]{8}([0-9a-f]{9})?$`);
const optionalId = (kind: string) =>
    matching(new RegExp(`^$|${idOf(kind).source}`), `an id such as \`${kind}-0123456789abcdef0\``);

const tagText = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
const ownTags = ["Project", "Environment", "ManagedBy", "Name"];
/** IAM takes no two keys that differ in case alone. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html */
const caseless = (keys: string[]) => new Set(keys.map((key) => key.toLowerCase()));
const isTagKey = (key: string) =>
    key.length >= 1 &&
    key.length <= 128 &&
    tagText.test(key) &&
    !/^aws:/i.test(key) &&
    !caseless(ownTags).has(key.toLowerCase());

/** The program adds three tags of its own and `Name`; an S3 object takes ten. */
const mostTags = 6;

/** Every setting, in the order of Pulumi.yaml. */
export const rules = {
    accessMode: oneOf("ssm", "ssh"),
    sshPublicKey: {
        type: "string",
        schema: z.string().refine((text) => text === "" || isPublicKey(text)),
        allowed: "one whole line that starts with `ssh-ed25519`, `ssh-rsa`, `ecdsa-…` or `sk-…`, without options",
        remedy: 'pulumi config set sshPublicKey "$(cat ~/.ssh/id_ed25519.pub)"; a private key never belongs here',
        secret: true,
    },
    sshKeyPairName: matching(
        /^(?! )[\x20-\x7e]{0,255}(?<! )$/,
        "the name of a key pair in the region, at most 255 ASCII characters, no space at its ends",
    ),
    sshAllowedCidrs: {
        type: "array",
        schema: z
            .array(z.string().refine(isAddressRange))
            .max(50)
            .refine((ranges) => new Set(ranges).size === ranges.length),
        allowed:
            "at most 50 ranges such as `203.0.113.0/24` or `2001:db8::/48` (shortest spelling, lower case), none twice, network address first, no wider than /8 (IPv4) or /32 (IPv6), never `0.0.0.0/0` or `::/0`",
        remedy: "name the office or VPN ranges: pulumi config set --path 'sshAllowedCidrs[0]' 203.0.113.7/32",
    },
    localPort: {
        type: "integer",
        schema: z
            .number()
            .int()
            .min(1024)
            .max(65535)
            .refine((port) => port !== 5000 && !refusedByBrowsers.includes(port)),
        allowed:
            "an integer from 1024 to 65535, but not 5000, which macOS takes for AirPlay, nor one that browsers refuse, such as 6000",
        remedy: "pulumi config set localPort 5001",
    },

    bucketName,
    existingBucketName,
    artifactPrefix: matching(
        /^(?=.{1,200}$)(?!-|(?:host|backups)(?:\/|$))(?!.*(?:^|\/)\.{1,2}(?:\/|$))[A-Za-z0-9._-]+(?:\/[A-Za-z0-9._-]+)*$/,
        "1 to 200 letters, digits and `._-`, folders separated by single `/`, not starting with a hyphen, nor with the folders `host` or `backups`, which the program uses",
        "pulumi config set artifactPrefix artifacts",
    ),
    noncurrentVersionDays: integer(1, 3650),
    backupRetentionDays: integer(1, 3650),
    forceDestroy: flag,
    restrictBucket: flag,

    clientUserName: matching(
        /^[A-Za-z0-9_+=,.@-]{0,64}$/,
        "at most 64 letters, digits and `_+=,.@-`, as IAM takes them",
    ),
    profileName: matching(
        /^(?!default$)(?:[A-Za-z0-9][A-Za-z0-9._@+-]{0,63})?$/,
        "at most 64 letters, digits and `._@+-`, starting with a letter or digit, and not `default`, which would replace a teammate's own",
    ),
    clientS3Rights: oneOf("readWrite", "readOnly", "none", "full"),
    accessKeyA: oneOf("active", "inactive", "absent"),
    accessKeyB: oneOf("active", "inactive", "absent"),
    clientRoleNames: {
        type: "array",
        schema: z
            // A hyphen in front would make an option of it, or of the permission set's name.
            .array(z.string().regex(/^(?!-|AWSReservedSSO_-)[A-Za-z0-9_+=,.@-]{1,64}$/))
            .max(10)
            .refine((names) => caseless(names).size === names.length),
        allowed: "at most 10 names of roles in the account (no ARN, no path, no hyphen in front), none twice",
        remedy: "pulumi config set --path 'clientRoleNames[0]' DataScientist",
    },
    ssoStartUrl: matching(
        /^$|^https:\/\/[a-z0-9][a-z0-9.-]{0,252}\/[A-Za-z0-9/_-]*(#\/?)?$/,
        "the address of the AWS access portal, such as `https://d-0123456789.awsapps.com/start`",
        "pulumi config set ssoStartUrl https://d-0123456789.awsapps.com/start",
    ),
    ssoRegion: matching(
        /^$|^[a-z]{2}(-[a-z]+)+-\d$/,
        "the region of IAM Identity Center, such as `us-east-1`",
        "pulumi config set ssoRegion us-east-1",
    ),

    instanceType: {
        type: "string",
        schema: z
            .string()
            .regex(/^[a-z]{1,3}\d+[a-z]*(-[a-z0-9]+)?\.(small|medium|large|\d*xlarge|metal(-\d+xl)?)$/)
            .refine((type) => !beforeNitro.test(type) && !type.startsWith("mac")),
        allowed: "a Nitro type with at least 2 GiB of memory, such as `t4g.small`, `t3.medium` or `m7g.large`",
    },
    rootVolumeGib: integer(10, 16384, " (GiB)"),
    dataVolumeGib: integer(1, 16384, " (GiB)"),
    ami: matching(
        new RegExp(`^(keep|latest)$|${idOf("ami").source}`),
        "`keep`, `latest` or an id such as `ami-0123456789abcdef0`",
    ),
    workers: integer(1, 32),
    artifactMode: oneOf("proxied", "direct"),
    presignedTransfers: flag,
    serverS3Rights: oneOf("scoped", "full"),
    garbageCollectionDays: integer(0, 3650),
    securityUpdates: matching(
        /^$|^((Mon|Tue|Wed|Thu|Fri|Sat|Sun) )?([01]\d|2[0-3]):[0-5]\d$/,
        "empty, or a time in UTC such as `03:00` (daily) or `Sun 03:00` (weekly)",
        "pulumi config set securityUpdates 'Sun 03:00'",
    ),
    runningHours: {
        type: "string",
        schema: z.string().refine((text) => text === "" || parseRunningHours(text) !== undefined),
        allowed:
            "empty, or days and times of one day, such as `Mon-Fri 07:00-19:00`, `Sat 10:00-14:00` or `07:00-19:00` (daily)",
        remedy: "pulumi config set runningHours 'Mon-Fri 07:00-19:00'",
    },
    runningHoursTimeZone: {
        type: "string",
        schema: z.string().refine(isTimeZone),
        allowed: "a name of the time zone database, such as `Europe/Berlin` or `UTC`, at most 50 characters",
        remedy: "pulumi config set runningHoursTimeZone Europe/Berlin",
    },
    existingInstanceId: optionalId("i"),

    ...databaseRules,

    vpcId: optionalId("vpc"),
    subnetId: optionalId("subnet"),
    databaseSubnetIds: {
        type: "array",
        schema: z
            .array(z.string().regex(idOf("subnet")))
            .max(20)
            .refine((ids) => ids.length !== 1 && new Set(ids).size === ids.length),
        allowed: "none, or 2 to 20 ids such as `subnet-0123456789abcdef0`, none twice",
        remedy: "pulumi config set --path 'databaseSubnetIds[0]' subnet-0123456789abcdef0, and 'databaseSubnetIds[1]'",
    },
    networkCidr: {
        type: "string",
        schema: z.string().refine((range) => range === "" || isVpcRange(range)),
        allowed:
            "a range such as `10.20.0.0/20`: /16 to /24 of 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10, network address first",
        remedy: "pulumi config set networkCidr 10.20.0.0/20",
    },

    alarmEmail: matching(
        emailAddress,
        "one e-mail address, such as `ml-team@example.com`",
        "pulumi config set alarmEmail ml-team@example.com",
    ),
    logRetentionDays: {
        type: "integer",
        schema: z.literal([0, ...retentionDays]),
        allowed: `0, or as many as CloudWatch Logs takes: ${retentionDays.join(", ")}`,
        remedy: "pulumi config set logRetentionDays 30",
    },
    monthlyBudgetUsd: integer(0, 1_000_000, " (USD)"),

    permissionsBoundaryArn: matching(
        /^$|^arn:aws[a-z-]*:iam::(\d{12}|aws):policy\/[A-Za-z0-9_+=,.@/-]{1,512}$/,
        "the ARN of a managed policy, such as `arn:aws:iam::123456789012:policy/github-mlflow-dev-boundary`",
    ),
    protect: flag,
    tags: {
        type: "object",
        schema: z
            .record(z.string().refine(isTagKey), z.string().max(256).regex(tagText))
            .refine((tags) => Object.keys(tags).length <= mostTags)
            .refine((tags) => caseless(Object.keys(tags)).size === Object.keys(tags).length),
        allowed: `at most ${mostTags} pairs; keys of 1 to 128 and values of at most 256 letters, digits, spaces and \`_.:/=+-@\`; not starting with \`aws:\`, not ${ownTags.join(", ")}, and no two keys that differ in case alone`,
        remedy: "pulumi config set --path 'tags.Team' machine-learning, or pulumi config rm --path 'tags.Team'",
    },
} satisfies Record<string, Rule>;

export type Key = keyof typeof rules;
export type Values = { readonly [K in Key]: z.output<(typeof rules)[K]["schema"]> };
export const ruleOf = (key: Key): Rule => rules[key];
