import assert from "node:assert";
import { X509Certificate } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { gunzipSync } from "node:zlib";
import { leastConnections, memoryGib, poolOf } from "../../components/databaseSizes";
import { hostBundle } from "../../components/hostBundle";
import { withSecrets } from "../../plan/secrets";
import { repository } from "../support/sandbox";
import { evaluateStack, type Stack } from "../support/stack";

// Where runs are stored: what is declared for a database in RDS, who can reach it, and what the host is told. Not proved: that RDS takes
// it; tests/engine changes it on a real engine, tests/host speaks to a real PostgreSQL.

const instance = "aws:rds/instance:Instance";
const tags = { Project: "mlflow-aws", Environment: "test", ManagedBy: "Pulumi" };

/** Inputs of the resource with this name, with secrets as plain values. */
const inputsOf = (stack: Stack, name: string) => {
    const found = stack.resources.find((resource) => resource.name === name);
    assert.ok(found, `there is no ${name}`);
    return withSecrets(found.inputs, (secret) => secret) as Record<string, unknown>;
};

describe("a database in RDS", () => {
    it("is encrypted, private, backed up, and keeps a last snapshot", async () => {
        const { password, identifier, finalSnapshotIdentifier, dbSubnetGroupName, parameterGroupName, ...inputs } = (
            await evaluateStack({ backend: "rds" })
        ).inputs(instance);
        assert.match(String(password), /^[A-Za-z0-9]{32}$/);
        assert.match(String(identifier), /^mlflow-test-backend-database-[0-9a-f]{8}$/);
        assert.strictEqual(finalSnapshotIdentifier, `${String(identifier)}-final`);
        assert.match(String(dbSubnetGroupName), /^mlflow-test-backend-database-subnets-in-default-[0-9a-f]{7}$/);
        assert.match(String(parameterGroupName), /^mlflow-test-backend-database-parameters-[0-9a-f]{7}$/);
        const { vpcSecurityGroupIds, ...others } = inputs;
        assert.strictEqual((vpcSecurityGroupIds as string[]).length, 1);
        assert.deepStrictEqual(others, {
            engine: "postgres",
            engineVersion: "17",
            autoMinorVersionUpgrade: true,
            allowMajorVersionUpgrade: true,
            engineLifecycleSupport: "open-source-rds-extended-support-disabled",
            instanceClass: "db.t4g.micro",
            storageType: "gp3",
            allocatedStorage: 20,
            maxAllocatedStorage: 100,
            storageEncrypted: true,
            dbName: "mlflow",
            username: "mlflow",
            port: 5432,
            publiclyAccessible: false,
            multiAz: false,
            caCertIdentifier: "rds-ca-rsa2048-g1",
            backupRetentionPeriod: 14,
            copyTagsToSnapshot: true,
            deletionProtection: false,
            skipFinalSnapshot: false,
            applyImmediately: true,
            tags: { ...tags, Name: "mlflow-test-backend-database" },
        });
    });

    it("takes its settings", async () => {
        const found = (
            await evaluateStack({
                backend: "rds",
                databaseInstanceClass: "db.m7g.large",
                databaseVersion: "18",
                databaseMultiAz: true,
                databaseStorageGib: 50,
                databaseMostStorageGib: 50,
                databaseBackupDays: 35,
                databaseName: "runs",
                databaseUser: "team",
                databasePort: 6432,
                forceDestroy: true,
            })
        ).inputs(instance);
        const { instanceClass, engineVersion, multiAz, allocatedStorage, maxAllocatedStorage } = found;
        assert.deepStrictEqual(
            { instanceClass, engineVersion, multiAz, allocatedStorage, maxAllocatedStorage },
            {
                ...{ instanceClass: "db.m7g.large", engineVersion: "18", multiAz: true, allocatedStorage: 50 },
                // As much as there is: it does not grow by itself.
                maxAllocatedStorage: undefined,
            },
        );
        const { backupRetentionPeriod, dbName, username, port, skipFinalSnapshot, finalSnapshotIdentifier } = found;
        assert.deepStrictEqual(
            { backupRetentionPeriod, dbName, username, port, skipFinalSnapshot, finalSnapshotIdentifier },
            {
                ...{ backupRetentionPeriod: 35, dbName: "runs", username: "team", port: 6432 },
                ...{ skipFinalSnapshot: true, finalSnapshotIdentifier: undefined },
            },
        );
    });

    it("is protected twice in a protected stack, here and in AWS", async () => {
        const stack = await evaluateStack({ backend: "rds", protect: true });
        assert.strictEqual(stack.one(instance).protect, true);
        assert.strictEqual(stack.inputs(instance).deletionProtection, true);
    });

    it("forces TLS, whatever PostgreSQL's default is", async () => {
        for (const databaseVersion of ["16", "17", "18"]) {
            const { family, parameters } = (await evaluateStack({ backend: "rds", databaseVersion })).inputs(
                "aws:rds/parameterGroup:ParameterGroup",
            );
            assert.deepStrictEqual(
                [family, parameters],
                [`postgres${databaseVersion}`, [{ name: "rds.force_ssl", value: "1" }]],
            );
        }
    });

    it("can be reached from the host's firewall, and from nowhere else", async () => {
        const stack = await evaluateStack({ backend: "rds", databasePort: 6432 });
        const groups = stack.all("aws:ec2/securityGroup:SecurityGroup").map(({ name }) => name);
        assert.deepStrictEqual(groups.sort(), ["mlflow-test-backend-database-firewall", "mlflow-test-host-firewall"]);
        const inbound = stack.all("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule");
        const outbound = stack.all("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule");
        assert.deepStrictEqual([...inbound, ...outbound].map(({ name }) => name).sort(), [
            "mlflow-test-host-https",
            "mlflow-test-host-into-database",
            "mlflow-test-host-to-database",
        ]);
        const {
            securityGroupId: database,
            referencedSecurityGroupId: host,
            ...into
        } = inputsOf(stack, "mlflow-test-host-into-database");
        const rule = { ipProtocol: "tcp", fromPort: 6432, toPort: 6432, description: "PostgreSQL", tags };
        assert.deepStrictEqual(into, rule);
        const { securityGroupId, referencedSecurityGroupId, ...to } = inputsOf(stack, "mlflow-test-host-to-database");
        assert.deepStrictEqual(to, rule);
        assert.deepStrictEqual([securityGroupId, referencedSecurityGroupId], [host, database]);
        assert.deepStrictEqual(stack.inputs(instance).vpcSecurityGroupIds, [database]);
        assert.deepStrictEqual(stack.inputs("aws:ec2/instance:Instance").vpcSecurityGroupIds, [host]);
        assert.notStrictEqual(host, database);
    });

    it("lives in the default subnets, or is refused", async () => {
        const stack = await evaluateStack({ backend: "rds" });
        assert.deepStrictEqual(stack.inputs("aws:rds/subnetGroup:SubnetGroup").subnetIds, [
            "subnet-0a1b2c3d4e5f6a7b8",
            "subnet-0b1c2d3e4f5a6b7c8",
        ]);
    });

    it("is refused in a region whose authorities the checkout does not have", async () => {
        const elsewhere = { "aws:region": "mx-central-1" };
        await assert.rejects(evaluateStack({ ...elsewhere, backend: "rds" }), {
            message:
                /^ {2}backend: got rds in mx-central-1; allowed: a region of which host\/authorities has the file; remedy: npm run authorities, .*$/m,
        });
        await evaluateStack(elsewhere);
    });

    it("is told to the host by two parameters, with its certificate checked in full", async () => {
        const stack = await evaluateStack({ backend: "rds" });
        const { insecureValue, type, name } = inputsOf(stack, "mlflow-test-backend-address");
        const address = new URL(String(insecureValue));
        assert.deepStrictEqual([type, name], ["String", "/mlflow-test/database-address"]);
        assert.match(
            address.hostname,
            /^mlflow-test-backend-database-[0-9a-f]{8}\..*\.us-west-1\.rds\.amazonaws\.com$/,
        );
        assert.deepStrictEqual(
            [address.protocol, address.username, address.password, address.port, address.pathname],
            ["postgresql+psycopg2:", "mlflow", "", "5432", "/mlflow"],
        );
        assert.deepStrictEqual(Object.fromEntries(address.searchParams), {
            sslmode: "verify-full",
            connect_timeout: "10",
            sslrootcert: "/opt/mlflow/host/authorities/us-west-1.pem",
        });
        const passwords = inputsOf(stack, "mlflow-test-backend-passwords");
        assert.deepStrictEqual(
            [passwords.type, passwords.name, passwords.value],
            ["SecureString", "/mlflow-test/database-passwords", stack.inputs(instance).password],
        );
        const { userData } = stack.inputs("aws:ec2/instance:Instance");
        assert.match(String(userData), /^HOST_DATABASE_PARAMETER="\/mlflow-test\/database"$/m);
        assert.match(
            String(userData),
            /^MLFLOW_SQLALCHEMYSTORE_POOL_SIZE="5"\nMLFLOW_SQLALCHEMYSTORE_MAX_OVERFLOW="10"$/m,
        );
    });
});

describe("the password of a database in RDS", () => {
    const passwordsOf = async (databasePasswordGeneration: number) => {
        const stack = await evaluateStack({ backend: "rds", databasePasswordGeneration });
        const generated = stack.all("random:index/randomPassword:RandomPassword").map(({ name }) => name);
        const lines = String(inputsOf(stack, "mlflow-test-backend-passwords").value).split("\n");
        return { stack, generated, lines, password: stack.inputs(instance).password };
    };

    it("is known to the host together with the one before it, the newer first", async () => {
        const first = await passwordsOf(1);
        assert.deepStrictEqual(first.generated, ["mlflow-test-backend-password-1"]);
        assert.deepStrictEqual(first.lines, [first.password]);
        const second = await passwordsOf(2);
        assert.deepStrictEqual(second.generated, ["mlflow-test-backend-password-2", "mlflow-test-backend-password-1"]);
        assert.deepStrictEqual(second.lines, [second.password, first.password]);
        const third = await passwordsOf(3);
        assert.deepStrictEqual(third.generated, ["mlflow-test-backend-password-3", "mlflow-test-backend-password-2"]);
        assert.deepStrictEqual(third.lines, [third.password, second.password]);
    });
});

describe("the connections of a database in RDS", () => {
    it("follow the memory of its class", () => {
        const classes = [
            "db.t4g.micro",
            "db.t3.medium",
            "db.m7g.large",
            "db.m6i.4xlarge",
            "db.r7g.xlarge",
            "db.x2g.large",
        ];
        assert.deepStrictEqual(classes.map(memoryGib), [1, 4, 8, 64, 32, undefined]);
        assert.deepStrictEqual([1, 2, 8, 64].map(leastConnections), [78, 157, 630, 5000]);
    });

    it("are shared by the stores of all workers, with some to spare", () => {
        assert.deepStrictEqual(poolOf(78, 2), { size: 5, overflow: 10 });
        assert.deepStrictEqual(poolOf(78, 15), { size: 1, overflow: 1 });
        assert.strictEqual(poolOf(78, 16), undefined);
        assert.deepStrictEqual(poolOf(5000, 2), { size: 13, overflow: 27 });
        for (const gib of [1, 2, 4, 8]) {
            for (let workers = 1; workers <= 32; workers++) {
                const { size, overflow } = poolOf(leastConnections(gib), workers) ?? { size: 0, overflow: 0 };
                assert.ok(2 * workers * (size + overflow) <= leastConnections(gib) - 15);
            }
        }
    });
});

describe("the authorities of RDS", () => {
    const folder = path.join(repository, "host/authorities");

    it("are three roots a region, each its own issuer, that name RDS and the region", () => {
        const files = readdirSync(folder);
        assert.strictEqual(files.length, 27);
        for (const file of files) {
            const region = path.basename(file, ".pem");
            const pems = readFileSync(path.join(folder, file), "utf8").match(
                /-----BEGIN [^]*?-----END CERTIFICATE-----\n/g,
            )!;
            const certificates = pems.map((pem) => new X509Certificate(pem));
            for (const certificate of certificates) {
                assert.ok(certificate.ca && certificate.verify(certificate.publicKey), file);
                assert.ok(new Date(certificate.validTo).getFullYear() >= 2061, file);
            }
            const kinds = certificates.map(
                ({ subject }) => /^CN=Amazon RDS ([a-z0-9-]+) Root CA (\w+) G1$/m.exec(subject)?.slice(1) ?? [],
            );
            assert.deepStrictEqual(
                kinds.sort(),
                ["ECC384", "RSA2048", "RSA4096"].map((kind) => [region, kind]),
            );
        }
    });

    it("go to the host for its own region, and only where it has such a database", () => {
        const namesIn = (region?: string) => {
            const tar = gunzipSync(Buffer.from(hostBundle(region).base64, "base64")).toString("latin1");
            return [...new Set(tar.match(/host\/authorities\/[a-z0-9-]+\.pem/g))];
        };
        assert.deepStrictEqual(namesIn("eu-central-1"), ["host/authorities/eu-central-1.pem"]);
        assert.deepStrictEqual(namesIn(), []);
    });
});
