import assert from "node:assert";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { databaseCidrs, databaseUri } from "../../components/databaseAddress";
import { authoritiesOnHost, hostBundle, lockedMlflowVersion } from "../../components/hostBundle";
import { environmentFile, hostInstaller, stackEnvironment } from "../../components/hostInstaller";
import { hostSettings } from "../support/hostSettings";

// Pure functions of the host: its bundle, its environment, its user data. Not proved: that cloud-init runs the script.

const settings = { ...hostSettings, dataVolumeId: "vol-0123456789abcdef0" };

describe("the host's environment", () => {
    it("says what the server must know, and no default artifact root when artifacts are proxied", () => {
        assert.deepStrictEqual(stackEnvironment(settings), {
            AWS_DEFAULT_REGION: "us-west-1",
            MLFLOW_SERVE_ARTIFACTS: "true",
            MLFLOW_ARTIFACTS_DESTINATION: "s3://team-artifacts/artifacts",
            MLFLOW_WORKERS: "2",
            HOST_BACKUP_ROOT: "s3://team-artifacts/backups",
            HOST_DAILY_BACKUP: "true",
            HOST_GARBAGE_COLLECTION_DAYS: "",
            HOST_SECURITY_UPDATES: "",
            HOST_LOG_GROUP: "",
            HOST_METRICS_NAMESPACE: "",
            HOST_DATA_VOLUME_ID: "vol-0123456789abcdef0",
            HOST_DATABASE_PARAMETER: "",
            HOST_TUNNEL_PUBLIC_KEY: "",
        });
    });

    it("has clients write to S3 themselves when artifacts are direct", () => {
        const { MLFLOW_SERVE_ARTIFACTS, MLFLOW_DEFAULT_ARTIFACT_ROOT, MLFLOW_ARTIFACTS_DESTINATION } = stackEnvironment(
            {
                ...settings,
                artifactMode: "direct",
            },
        );
        assert.deepStrictEqual(
            [MLFLOW_SERVE_ARTIFACTS, MLFLOW_DEFAULT_ARTIFACT_ROOT, MLFLOW_ARTIFACTS_DESTINATION],
            ["false", "s3://team-artifacts/artifacts", undefined],
        );
    });

    it("says what the host does by night", () => {
        const { HOST_DAILY_BACKUP, HOST_GARBAGE_COLLECTION_DAYS, HOST_SECURITY_UPDATES } = stackEnvironment({
            ...settings,
            dailyBackup: false,
            garbageCollectionDays: 45,
            securityUpdates: "Sun 03:00",
        });
        assert.deepStrictEqual(
            [HOST_DAILY_BACKUP, HOST_GARBAGE_COLLECTION_DAYS, HOST_SECURITY_UPDATES],
            ["", "45", "Sun 03:00"],
        );
    });

    it("says where what the host has to tell goes", () => {
        const { HOST_LOG_GROUP, HOST_METRICS_NAMESPACE } = stackEnvironment({
            ...settings,
            logGroup: "/mlflow-dev/host",
            metricsNamespace: "mlflow-dev",
        });
        assert.deepStrictEqual([HOST_LOG_GROUP, HOST_METRICS_NAMESPACE], ["/mlflow-dev/host", "mlflow-dev"]);
    });

    it("carries a public key without its comment", () => {
        const tunnelPublicKey = "ssh-ed25519 AAAAC3Nz+/= jane's $(laptop)";
        assert.strictEqual(
            stackEnvironment({ ...settings, tunnelPublicKey }).HOST_TUNNEL_PUBLIC_KEY,
            "ssh-ed25519 AAAAC3Nz+/=",
        );
    });

    it("refuses values that a shell would not take as they are", () => {
        assert.strictEqual(environmentFile({ A: "a b", B: "" }), 'A="a b"\nB=""\n');
        for (const value of ['"', "$HOME", "`id`", "\\", "a\nb", "é", "'", "!"]) {
            assert.throws(() => environmentFile({ A: value }), {
                message: `A: got ${JSON.stringify(value)}, which a shell would not take as it is`,
            });
        }
    });
});

describe("the host's installer", () => {
    it("is a valid script within the limit of user data", () => {
        const script = hostInstaller(settings);
        assert.strictEqual(spawnSync("bash", ["-n"], { input: script }).status, 0);
        assert.ok(Buffer.byteLength(script) < 4096, "a quarter of the limit is plenty");
    });

    it("refuses to grow beyond the limit", () => {
        assert.throws(() => hostInstaller({ ...settings, artifactRoot: "a".repeat(16384) }), {
            message: /^user data: got \d+ bytes; allowed: at most 16384$/,
        });
    });

    /** Runs the script with other programs in place of those that touch the machine, and folders of its own. */
    function runInstaller(content: Buffer, sha256: string): { status: number | null; output: string } {
        const folder = mkdtempSync(path.join(os.tmpdir(), "installer-"));
        try {
            writeFileSync(path.join(folder, "bundle"), content);
            const script = hostInstaller({ ...settings, bundle: { key: "host/abc.tar.gz", sha256 } })
                .replace(/\/etc\/mlflow|\/opt\/mlflow/g, (place) => folder + place)
                .replace(/^exec .*$/m, `cat "${folder}/etc/mlflow/stack.env"; ls "${folder}/opt/mlflow/host"`);
            const aws = `aws() { local last; for last; do :; done; cp "${folder}/bundle" "$last"; }\n`;
            const { status, stdout, stderr } = spawnSync("bash", [], { input: aws + script, encoding: "utf8" });
            return { status, output: stdout + stderr };
        } finally {
            rmSync(folder, { recursive: true });
        }
    }

    it("unpacks the bundle only when its hash is right", () => {
        const bundle = hostBundle();
        const bytes = Buffer.from(bundle.base64, "base64");
        const good = runInstaller(bytes, bundle.sha256);
        assert.strictEqual(good.status, 0, good.output);
        assert.ok(good.output.includes(environmentFile(stackEnvironment(settings))));
        assert.match(good.output, /^install\.sh$/m);

        const tampered = Buffer.from(bytes);
        tampered[tampered.length - 1] ^= 1;
        const bad = runInstaller(tampered, bundle.sha256);
        assert.strictEqual(bad.status, 1, bad.output);
        assert.doesNotMatch(bad.output, /^install\.sh$/m);
    });
});

describe("the host's bundle", () => {
    it("has the hash of its bytes as its key, and is the same every time", () => {
        const bundle = hostBundle();
        const sha256 = createHash("sha256").update(Buffer.from(bundle.base64, "base64")).digest("hex");
        assert.deepStrictEqual(bundle, { sha256, key: `host/${sha256}.tar.gz`, base64: hostBundle().base64 });
    });

    it("holds the files of host/ with their modes, without owners and times", () => {
        const listing = spawnSync("tar", ["--list", "--verbose", "--numeric-owner", "--gzip", "--utc"], {
            input: Buffer.from(hostBundle().base64, "base64"),
            encoding: "utf8",
            env: { ...process.env, LC_ALL: "C", TZ: "UTC" },
        }).stdout;
        const rows = listing.trim().split("\n");
        const tracked = spawnSync("git", ["ls-files", "host"], {
            cwd: path.join(__dirname, "../.."),
            encoding: "utf8",
        });
        const isAuthority = (file: string) => file.startsWith("host/authorities/");
        const files = tracked.stdout.trim().split("\n").sort();
        assert.ok(files.some(isAuthority));
        const packed = files.filter((file) => !isAuthority(file));
        assert.deepStrictEqual(
            rows.map((row) => row.split(" ").at(-1)),
            packed,
        );
        for (const row of rows) {
            assert.match(row, /^-rw(-r--r--|xr-xr-x) 0\/0 +\d+ 1970-01-01 00:00 host\//);
        }
        const isExecutable = (file: string) => (statSync(path.join(__dirname, "../..", file)).mode & 0o100) !== 0;
        const executable = rows.filter((row) => row.startsWith("-rwx")).map((row) => row.split(" ").at(-1));
        assert.deepStrictEqual(executable, packed.filter(isExecutable));
    });

    it("names the version of MLflow that the lock file pins", () => {
        const lock = readFileSync(path.join(__dirname, "../../host/requirements.lock"), "utf8");
        assert.ok(lock.includes(`\nmlflow==${lockedMlflowVersion()} `));
    });
});

describe("the database's address", () => {
    const address = {
        host: "db.example.internal",
        port: 5432,
        database: "mlflow",
        user: "mlflow",
        sslMode: "require",
    } as const;

    it("has no password, and survives any name", () => {
        const user = "us@er/w:rd?#[]%&=+ !$'()*,;\"<>\\^`{|}~é\u{1f511}";
        const uri = databaseUri({ ...address, user });
        const { username, password, hostname, port, pathname, searchParams } = new URL(uri);
        assert.deepStrictEqual([decodeURIComponent(username), password], [user, ""]);
        assert.deepStrictEqual([hostname, port, pathname], ["db.example.internal", "5432", "/mlflow"]);
        assert.deepStrictEqual(Object.fromEntries(searchParams), { sslmode: "require", connect_timeout: "10" });
        assert.match(uri, /^postgresql\+psycopg2:\/\/[A-Za-z0-9%._~:-]+@/);
    });

    it("names the authorities to check against, where it demands a check", () => {
        assert.strictEqual(
            databaseUri({ ...address, host: "fd00::1", sslMode: "verify-full" }),
            "postgresql+psycopg2://mlflow@[fd00::1]:5432/mlflow?sslmode=verify-full&connect_timeout=10&" +
                "sslrootcert=%2Fetc%2Fpki%2Ftls%2Fcerts%2Fca-bundle.crt",
        );
        assert.strictEqual(
            databaseUri({ ...address, sslMode: "verify-full", authorities: authoritiesOnHost("us-west-1") }),
            "postgresql+psycopg2://mlflow@db.example.internal:5432/mlflow?sslmode=verify-full&connect_timeout=10&" +
                "sslrootcert=%2Fopt%2Fmlflow%2Fhost%2Fauthorities%2Fus-west-1.pem",
        );
    });

    it("is one address for the firewall where it was given as one", () => {
        assert.deepStrictEqual(["10.0.0.1", "fd00::1", "db"].map(databaseCidrs), [
            ["10.0.0.1/32"],
            ["fd00::1/128"],
            ["0.0.0.0/0"],
        ]);
    });
});
