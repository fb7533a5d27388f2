import assert from "node:assert";
import { retentionDays } from "../../settings/retentionDays";
import { type Key, ruleOf, rules } from "../../settings/rules";
import { checked, publicKey } from "../support/settings";

// Every setting by itself: what it takes, and the whole line with which it refuses anything else. Not proved here: that AWS
// takes what is accepted (a name can be taken, an instance type missing in a region), nor that PostgreSQL does.

interface Row {
    /** Settings without which the value would have no effect, and so be refused. */
    readonly given?: (value: unknown) => Record<string, string>;
    readonly accepted: readonly unknown[];
    /** What is given, as text; how the message shows it; and the place, where that is inside the setting. */
    readonly refused: readonly (readonly [text: string, got: string, place?: string])[];
    /** The second half of every line. */
    readonly demand: string;
}

const list = (...values: string[]) => JSON.stringify(values);
const ssh = { accessMode: "ssh", sshAllowedCidrs: list("192.0.2.0/24") };
const sso = {
    clientRoleNames: list("AWSReservedSSO_Data_0123456789abcdef"),
    ssoStartUrl: "https://d-0123456789.awsapps.com/start",
    ssoRegion: "us-east-1",
};
const rds = { backend: "rds" };
const external = { backend: "external", databaseHost: "db.internal", databasePassword: "secret" };
const quoted = (...texts: string[]) => texts.map((text) => [text, JSON.stringify(text)] as const);
const shownAsIs = (...texts: string[]) => texts.map((text) => [text, text] as const);
const numbered = (count: number, text: (index: number) => string) => Array.from({ length: count }, (_, i) => text(i));
const hidden = (...texts: string[]) => texts.map((text) => [text, "(not shown)"] as const);

const flagRow = (key: Key): Row => ({
    accepted: [true, false],
    refused: [...quoted("yes", "True", ""), ...shownAsIs("1", "null", '"true"')],
    demand: `allowed: \`true\` or \`false\`; remedy: pulumi config set ${key} <value>`,
});

const integerRow = (key: Key, least: number, most: number, unit = ""): Row => ({
    accepted: [least, least + 1, most],
    refused: [
        ...shownAsIs(`${least - 1}`, `${most + 1}`, `${least}.5`, "-1", "true", "null", `"${least}"`, `[${least}]`),
        ...quoted("many", "", "0x20", `${least} `.repeat(2)),
    ],
    demand: `allowed: an integer from ${least} to ${most}${unit}; remedy: pulumi config set ${key} <value>`,
});

/** Without an active key in the other slot, this one must be active. */
const keyRow = (key: Key, other: Key): Row => ({
    given: () => ({ [other]: "active" }),
    accepted: ["active", "inactive", "absent"],
    refused: quoted("", "Active", "none", "true", "null"),
    demand: `allowed: \`active\` or \`inactive\` or \`absent\`; remedy: pulumi config set ${key} <value>`,
});

const idRow = (key: Key, prefix: string, given?: Row["given"]): Row => ({
    given,
    accepted: ["", `${prefix}-01234567`, `${prefix}-0123456789abcdef0`],
    refused: quoted(
        ...[prefix, `${prefix}-`, `${prefix}-0123456`, `${prefix}-012345678`, `${prefix}-0123456789abcdef01`],
        ...[`${prefix}-0123456g`, `${prefix}-0123456A`, ` ${prefix}-01234567`, `${prefix}-01234567\n`, "none"],
    ),
    demand: `allowed: an id such as \`${prefix}-0123456789abcdef0\`; remedy: pulumi config set ${key} <value>`,
});

const bucketRow = (key: Key): Row => ({
    accepted: ["", "abc", "a-1", "0-0", "a".repeat(63), "models-an-2", "xn-models", "my-xn--models"],
    refused: quoted(
        ...["ab", "a".repeat(64), "-abc", "abc-", "Models", "my_models", "my.models", "my models", "modèles", "abc\n"],
        ...["xn--models", "sthree-models", "sthree-configurator-1", "amzn-s3-demo-models"],
        ...["models-s3alias", "models--ol-s3", "models--x-s3", "models--table-s3"],
    ),
    demand:
        "allowed: 3 to 63 lower-case letters, digits and hyphens, no dots, no prefix or suffix that S3 reserves; " +
        `remedy: pulumi config set ${key} <value>`,
});

const identifierRow = (key: Key): Row => ({
    accepted: ["a", "mlflow", "a b", "o'neil", '"; drop', "a".repeat(63), "é".repeat(31), "研究"],
    refused: quoted("", "a".repeat(64), "é".repeat(32), "a\nb", "a\0b", "\x7f", "a\u200bb", "\ud800"),
    demand: `allowed: 1 to 63 bytes in UTF-8, no control characters; remedy: pulumi config set ${key} <value>`,
});

/** The first bytes of an Ed25519 key, as if half of the line had been marked. */
const cutOff = publicKey.slice(0, 40);
/** Its text says RSA, its data Ed25519. */
const mislabelled = publicKey.replace("ssh-ed25519", "ssh-rsa");
const key = publicKey.split(" ").slice(0, 2).join(" ");
/** Fields of an OpenSSH key, each behind its length. */
const keyOf = (...fields: string[]) => {
    const parts = fields.map((field) => {
        const length = Buffer.alloc(4);
        length.writeUInt32BE(field.length);
        return Buffer.concat([length, Buffer.from(field)]);
    });
    return `${fields[0]} ${Buffer.concat(parts).toString("base64")}`;
};

const cidrs = (...ranges: string[]): Row["refused"] =>
    ranges.map((range) => [list(range), JSON.stringify(range), "sshAllowedCidrs[0]"]);
const tag = (name: string, value: unknown): Row["refused"][number] => [
    JSON.stringify({ [name]: value }),
    JSON.stringify(value),
    `tags.${name}`,
];
const tooMany = list(...numbered(51, (i) => `192.0.2.${i}/32`));
const sevenTags = JSON.stringify(Object.fromEntries(numbered(7, (i) => `t${i}`).map((name) => [name, ""])));

const rows: Record<Key, Row> = {
    accessMode: {
        given: (mode) => (mode === "ssh" ? { ...ssh, sshKeyPairName: "laptop" } : {}),
        accepted: ["ssm", "ssh"],
        refused: quoted("", "SSM", "SSH", "ssh ", "both", "null"),
        demand: "allowed: `ssm` or `ssh`; remedy: pulumi config set accessMode <value>",
    },
    sshPublicKey: {
        given: (text) => (text === "" ? {} : ssh),
        accepted: [
            ...["", publicKey, key, `${key} `, `${key} josé's laptop`, keyOf("ssh-rsa", "e", "n")],
            ...["ecdsa-sha2-nistp256", "ecdsa-sha2-nistp521"].map((type) => keyOf(type, "curve", "point")),
            ...["ssh-ed25519", "ecdsa-sha2-nistp256"].map((type) => keyOf(`sk-${type}@openssh.com`, "key", "ssh:")),
        ],
        refused: hidden(
            ...["ssh-ed25519", "ssh-ed25519 ", cutOff, mislabelled, `${key}\n`, `${key}\n${key}`, ` ${key}`],
            ...[`restrict ${key}`, `${key} a\tb`, key.replace(" ", "  "), key.split(" ")[1], "ssh-ed25519 AAAA"],
            ...[
                keyOf("ssh-rsa", "e", "modulus").slice(0, -4),
                keyOf("ssh-ed25519"),
                keyOf("ssh-dss", "p", "q"),
                keyOf("ssh-ed25519-cert-v01@openssh.com", "n"),
            ],
            ...["-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaA==\n-----END OPENSSH PRIVATE KEY-----"],
        ),
        demand:
            "allowed: one whole line that starts with `ssh-ed25519`, `ssh-rsa`, `ecdsa-…` or `sk-…`, without options; " +
            'remedy: pulumi config set sshPublicKey "$(cat ~/.ssh/id_ed25519.pub)"; a private key never belongs here',
    },
    sshKeyPairName: {
        given: (name) => (name === "" ? {} : ssh),
        accepted: ["", "a", "my key", "~!'$(id)", "k".repeat(255)],
        refused: quoted("k".repeat(256), " ", " key", "key ", "clé", "a\tb", "key\n"),
        demand:
            "allowed: the name of a key pair in the region, at most 255 ASCII characters, no space at its ends; " +
            "remedy: pulumi config set sshKeyPairName <value>",
    },
    sshAllowedCidrs: {
        given: (ranges) => (Array.isArray(ranges) && ranges.length === 0 ? {} : { ...ssh, sshKeyPairName: "laptop" }),
        accepted: [
            ...[[], ["10.0.0.0/8"], ["203.0.113.7/32"], ["0.0.0.0/8"], ["203.0.113.0/24", "2001:db8::/48"]],
            ...[["2001:db8::/32"], ["2001:db8::1/128"], ["2001:db8:0:1::/64"], ["::1/128"]],
            numbered(50, (i) => `192.0.2.${i}/32`),
        ],
        refused: [
            // Too wide.
            ...cidrs(
                "0.0.0.0/0",
                "0.0.0.0/1",
                "128.0.0.0/1",
                "10.0.0.0/7",
                "::/0",
                "::/1",
                "2000::/3",
                "2001:db8::/31",
            ),
            // Not the network's address, or no range.
            ...cidrs("203.0.113.7/24", "2001:db8::1/48", "203.0.113.7", "2001:db8::1", "10.0.0.0/33", "2001:db8::/129"),
            ...cidrs(
                "",
                "10.0.0.0/",
                "10.0.0.0/-8",
                "10.0.0.0/8/8",
                "office",
                "10.0.0.0-10.0.0.9",
                "10.0.0.0/255.0.0.0",
            ),
            // The same range in other spellings, which EC2 refuses or reads differently.
            ...cidrs(
                "010.0.0.0/8",
                "0x0a.0.0.0/8",
                "167772160/8",
                "10/8",
                "10.0.0.0/08",
                " 10.0.0.0/8",
                "10.0.0.0/8\n",
            ),
            ...cidrs("2001:DB8::/32", "2001:0db8::/32", "2001:db8:0::/48", "fe80::%eth0/64"),
            // All of IPv4, behind an IPv6 prefix that looks narrow enough.
            ...cidrs("::ffff:0:0/96", "::ffff:0.0.0.0/96", "::ffff:10.0.0.0/104"),
            ["[7]", "7", "sshAllowedCidrs[0]"],
            ["[null]", "null", "sshAllowedCidrs[0]"],
            [list("192.0.2.0/24", "any"), '"any"', "sshAllowedCidrs[1]"],
            [tooMany, tooMany],
            ...shownAsIs(list("192.0.2.0/24", "192.0.2.0/24"), "{}", "null", "5", '"192.0.2.0/24"'),
            ...quoted("192.0.2.0/24", '["192.0.2.0/24"', ""),
        ],
        demand:
            "allowed: at most 50 ranges such as `203.0.113.0/24` or `2001:db8::/48` (shortest spelling, lower case), none twice, " +
            "network address first, no wider than /8 (IPv4) or /32 (IPv6), never `0.0.0.0/0` or `::/0`; " +
            "remedy: name the office or VPN ranges: pulumi config set --path 'sshAllowedCidrs[0]' 203.0.113.7/32",
    },
    localPort: {
        accepted: [1024, 4999, 5001, 65535],
        refused: [
            ...shownAsIs("2049", "5060", "6000", "6667", "10080"),
            ...shownAsIs("1023", "65536", "5000", "0", "-5001", "5001.5", "true", "null", '"5001"'),
            ...quoted("", "http", "5001,5002", "0x1389"),
        ],
        demand:
            "allowed: an integer from 1024 to 65535, but not 5000, which macOS takes for AirPlay, nor one that browsers refuse, such as 6000; " +
            "remedy: pulumi config set localPort 5001",
    },

    bucketName: {
        ...bucketRow("bucketName"),
        // S3 makes a bucket of this name only on a request that says so.
        refused: [...bucketRow("bucketName").refused, ...quoted("models-123456789012-us-west-1-an")],
    },
    existingBucketName: {
        ...bucketRow("existingBucketName"),
        accepted: [...bucketRow("existingBucketName").accepted, "models-123456789012-us-west-1-an"],
    },
    artifactPrefix: {
        accepted: [
            ...["artifacts", "a", "a/b/c", "A.b_c-9", "a/-b", "a..b", "...", "_", "a".repeat(200), "hosts", "host-1"],
            ...["a/host", "backups2", "Host"],
        ],
        refused: quoted(
            ...[
                "",
                "/",
                "/a",
                "a/",
                "a//b",
                ".",
                "..",
                "./a",
                "a/..",
                "a/../b",
                "a/./b",
                "a".repeat(201),
                "a b",
                "a\n",
            ],
            ...["host", "host/a", "backups", "backups/a", "-a", "é", "a*", "a?", "$(id)", "a'b", "a:b", "a\\b"],
        ),
        demand:
            "allowed: 1 to 200 letters, digits and `._-`, folders separated by single `/`, not starting with a hyphen, nor with " +
            "the folders `host` or `backups`, which the program uses; remedy: pulumi config set artifactPrefix artifacts",
    },
    noncurrentVersionDays: {
        ...integerRow("noncurrentVersionDays", 1, 3650),
        given: () => ({ backupRetentionDays: "1" }),
    },
    backupRetentionDays: {
        ...integerRow("backupRetentionDays", 1, 3650),
        given: () => ({ noncurrentVersionDays: "3650" }),
    },
    forceDestroy: flagRow("forceDestroy"),
    restrictBucket: flagRow("restrictBucket"),

    clientUserName: {
        accepted: ["", "a", "-", "Data.Team_1+2=3,4@example-com", "u".repeat(64)],
        refused: quoted("u".repeat(65), "a b", "a/b", "a*", "a\n", "é", "${aws:username}"),
        demand: "allowed: at most 64 letters, digits and `_+=,.@-`, as IAM takes them; remedy: pulumi config set clientUserName <value>",
    },
    profileName: {
        accepted: ["", "a", "9", "mlflow-dev", "a.b_c@d+e-f", "default2", "Default", "p".repeat(64)],
        refused: quoted(
            "default",
            "p".repeat(65),
            "-a",
            ".a",
            "_a",
            "@a",
            "+a",
            "a b",
            "a]",
            "a#",
            "a;",
            "a\n",
            "é",
            "a=b",
        ),
        demand:
            "allowed: at most 64 letters, digits and `._@+-`, starting with a letter or digit, and not `default`, which would " +
            "replace a teammate's own; remedy: pulumi config set profileName <value>",
    },
    clientS3Rights: {
        accepted: ["readWrite", "readOnly", "none", "full"],
        refused: quoted("", "readwrite", "Full", "write", "null"),
        demand: "allowed: `readWrite` or `readOnly` or `none` or `full`; remedy: pulumi config set clientS3Rights <value>",
    },
    accessKeyA: keyRow("accessKeyA", "accessKeyB"),
    accessKeyB: keyRow("accessKeyB", "accessKeyA"),
    clientRoleNames: {
        given: (names) => (list(...(names as string[])).includes("SSO") ? sso : {}),
        accepted: [
            [],
            ["DataScientist"],
            ["a", "b"],
            ["x".repeat(64)],
            ["+=,.@-_"],
            ["AWSReservedSSO_Data_0123456789abcdef"],
            numbered(10, (i) => `role-${i}`),
        ],
        refused: [
            ...[
                "",
                "x".repeat(65),
                "two words",
                "ml/DataScientist",
                "arn:aws:iam::123456789012:role/ml",
                "dät",
                "-team",
                "AWSReservedSSO_-Data_0123456789abcdef",
                "a\n",
            ].map((name) => [list(name), JSON.stringify(name), "clientRoleNames[0]"] as const),
            ...[list("Team", "team"), list(...numbered(11, (i) => `role-${i}`)), '"Team"'].map(
                (text) => [text, text] as const,
            ),
        ],
        demand:
            "allowed: at most 10 names of roles in the account (no ARN, no path, no hyphen in front), none twice; remedy: pulumi config set " +
            "--path 'clientRoleNames[0]' DataScientist",
    },
    ssoStartUrl: {
        given: (address) => (address === "" ? {} : { ...sso, ssoStartUrl: String(address) }),
        accepted: [
            "",
            "https://d-0123456789.awsapps.com/start",
            "https://team.awsapps.com/start/#/",
            "https://x.example/",
        ],
        refused: quoted(
            ...["http://team.awsapps.com/start", "team.awsapps.com/start", "https://", "https://a b/start"],
            ...["https://team.awsapps.com/start\n", "https://team.awsapps.com/$(id)"],
        ),
        demand:
            "allowed: the address of the AWS access portal, such as `https://d-0123456789.awsapps.com/start`; remedy: pulumi " +
            "config set ssoStartUrl https://d-0123456789.awsapps.com/start",
    },
    ssoRegion: {
        given: (region) => (region === "" ? {} : sso),
        accepted: ["", "us-east-1", "eu-central-1", "us-gov-west-1", "ap-southeast-4"],
        refused: quoted("us", "us-east", "US-EAST-1", "us-east-1a", "us_east_1", "us-east-1\n"),
        demand: "allowed: the region of IAM Identity Center, such as `us-east-1`; remedy: pulumi config set ssoRegion us-east-1",
    },

    instanceType: {
        accepted: [
            ...["t4g.small", "t3.medium", "t3a.large", "m7g.large", "m7i-flex.large", "c6gn.medium", "x2iedn.32xlarge"],
            ...["a1.medium", "g4dn.xlarge", "g5g.xlarge", "i3en.large", "p4d.24xlarge", "p3dn.24xlarge", "m5.metal"],
            ...["c7i.metal-24xl", "r5b.8xlarge", "d3.xlarge", "z1d.large", "x8g.medium"],
        ],
        refused: quoted(
            // Too little memory.
            ...["t4g.nano", "t3.micro", "t1.micro"],
            // Without the Nitro system.
            ...["t2.small", "m1.large", "m4.large", "c1.xlarge", "c3.large", "c4.large", "r3.large", "r4.large"],
            ...["i2.xlarge", "i3.large", "d2.xlarge", "h1.2xlarge", "x1.16xlarge", "x1e.xlarge", "g2.2xlarge"],
            ...["g3.4xlarge", "g3s.xlarge", "p2.xlarge", "p3.2xlarge", "f1.2xlarge"],
            // Not for Linux.
            ...["mac1.metal", "mac2-m2pro.metal"],
            ...["", "t4g", "t4g.", ".small", "T4G.small", "t4g.Small", "t4g small", "t4g.small\n", "t4g.tiny", "small"],
        ),
        demand:
            "allowed: a Nitro type with at least 2 GiB of memory, such as `t4g.small`, `t3.medium` or `m7g.large`; " +
            "remedy: pulumi config set instanceType <value>",
    },
    rootVolumeGib: integerRow("rootVolumeGib", 10, 16384, " (GiB)"),
    dataVolumeGib: integerRow("dataVolumeGib", 1, 16384, " (GiB)"),
    ami: {
        accepted: ["keep", "latest", "ami-01234567", "ami-0123456789abcdef0"],
        refused: quoted(
            ...["", "Keep", "newest", "ami-", "ami-0123456", "ami-012345678", "ami-0123456789abcdef01", "ami-0123456g"],
            ...["ami-01234567\n", "keep latest"],
        ),
        demand: "allowed: `keep`, `latest` or an id such as `ami-0123456789abcdef0`; remedy: pulumi config set ami <value>",
    },
    workers: integerRow("workers", 1, 32),
    artifactMode: {
        accepted: ["proxied", "direct"],
        refused: quoted("", "Proxied", "proxy", "null"),
        demand: "allowed: `proxied` or `direct`; remedy: pulumi config set artifactMode <value>",
    },
    presignedTransfers: flagRow("presignedTransfers"),
    serverS3Rights: {
        accepted: ["scoped", "full"],
        refused: quoted("", "Scoped", "readWrite", "none"),
        demand: "allowed: `scoped` or `full`; remedy: pulumi config set serverS3Rights <value>",
    },
    garbageCollectionDays: integerRow("garbageCollectionDays", 0, 3650),
    securityUpdates: {
        accepted: ["", "00:00", "23:59", "Sun 03:00", "Mon 12:30"],
        refused: quoted(
            "3:00",
            "24:00",
            "03:60",
            "sun 03:00",
            "Sunday 03:00",
            "Sun",
            "Sun  03:00",
            "*-*-* 03:00",
            "03:00 UTC",
            "03:00\n",
        ),
        demand:
            "allowed: empty, or a time in UTC such as `03:00` (daily) or `Sun 03:00` (weekly); " +
            "remedy: pulumi config set securityUpdates 'Sun 03:00'",
    },
    runningHours: {
        accepted: [
            "",
            "07:00-19:00",
            "Mon-Fri 07:00-19:00",
            "Sat 10:00-14:00",
            "Fri-Mon 00:00-23:59",
            "Sun-Sun 08:00-08:01",
        ],
        refused: quoted(
            ...["7:00-19:00", "07:00", "07:00-24:00", "19:00-07:00", "07:00-07:00", "mon-fri 07:00-19:00"],
            ...[
                "Mon-Fri",
                "Mon,Fri 07:00-19:00",
                "Mon-Fri  07:00-19:00",
                "Monday 07:00-19:00",
                "Mon-Fri 07:00 - 19:00",
            ],
            ...["Mon-Fri 07:00-19:00 UTC", "cron(0 7 ? * MON-FRI *)", "always", "07:00-19:00\n"],
        ),
        demand:
            "allowed: empty, or days and times of one day, such as `Mon-Fri 07:00-19:00`, `Sat 10:00-14:00` or `07:00-19:00` (daily); " +
            "remedy: pulumi config set runningHours 'Mon-Fri 07:00-19:00'",
    },
    runningHoursTimeZone: {
        given: (zone): Record<string, string> => (zone === "UTC" ? {} : { runningHours: "07:00-19:00" }),
        accepted: ["UTC", "Europe/Berlin", "America/Los_Angeles", "Asia/Kolkata", "America/Argentina/Buenos_Aires"],
        refused: quoted(
            ...["", "utc", "europe/berlin", "Europe/Berlin ", "Europe", "Berlin", "+01:00", "UTC+1", "Mars/Olympus"],
            "Europe/Berlin\n",
        ),
        demand:
            "allowed: a name of the time zone database, such as `Europe/Berlin` or `UTC`, at most 50 characters; " +
            "remedy: pulumi config set runningHoursTimeZone Europe/Berlin",
    },
    existingInstanceId: idRow("existingInstanceId", "i"),

    backend: {
        given: (backend) => (backend === "external" ? external : {}),
        accepted: ["sqlite", "external", "rds"],
        refused: quoted("", "SQLite", "postgresql", "RDS"),
        demand: "allowed: `sqlite` or `external` or `rds`; remedy: pulumi config set backend <value>",
    },
    databaseHost: {
        given: (host) => (host === "" ? {} : external),
        accepted: [
            ...[
                "",
                "db",
                "db.internal",
                "db.internal.",
                "DB.example.com",
                "my_db.local",
                "1db",
                "9.db",
                "db.1a",
                "0xdb.x",
            ],
            ...["192.0.2.1", "255.255.255.255", "2001:db8::1", "::1", "a".repeat(63), `${"a.".repeat(126)}a`],
        ],
        refused: [
            ...quoted(
                "a".repeat(64),
                `${"a.".repeat(127)}a`,
                "-db",
                "db.-a",
                "db..a",
                ".db",
                ".",
                "a b",
                "é.fr",
                "db\n",
            ),
            ...quoted(
                "db:5432",
                "[::1]",
                "192.0.2.1:5432",
                "192.0.2.0/24",
                "postgresql://db",
                "db/mlflow",
                "db?x",
                "db%20",
            ),
            // Addresses in spellings that one part of the way takes for an address and another for a name.
            ...quoted(
                "1",
                "192.0.2",
                "192.0.2.256",
                "1.2.3.4.5",
                "010.0.0.1",
                "0x7f000001",
                "0x7f.1",
                "db.1",
                "db.0x1",
                "1.",
            ),
            ...quoted("2001:DB8::1", "2001:0db8::1", "fe80::1%eth0", "::ffff:192.0.2.1", "2001:db8::/64", "::g"),
        ],
        demand:
            "allowed: a host name or an IP address (IPv6 in its shortest spelling, lower case), without scheme or port; " +
            "remedy: pulumi config set databaseHost <value>",
    },
    databasePort: integerRow("databasePort", 1, 65535),
    databaseName: identifierRow("databaseName"),
    databaseUser: identifierRow("databaseUser"),
    databasePassword: {
        given: (password) => (password === "" ? {} : { ...external, databasePassword: String(password) }),
        accepted: ["", "p", " ", "p@ss:w/rd?#%", "пароль", "\u200b", "p".repeat(512), "é".repeat(256)],
        refused: hidden("p".repeat(513), "é".repeat(257), "a\nb", "a\0b", "pass\n", "\ud800"),
        demand: "allowed: at most 512 bytes in UTF-8, no control characters; remedy: pulumi config set --secret databasePassword",
    },
    databaseSslMode: {
        accepted: ["require", "verify-ca", "verify-full"],
        refused: quoted("", "disable", "allow", "prefer", "Require", "verify"),
        demand:
            "allowed: `require` or `verify-ca` or `verify-full`; remedy: pulumi config set databaseSslMode require; " +
            "anything less would send the password in plain text",
    },
    databaseInstanceClass: {
        accepted: [
            "db.t4g.micro",
            "db.t3.small",
            "db.t4g.2xlarge",
            "db.m7g.large",
            "db.m8gd.xlarge",
            "db.r6i.16xlarge",
        ],
        refused: quoted(
            ...[
                "",
                "t4g.micro",
                "db.t4g",
                "db.t4g.nano",
                "db.x2g.large",
                "db.serverless",
                "db.m7g.micro",
                "db.t4g.4xlarge",
            ],
            ...["DB.t4g.micro", "db.t4g.micro ", "db.m7g.0xlarge"],
        ),
        demand:
            "allowed: a class of the families t, m and r, such as `db.t4g.micro`, `db.t4g.medium` or `db.m7g.large`; " +
            "remedy: pulumi config set databaseInstanceClass <value>",
    },
    databaseVersion: {
        accepted: ["16", "17", "18"],
        refused: quoted("", "15", "17.4", "9"),
        demand: "allowed: `16` or `17` or `18`; remedy: pulumi config set databaseVersion <value>",
    },
    databaseMultiAz: { ...flagRow("databaseMultiAz"), given: () => rds },
    databaseStorageGib: {
        ...integerRow("databaseStorageGib", 20, 65536, " (GiB)"),
        given: () => ({ databaseMostStorageGib: "65536" }),
    },
    databaseMostStorageGib: integerRow("databaseMostStorageGib", 20, 65536, " (GiB)"),
    databaseBackupDays: integerRow("databaseBackupDays", 7, 35),
    databasePasswordGeneration: {
        ...integerRow("databasePasswordGeneration", 1, 9999),
        given: () => rds,
    },
    dailyDatabaseDump: { ...flagRow("dailyDatabaseDump"), given: () => external },

    vpcId: idRow("vpcId", "vpc", (id): Record<string, string> => (id === "" ? {} : { subnetId: "subnet-01234567" })),
    subnetId: idRow("subnetId", "subnet", (id): Record<string, string> => (id === "" ? {} : { vpcId: "vpc-01234567" })),
    databaseSubnetIds: {
        given: (ids): Record<string, string> =>
            (ids as string[]).length === 0 ? {} : { vpcId: "vpc-01234567", subnetId: "subnet-01234567" },
        accepted: [
            ...[[], ["subnet-01234567", "subnet-0123456789abcdef0"]],
            numbered(20, (index) => `subnet-012345${index + 10}`),
        ],
        refused: [
            ...[
                list("subnet-01234567"),
                list("subnet-01234567", "subnet-01234567"),
                list(...numbered(21, (index) => `subnet-012345${index + 10}`)),
            ].map((text) => [text, text] as const),
            ...["subnet-0123456", "subnet-0123456A", "vpc-01234567", " subnet-01234567", "subnet-01234567\n", ""].map(
                (id) => [list("subnet-01234567", id), JSON.stringify(id), "databaseSubnetIds[1]"] as const,
            ),
            ...shownAsIs("{}", "null", "7"),
            ...quoted("subnet-01234567,subnet-01234568", ""),
        ],
        demand:
            "allowed: none, or 2 to 20 ids such as `subnet-0123456789abcdef0`, none twice; " +
            "remedy: pulumi config set --path 'databaseSubnetIds[0]' subnet-0123456789abcdef0, and 'databaseSubnetIds[1]'",
    },
    networkCidr: {
        accepted: [
            ...[
                "",
                "10.0.0.0/16",
                "10.255.255.0/24",
                "10.20.0.0/20",
                "172.16.0.0/16",
                "172.31.255.0/24",
                "192.168.0.0/16",
            ],
            ...["192.168.255.0/24", "100.64.0.0/16", "100.127.255.0/24", "172.17.0.0/16"],
        ],
        refused: quoted(
            ...[
                "10.0.0.0",
                "10.0.0.0/15",
                "10.0.0.0/8",
                "10.0.0.0/25",
                "10.0.0.0/33",
                "10.0.0.0/",
                "10.20.0.1/20",
                "10.20.1.0/20",
            ],
            // The public internet, and what is neither.
            ...["11.0.0.0/16", "172.15.0.0/16", "172.32.0.0/16", "192.167.0.0/16", "192.169.0.0/16", "100.63.0.0/16"],
            ...["100.128.0.0/16", "0.0.0.0/16", "127.0.0.0/16", "169.254.0.0/16", "198.18.0.0/16", "224.0.0.0/16"],
            ...[
                "010.0.0.0/16",
                "10.0/16",
                "0xa.0.0.0/16",
                "10.0.0.0/016",
                " 10.0.0.0/16",
                "10.0.0.0/16\n",
                "fd00::/64",
            ],
            ...["::ffff:10.0.0.0/112", "10.0.0.0/255.255.0.0", "true", "null"],
        ),
        demand:
            "allowed: a range such as `10.20.0.0/20`: /16 to /24 of 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10, " +
            "network address first; remedy: pulumi config set networkCidr 10.20.0.0/20",
    },

    alarmEmail: {
        accepted: ["", "a@b.io", "ml-team@example.com", "o'neil+alarms@mail.eu-west.example.co.uk"],
        refused: quoted(
            ...[
                "team",
                "team@example",
                "@example.com",
                "team@",
                "a b@example.com",
                "a@b@example.com",
                "a,b@example.com",
            ],
            ...["Team <team@example.com>", "team@-example.com", "team@example..com"],
            ...["team@example.com\n", "a@example.com,b@example.com", `${"a".repeat(65)}@example.com`],
            `a@${"b".repeat(249)}.com`,
        ),
        demand:
            "allowed: one e-mail address, such as `ml-team@example.com`; " +
            "remedy: pulumi config set alarmEmail ml-team@example.com",
    },
    logRetentionDays: {
        accepted: [0, ...retentionDays],
        refused: ["-1", "2", "8", "15", "31", "366", "3654", "30.5", '"30 days"', "true"].map((value) => [
            value,
            value,
        ]),
        demand:
            "allowed: 0, or as many as CloudWatch Logs takes: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, " +
            "1096, 1827, 2192, 2557, 2922, 3288, 3653; remedy: pulumi config set logRetentionDays 30",
    },
    monthlyBudgetUsd: {
        ...integerRow("monthlyBudgetUsd", 0, 1_000_000, " (USD)"),
        given: (limit): Record<string, string> => (Number(limit) > 0 ? { alarmEmail: "team@example.com" } : {}),
    },

    permissionsBoundaryArn: {
        accepted: [
            ...[
                "",
                "arn:aws:iam::123456789012:policy/github-mlflow-dev-boundary",
                "arn:aws:iam::aws:policy/ReadOnlyAccess",
            ],
            ...["arn:aws-us-gov:iam::123456789012:policy/team/Limits_1+2=3,4@5.6", "arn:aws-cn:iam::aws:policy/a"],
        ],
        refused: quoted(
            ...["github-mlflow-dev-boundary", "arn:aws:iam::12345678901:policy/a", "arn:aws:iam::123456789012:role/a"],
            ...[
                "arn:aws:iam::123456789012:policy/",
                "arn:aws:iam:us-east-1:123456789012:policy/a",
                "arn:aws:iam:::policy/a",
            ],
            ...["arn:aws:iam::123456789012:policy/*", "arn:aws:iam::123456789012:policy/a b", "null"],
            ...["arn:aws:iam::123456789012:policy/a\n", " arn:aws:iam::123456789012:policy/a"],
        ),
        demand:
            "allowed: the ARN of a managed policy, such as `arn:aws:iam::123456789012:policy/github-mlflow-dev-boundary`; " +
            "remedy: pulumi config set permissionsBoundaryArn <value>",
    },
    protect: flagRow("protect"),
    tags: {
        accepted: [
            ...[{}, { Team: "" }, { "équipe 1": "_.:/=+-@ 研究" }, { ["k".repeat(128)]: "v".repeat(256) }],
            ...[
                { xaws: "a" },
                { Names: "n" },
                Object.fromEntries(numbered(6, (i) => `t${i}`).map((name) => [name, "v"])),
            ],
        ],
        refused: [
            tag("", "v"),
            tag("k".repeat(129), "v"),
            tag("k", "v".repeat(257)),
            ...["a&b", "a\nb", "a'b", "$(id)", "<a>", "aws:a", "AWS:a", "Project", "Environment"].map((name) =>
                tag(name, "v"),
            ),
            // IAM does not tell capitals from small letters in keys.
            ...["ManagedBy", "Name", "project", "ENVIRONMENT", "managedby", "name"].map((name) => tag(name, "v")),
            ...["a&b", "a\nb", "(a)", 7, true, null, ["v"], { a: "b" }].map((value) => tag("k", value)),
            [sevenTags, sevenTags],
            ...shownAsIs('{"Team":"a","team":"b"}', "[]", '["Team"]', "null", "5"),
            ...quoted("", "Team=a", '{"Team":"a"'),
        ],
        demand:
            "allowed: at most 6 pairs; keys of 1 to 128 and values of at most 256 letters, digits, spaces and `_.:/=+-@`; " +
            "not starting with `aws:`, not Project, Environment, ManagedBy, Name, and no two keys that differ in case alone; " +
            "remedy: pulumi config set --path 'tags.Team' machine-learning, or pulumi config rm --path 'tags.Team'",
    },
};

describe("the rule of the setting", () => {
    it("has a row here for each, so that a new one comes with its own", () => {
        assert.deepStrictEqual(Object.keys(rows), Object.keys(rules));
    });

    for (const [key, { given, accepted, refused, demand }] of Object.entries(rows)) {
        const around = (value: unknown) => given?.(value) ?? {};

        it(`${key} accepts ${accepted.length} values`, () => {
            for (const value of accepted) {
                const text = typeof value === "string" ? value : JSON.stringify(value);
                const { values, faults } = checked({ ...around(value), [key]: text });
                assert.deepStrictEqual(faults, [], `${key} = ${text}`);
                assert.deepStrictEqual(values[key as Key], value);
            }
            assert.ok(accepted.length > 1);
        });

        it(`${key} refuses ${refused.length} texts, each with this line and no other`, () => {
            for (const [text, got, place = key] of refused) {
                const { faults } = checked({ ...around(text), [key]: text });
                assert.deepStrictEqual(faults, [`${place}: got ${got}; ${demand}`], `${key} = ${text}`);
            }
            assert.ok(refused.length > 3);
        });

        it(`${key} must be there: the defaults of Pulumi.yaml are the only ones`, () => {
            const { faults } = checked({ [key]: undefined as unknown as string });
            assert.deepStrictEqual(faults, [`${key}: got nothing; ${demand}`]);
        });
    }
});

describe("a long hostile text", () => {
    const size = 10_000;
    const units = [
        "a",
        "a.",
        "a/",
        "-",
        ".",
        "/",
        "0",
        "0.",
        "1:",
        ":",
        "::",
        "@",
        "a@",
        " ",
        "é",
        "=",
        "password",
        "AAAA",
    ];
    const texts = units.flatMap((unit) => {
        const long = unit.repeat(size / unit.length);
        return [long, `${long}!`, `ssh-rsa ${long}`, `ami-${long}`, `t4g.${long}`];
    });

    // No time is measured: a pattern that backtracks without end runs into mocha's time limit.
    it("is refused by every rule, wherever it stands, within mocha's time limit", () => {
        for (const key of Object.keys(rules) as Key[]) {
            const { schema } = ruleOf(key);
            for (const text of texts) {
                for (const value of [text, [text], { [text]: "v" }, { k: text }]) {
                    assert.strictEqual(schema.safeParse(value).success, false, `${key} ${text.slice(0, 20)}…`);
                }
            }
        }
    });

    it("is refused by the whole check within mocha's time limit, for every setting at once", () => {
        for (const text of texts) {
            const { faults } = checked(Object.fromEntries(Object.keys(rules).map((key) => [key, text])));
            assert.strictEqual(faults.length, Object.keys(rules).length);
        }
    });
});
