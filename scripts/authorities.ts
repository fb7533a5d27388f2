import { X509Certificate } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";

// Writes host/authorities/<region>.pem, out of AWS's list of all authorities of RDS, or a file with the same content:
// npm run authorities [-- <file>]. Look at the change before you commit it: whoever is in there can pass for the database.

const list = "https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem";
const folder = path.join(__dirname, "..", "host", "authorities");

/** Root certificates of the present generation, by region: one for each kind of key. Those of betas are for nobody. */
export function byRegion(bundle: string): Record<string, string[]> {
    const regions: Record<string, string[]> = {};
    for (const [pem] of bundle.matchAll(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/g)) {
        const [, region] =
            /^CN=Amazon RDS ([a-z0-9-]+) Root CA \w+ G\d+$/m.exec(new X509Certificate(pem).subject) ?? [];
        if (region) {
            (regions[region] ??= []).push(pem);
        }
    }
    return regions;
}

async function main(): Promise<void> {
    const [file] = process.argv.slice(2);
    const bundle = file ? readFileSync(file, "utf8") : await (await fetch(list)).text();
    const regions = byRegion(bundle);
    if (Object.keys(regions).length === 0) {
        throw new Error(`${file ?? list}: holds no root certificate of RDS`);
    }
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    for (const [region, pems] of Object.entries(regions)) {
        writeFileSync(path.join(folder, `${region}.pem`), pems.sort().join(""));
    }
    console.log(`${Object.keys(regions).length} regions: git diff host/authorities`);
}

if (require.main === module) {
    void main();
}
