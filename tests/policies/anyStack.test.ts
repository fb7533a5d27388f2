import assert from "node:assert";
import { writeFileSync } from "node:fs";
import * as path from "node:path";
import { rules } from "../../policies/rules";
import { unknown } from "../engine/provider/values";
import { engine, EngineProject, unlessEngine } from "../support/engine";
import { repository } from "../support/sandbox";
import { withPack } from "./packRun";

// The pack in a real engine, on a stack that has nothing of this program: every rule speaks, values that are not known yet upset none, and
// no secret is printed. The resources have AWS's types and no provider, so what a provider adds to them is in seen.test.ts.

interface Declared {
    readonly type: string;
    readonly inputs: Record<string, unknown>;
    /** What it becomes; default: what is declared. */
    readonly made?: Record<string, unknown>;
    readonly protect?: boolean;
}

/** Declares what `resources.json` lists. */
const program = `
import * as pulumi from "@pulumi/pulumi";
import { readFileSync } from "node:fs";

class Any extends pulumi.ComponentResource {
    constructor(name: string, { type, inputs, made = inputs, protect }: any) {
        super(type, name, inputs, { protect });
        this.registerOutputs(made);
    }
}
const revive = (_: string, value: any) =>
    value?.$secret !== undefined
        ? pulumi.secret(value.$secret)
        : value?.$later !== undefined
          ? pulumi.runtime.isDryRun() ? ${JSON.stringify(unknown)} : value.$later
          : value;
Object.entries(JSON.parse(readFileSync("resources.json", "utf8"), revive)).forEach(([name, one]) => new Any(name, one));
`;

const password = "correct-horse-battery";
const generated = "Xq7-vault-9-Lm2";
const secret = (text: string) => ({ $secret: text });
/** What only the update knows. */
const later = (value: unknown) => ({ $later: value });
const statement = { Effect: "Allow", Action: ["s3:GetObject"], Resource: ["arn:aws:s3:::data/*"] };

const bad: Readonly<Record<string, Declared>> = {
    ingress: { type: "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", inputs: { cidrIpv4: "0.0.0.0/0" } },
    data: { type: "aws:s3/bucket:Bucket", inputs: { bucket: "data" } },
    machine: {
        type: "aws:ec2/instance:Instance",
        inputs: {
            userData: secret(`export DB_PASSWORD=${password}`),
            rootBlockDevice: { encrypted: false },
            metadataOptions: { httpTokens: "optional", httpPutResponseHopLimit: 2 },
        },
    },
    rights: {
        type: "aws:iam/rolePolicy:RolePolicy",
        inputs: { policy: { Statement: [{ ...statement, Action: "s3:*" }] } },
    },
    role: {
        type: "aws:iam/role:Role",
        inputs: { assumeRolePolicy: JSON.stringify({ Statement: [{ ...statement, Principal: "*" }] }) },
    },
    person: {
        type: "aws:iam/userPolicy:UserPolicy",
        inputs: { user: secret("ann-the-unnamed"), policy: { Statement: statement } },
    },
    first: { type: "aws:iam/accessKey:AccessKey", inputs: { user: "ann" } },
    second: { type: "aws:iam/accessKey:AccessKey", inputs: { user: "ann" } },
    attachment: {
        type: "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        inputs: { policyArn: "arn:aws:iam::aws:policy/AmazonS3FullAccess" },
    },
    generated: {
        type: "random:index/randomPassword:RandomPassword",
        inputs: { length: 15 },
        made: { result: secret(generated) },
    },
    copy: { type: "aws:ssm/parameter:Parameter", inputs: { type: "String", value: secret(`start with ${generated}`) } },
    database: {
        type: "aws:rds/instance:Instance",
        inputs: {
            password: secret(password),
            publiclyAccessible: true,
            ...{ storageEncrypted: false, backupRetentionPeriod: 0, deletionProtection: false },
        },
    },
};

/** What stays to be said where everything that the rules would judge is unknown: that something is missing altogether. */
const missing = [
    "advisory bucket-states-its-encryption data",
    "mandatory bucket-blocks-public-access data",
    "mandatory bucket-requires-tls data",
    "mandatory users-have-rights-through-groups person",
];
const all = [
    ...missing,
    "advisory database-outlives-a-mistake database",
    "advisory full-access-is-for-a-quick-start attachment",
    "advisory one-active-key-per-user second",
    "mandatory database-has-backups database",
    "mandatory database-is-encrypted database",
    "mandatory database-is-private database",
    "mandatory metadata-needs-a-token machine",
    "mandatory metadata-needs-a-token machine",
    "mandatory no-copy-of-a-secret copy",
    "mandatory no-copy-of-a-secret machine",
    "mandatory no-ingress-from-the-world ingress",
    "mandatory no-secret-in-plain-sight machine",
    "mandatory no-wildcards-in-iam rights",
    "mandatory roles-trust-whom-they-name role",
    "mandatory volumes-are-encrypted machine",
].sort();

describe(`the pack on any stack, in an engine${unlessEngine}`, function () {
    this.timeout(60_000);
    let project: EngineProject;

    before(async function () {
        if (!engine) {
            this.skip();
        }
        project = await EngineProject.create({ program });
    });
    after(() => project?.remove());

    /** With the pack where the checkout has it, which is not the stack's own. */
    const run = (resources: Readonly<Record<string, Declared>>, ...words: string[]) => {
        writeFileSync(path.join(project.folder, "resources.json"), JSON.stringify(resources));
        return withPack(project, words, "dev", path.join(repository, "policies"));
    };
    const preview = (resources: Readonly<Record<string, Declared>>) => run(resources, "preview");

    it("hears every rule", async () => {
        const { status, output, said } = await preview(bad);
        assert.deepStrictEqual(said, all, output);
        assert.notStrictEqual(status, 0);
        const names = new Set(said.map((line) => line.split(" ")[1]));
        const silent = rules.map(({ name }) => name).filter((name) => !names.has(name));
        assert.deepStrictEqual(silent, ["no-full-access-in-protected-stacks"]);
        for (const text of [password, generated, "ann-the-unnamed"]) {
            assert.ok(!output.includes(text), text);
        }
    });

    it("is a protected stack with one protected resource", async () => {
        const { status, said, output } = await preview({
            attachment: bad.attachment,
            kept: { type: "aws:ebs/volume:Volume", inputs: { encrypted: true }, protect: true },
        });
        assert.deepStrictEqual(said, ["mandatory no-full-access-in-protected-stacks attachment"], output);
        assert.notStrictEqual(status, 0);
    });

    for (const [what, resources, expected] of [
        [
            "one resource",
            { ingress: { ...bad.ingress, inputs: { cidrIpv4: later("0.0.0.0/0") } } },
            "no-ingress-from-the-world ingress",
        ],
        [
            "all of them",
            {
                copy: { ...bad.copy, inputs: { type: "String", value: later(`start ${generated}`) } },
                generated: bad.generated,
            },
            "no-copy-of-a-secret copy",
        ],
    ] as const) {
        it(`is refused by the update where only that knows, by a rule about ${what}`, async () => {
            const before = await preview(resources);
            assert.deepStrictEqual([before.status, before.said], [0, []], before.output);
            const { status, output, said } = await run(resources, "up", "--yes");
            assert.deepStrictEqual(said, [`mandatory ${expected}`], output);
            assert.notStrictEqual(status, 0);
            assert.ok(!output.includes(generated));
        });
    }

    for (const [title, blurred] of [
        ["that is not known", () => unknown],
        ["of which parts are not known", leavesUnknown],
    ] as const) {
        it(`is silent about a value ${title}`, async () => {
            const blur = (values: Declared["inputs"] = {}) =>
                Object.fromEntries(Object.entries(values).map(([key, value]) => [key, blurred(value)]));
            const stack = Object.entries(bad).map(([name, { inputs, made, ...rest }]) => [
                name,
                { ...rest, inputs: blur(inputs), made: blur(made ?? inputs) },
            ]);
            const { output, said } = await preview(Object.fromEntries(stack) as Record<string, Declared>);
            assert.deepStrictEqual(said, missing, output);
            assert.doesNotMatch(output, /can't run policy/);
        });
    }
});

/** The same lists and records, in which every value is unknown. */
function leavesUnknown(value: unknown): unknown {
    if (Array.isArray(value)) {
        return value.map(leavesUnknown);
    }
    return typeof value === "object" && value !== null
        ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, leavesUnknown(inner)]))
        : unknown;
}
