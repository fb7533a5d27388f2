import assert from "node:assert";
import * as pulumi from "@pulumi/pulumi";
import { readSettings, type Settings } from "../../config";
import { readProject, stackConfig } from "../../plan/stackConfig";
import { ruleOf, rules, type Key } from "../../settings/rules";
import { checked, defaults, publicKey } from "../support/settings";
import { refusal } from "../support/stack";

// The settings as a whole: from the texts of the stack's file to what the program reads, and the message that refuses them.
// The rules themselves are in settings.rules.test.ts and settings.relations.test.ts. Not proved here: what the Pulumi engine
// does before the program starts (it merges the files, decrypts, and has checks of its own by the types of Pulumi.yaml).

/** What the program reads in a stack with these settings. */
async function settingsOf(own: Record<string, unknown> = {}, stack = "test"): Promise<Settings> {
    const { project, values, secretKeys } = stackConfig(stack, own);
    const none = () => assert.fail("reading the settings needs no resource and no look-up");
    await pulumi.runtime.setMocks({ newResource: none, call: none }, project, stack);
    pulumi.runtime.setAllConfig(values, secretKeys);
    return readSettings();
}

const unknownKey = (key: string, instead = "the settings in Pulumi.yaml") =>
    `${key}: got a setting that does not exist; allowed: ${instead}; remedy: pulumi config rm ${key}`;

const plainPassword =
    "databasePassword: got a value in plain text; allowed: an encrypted value; remedy: pulumi config set --secret databasePassword";

describe("the defaults", () => {
    it("of Pulumi.yaml are for exactly the settings that have rules, in their order and of their types", () => {
        const declared = Object.entries(readProject().declarations).filter(([key]) => !key.includes(":"));
        assert.deepStrictEqual(
            declared.map(([key, { type }]) => [key, type]),
            Object.keys(rules).map((key) => [key, ruleOf(key as Key).type]),
        );
    });

    it("have no fault", () => {
        assert.deepStrictEqual(checked({}, []).faults, []);
        assert.deepStrictEqual(Object.keys(defaults), Object.keys(rules));
    });

    it("give exactly these settings", async () => {
        const { databasePassword, ...settings } = await settingsOf();
        assert.deepStrictEqual(settings, {
            environment: "test",
            name: "mlflow-test",
            accessMode: "ssm",
            sshPublicKey: "",
            sshKeyPairName: "",
            sshAllowedCidrs: [],
            localPort: 5001,
            bucketName: "",
            existingBucketName: "",
            artifactPrefix: "artifacts",
            noncurrentVersionDays: 30,
            backupRetentionDays: 30,
            forceDestroy: false,
            restrictBucket: false,
            clientUserName: "mlflow-test-client",
            profileName: "mlflow-test",
            clientS3Rights: "readWrite",
            accessKeyA: "active",
            accessKeyB: "absent",
            clientRoleNames: [],
            ssoStartUrl: "",
            ssoRegion: "",
            instanceType: "t4g.small",
            rootVolumeGib: 16,
            dataVolumeGib: 20,
            ami: "keep",
            workers: 2,
            artifactMode: "proxied",
            presignedTransfers: true,
            serverS3Rights: "scoped",
            garbageCollectionDays: 0,
            securityUpdates: "",
            runningHours: "",
            runningHoursTimeZone: "UTC",
            existingInstanceId: "",
            backend: "sqlite",
            databaseHost: "",
            databasePort: 5432,
            databaseName: "mlflow",
            databaseUser: "mlflow",
            databaseSslMode: "require",
            databaseInstanceClass: "db.t4g.micro",
            databaseVersion: "17",
            databaseMultiAz: false,
            databaseStorageGib: 20,
            databaseMostStorageGib: 100,
            databaseBackupDays: 14,
            databasePasswordGeneration: 1,
            dailyDatabaseDump: false,
            monthlyBudgetUsd: 0,
            vpcId: "",
            subnetId: "",
            alarmEmail: "",
            logRetentionDays: 0,
            databaseSubnetIds: [],
            networkCidr: "",
            permissionsBoundaryArn: "",
            protect: false,
            tags: { Project: "mlflow-aws", Environment: "test", ManagedBy: "Pulumi" },
        });
        assert.strictEqual(await pulumi.isSecret(databasePassword), true);
    });
});

describe("settings that are read", () => {
    it("keep a given user and profile name", async () => {
        const { name, clientUserName, profileName } = await settingsOf(
            { clientUserName: "data", profileName: "ml" },
            "dev",
        );
        assert.deepStrictEqual(
            { name, clientUserName, profileName },
            { name: "mlflow-dev", clientUserName: "data", profileName: "ml" },
        );
    });

    it("have the given tags and the program's own", async () => {
        const { tags } = await settingsOf({ tags: { Team: "research", "Cost center": "7" } }, "prod");
        assert.deepStrictEqual(tags, {
            Team: "research",
            "Cost center": "7",
            Project: "mlflow-aws",
            Environment: "prod",
            ManagedBy: "Pulumi",
        });
    });

    it("have the password as a secret", async () => {
        const own = { backend: "external", databaseHost: "db", databasePassword: { secure: "v1:cipher" } };
        const { databasePassword } = await settingsOf(own);
        assert.strictEqual(await pulumi.isSecret(databasePassword), true);
        const plain = await new Promise((resolve) => databasePassword.apply(resolve));
        assert.strictEqual(plain, stackConfig("test", own).values["mlflow-aws:databasePassword"]);
        assert.notStrictEqual(plain, "");
    });

    it("leave settings of other namespaces alone", async () => {
        const settings = await settingsOf({ "aws:allowedAccountIds": ["123456789012"], "other:accessMode": "ssh" });
        assert.strictEqual(settings.accessMode, "ssm");
        assert.strictEqual("allowedAccountIds" in settings, false);
    });

    for (const stack of ["a", "dev", "prod-2", "a--", "s".repeat(20)]) {
        it(`take the stack name ${stack}`, async () => {
            assert.strictEqual((await settingsOf({}, stack)).name, `mlflow-${stack}`);
        });
    }
});

describe("settings that cannot be used", () => {
    for (const stack of ["Dev", "2dev", "-dev", "my_dev", "dev.1", "dév", "s".repeat(21)]) {
        it(`because of the stack name ${stack}`, async () => {
            assert.strictEqual(
                await refusal({}, { name: stack }),
                `The settings of stack ${stack} cannot be used (1 fault):\n` +
                    `  stack: got "${stack}"; allowed: 1 to 20 lower-case letters, digits and hyphens, a letter first; ` +
                    "remedy: pulumi stack rename <name>",
            );
        });
    }

    it("are refused with all faults in one message: stack, unknown keys, rules, the plain password, relations", async () => {
        const settings = {
            databasePassword: "hunter2",
            workers: 0,
            tags: { Team: 7, "a&b": "v" },
            region: "us-east-1",
            localPort: "http",
            forceDestroy: true,
            protect: true,
        };
        const tags =
            "allowed: at most 6 pairs; keys of 1 to 128 and values of at most 256 letters, digits, spaces and `_.:/=+-@`; " +
            "not starting with `aws:`, not Project, Environment, ManagedBy, Name, and no two keys that differ in case alone; " +
            "remedy: pulumi config set --path 'tags.Team' machine-learning, or pulumi config rm --path 'tags.Team'";
        assert.strictEqual(
            await refusal(settings, { name: "Dev", secretKeys: [] }),
            [
                "The settings of stack Dev cannot be used (9 faults):",
                '  stack: got "Dev"; allowed: 1 to 20 lower-case letters, digits and hyphens, a letter first; remedy: pulumi stack rename <name>',
                `  ${unknownKey("region")}`,
                '  localPort: got "http"; allowed: an integer from 1024 to 65535, but not 5000, which macOS takes for AirPlay, nor one that browsers refuse, such as 6000; remedy: pulumi config set localPort 5001',
                "  workers: got 0; allowed: an integer from 1 to 32; remedy: pulumi config set workers <value>",
                `  tags.Team: got 7; ${tags}`,
                `  tags.a&b: got "v"; ${tags}`,
                `  ${plainPassword}`,
                "  databasePassword: got (not shown); allowed: only with backend `external`; it has no effect otherwise; remedy: pulumi config set backend external, or pulumi config rm databasePassword",
                "  forceDestroy: got true; allowed: anything but `true` in a protected stack; remedy: pulumi config set forceDestroy false",
            ].join("\n"),
        );
    });

    it("because they do not exist, with the right one where only the case is wrong", async () => {
        assert.strictEqual(
            await refusal({ AccessMode: "ssm", accessmodes: "ssm" }),
            "The settings of stack test cannot be used (2 faults):\n" +
                `  ${unknownKey("AccessMode", "accessMode")}\n` +
                `  ${unknownKey("accessmodes")}`,
        );
    });

    // Keys that every JavaScript object has.
    for (const key of ["constructor", "toString", "hasOwnProperty", "__proto__"]) {
        it(`because they do not exist, such as ${key}`, () => {
            assert.deepStrictEqual(checked(JSON.parse(`{"${key}": "x"}`) as Record<string, string>).faults, [
                unknownKey(key),
            ]);
        });
    }

    it("because the password is in plain text, with an empty one taken as none", async () => {
        const own = { backend: "external", databaseHost: "db", databasePassword: "hunter2" };
        assert.strictEqual(
            await refusal(own, { secretKeys: [] }),
            `The settings of stack test cannot be used (1 fault):\n  ${plainPassword}`,
        );
        assert.deepStrictEqual(checked(own).faults, []);
        assert.deepStrictEqual(checked({ databasePassword: "" }, []).faults, []);
    });
});

describe("a secret in the settings", () => {
    const password = "Xq7-correct-horse";
    const privateKey = `-----BEGIN OPENSSH PRIVATE KEY-----\n${password}\n-----END OPENSSH PRIVATE KEY-----\n`;
    const texts: Record<string, string> = {
        "a private key": privateKey,
        "the first line of a private key": `-----BEGIN RSA PRIVATE KEY----- ${password}`,
        "a database's address": `postgresql://mlflow:${password}@db:5432/mlflow`,
        "an address without scheme": `mlflow:${password}@db`,
        "an address with a quotation mark in the password": `mlflow:"${password}"@db`,
        "a libpq connection string": `host=db password = ${password}`,
    };
    const keys = Object.keys(rules) as Key[];

    for (const [name, text] of Object.entries(texts)) {
        it(`does not come out when it is ${name}, in whatever setting it was pasted`, () => {
            const forms = [text, JSON.stringify([text]), JSON.stringify({ k: text }), `["${text}`];
            const lines = keys.flatMap((key) => forms.flatMap((form) => checked({ [key]: form }).faults));
            assert.deepStrictEqual(
                lines.filter((line) => line.includes(password)),
                [],
            );
            // Few settings take such a text: names on the PostgreSQL server and tags.
            assert.ok(lines.length > (forms.length - 1) * keys.length);
        });
    }

    it("does not come out of the key's or the password's own setting, whatever is wrong with it", async () => {
        for (const own of [
            { sshPublicKey: password },
            { sshPublicKey: privateKey },
            { databasePassword: password },
            { databasePassword: `${password}\n` },
            { databasePassword: password, backend: "external" },
            { databasepassword: password },
        ]) {
            for (const secretKeys of [[], ["databasePassword"]]) {
                const message = await refusal(own, { secretKeys });
                assert.match(message, /^The settings of stack test cannot be used \(\d faults?\):\n {2}\w+: got /);
                assert.strictEqual(message.includes(password), false, message);
            }
        }
    });

    it("does not come out of any setting that is stored encrypted", () => {
        for (const key of keys) {
            const lines = checked({ [key]: `${password}\0` }, [key]).faults;
            assert.ok(
                lines.some((line) => line.startsWith(`${key}: got (not shown); `)),
                key,
            );
            assert.ok(
                lines.every((line) => !line.includes(password)),
                key,
            );
        }
        // Nor where the value is right by itself, and only a relation is broken.
        const { faults } = checked({ databaseHost: "db-hidden" }, ["databaseHost"]);
        assert.deepStrictEqual(faults, [
            "databaseHost: got (not shown); allowed: only with backend `external`; it has no effect otherwise; remedy: pulumi config set backend external, or pulumi config rm databaseHost",
        ]);
    });

    it("is no reason to hide what is none: public keys and addresses of people are shown", () => {
        const tags = JSON.stringify({ Owner: "team@example.com", owner: "x" });
        assert.ok(checked({ tags }).faults[0].startsWith(`tags: got ${tags}; `), checked({ tags }).faults[0]);
        const { faults } = checked({ sshKeyPairName: ` ${publicKey}` });
        assert.ok(faults[0].startsWith(`sshKeyPairName: got " ${publicKey}"; `), faults[0]);
    });
});
