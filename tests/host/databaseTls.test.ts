import assert from "node:assert";
import { spawnSync } from "node:child_process";
import * as path from "node:path";
import { DatabaseHost, said } from "../support/databaseHost";
import { type DatabaseCloud, forKind, passwordForms } from "../support/databaseKinds";
import { newestRevision } from "../support/schemaFaults";

// How the host connects to a PostgreSQL, by its own modules, to a real one that talks TLS with a certificate for the name `localhost`, signed by
// an authority of its own. Not proved: RDS, and its authorities; tests/unit looks at their certificates.

forKind("PostgreSQL", "the connection to PostgreSQL", (cloud) => {
    /** A host whose database's address has these words about TLS in it. */
    const hostWith = async (name: string, tls: string): Promise<DatabaseHost> => {
        const host = await cloud.host();
        const external = host.options.external!;
        const address = cloud.address(path.basename(external.parameter), name, tls);
        return new DatabaseHost({
            ...host.options,
            root: `${host.options.root}-tls`,
            external: { ...external, address },
        });
    };

    for (const [what, name, tls] of [
        ["is encrypted, with whatever certificate, with `require`", "127.0.0.1", () => "sslmode=require"],
        ["checks the authority with `verify-ca`, and no name", "127.0.0.1", () => verify("verify-ca", cloud)],
        ["checks authority and name with `verify-full`", "localhost", () => verify("verify-full", cloud)],
    ] as const) {
        it(what, async () => {
            const host = await hostWith(name, tls());
            const result = await host.prepare();
            assert.strictEqual(result.status, 0, result.stderr);
            assert.strictEqual(said(result).at(-1), `database: schema is ${newestRevision()}`);
        });
    }

    for (const [what, name, tls, reason] of [
        [
            "is refused under another name than the certificate's",
            "127.0.0.1",
            () => verify("verify-full", cloud),
            /server certificate for "localhost" .*does not match host name "127\.0\.0\.1"/,
        ],
        [
            "is refused with a certificate of an unknown authority",
            "localhost",
            () => `sslmode=verify-full&sslrootcert=${strangeAuthority(cloud)}`,
            /SSL error: certificate verify failed/,
        ],
        [
            "is refused without the file of the authorities",
            "localhost",
            () => "sslmode=verify-full&sslrootcert=/nowhere/authorities.pem",
            /root certificate file "\/nowhere\/authorities\.pem" does not exist/,
        ],
        [
            "is refused in plain text by the database",
            "127.0.0.1",
            () => "sslmode=disable",
            /no pg_hba\.conf entry for host "127\.0\.0\.1", user "mlflow", database "\w+", no encryption/,
        ],
    ] as const) {
        it(what, async () => {
            const host = await hostWith(name, tls());
            const result = await host.prepare();
            assert.strictEqual(result.status, 1);
            const [line, last] = said(result);
            assert.match(line, /^database: not usable yet: /);
            assert.match(line, reason);
            assert.strictEqual(last, "database: did not become usable in time; see the reasons above");
            assert.ok(!passwordForms.some((form) => result.stderr.includes(form)));
        });
    }
});

const verify = (mode: string, cloud: DatabaseCloud) => `sslmode=${mode}&sslrootcert=${cloud.authority}`;

/** Another authority of the same name. */
function strangeAuthority(cloud: DatabaseCloud): string {
    const [key, file] = ["key", "crt"].map((ending) => path.join(cloud.folder, `stranger.${ending}`));
    const words = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
    const made = spawnSync("openssl", [...words, "-subj", "/CN=An authority of tests", "-keyout", key, "-out", file]);
    assert.strictEqual(made.status, 0, String(made.stderr));
    return file;
}
