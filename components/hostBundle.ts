import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { gzipSync } from "fflate";
import * as tar from "tar";

/** What the instance installs: the folder `host/` as one archive. */
export interface HostBundle {
    readonly sha256: string;
    /** `host/<sha256>.tar.gz`, in the artifact bucket. */
    readonly key: string;
    readonly base64: string;
}

const root = path.join(__dirname, "..");

/** File of the authorities that sign the certificates of RDS in a region, in this checkout. */
const authoritiesFolder = "host/authorities/";
const authoritiesOf = (region: string) => `${authoritiesFolder}${region}.pem`;

/** The same on the host. */
export const authoritiesOnHost = (region: string): string => `/opt/mlflow/${authoritiesOf(region)}`;

/** Whether this checkout has them. */
export const hasAuthorities = (region: string): boolean => existsSync(path.join(root, authoritiesOf(region)));

/**
 * Packs `host/`, with the authorities of one region or of none. The same files give the same bytes on every machine: sorted names, no owners, no times, modes without
 * the umask, and a compressor in JavaScript, because zlib's output differs between builds.
 */
export function hostBundle(authoritiesRegion?: string): HostBundle {
    const files = readdirSync(path.join(root, "host"), { recursive: true, withFileTypes: true })
        // Python leaves its own behind where somebody imports a module.
        .filter((entry) => entry.isFile() && path.basename(entry.parentPath) !== "__pycache__")
        .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)).split(path.sep).join("/"))
        .filter(
            (file) =>
                !file.startsWith(authoritiesFolder) || file === (authoritiesRegion && authoritiesOf(authoritiesRegion)),
        )
        .sort();
    const pack = tar.create({ cwd: root, portable: true, mtime: new Date(0), sync: true }, files);
    // A higher level takes three times as long in every preview, for less than a hundredth of the size.
    const bytes = gzipSync(pack.read() as Buffer, { level: 4, mtime: 0 });
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    return { sha256, key: `host/${sha256}.tar.gz`, base64: Buffer.from(bytes).toString("base64") };
}

/** The version of MLflow that `host/requirements.lock` pins: one checkout, one version. */
export function lockedMlflowVersion(): string {
    const lock = readFileSync(path.join(root, "host", "requirements.lock"), "utf8");
    const [, version] = /^mlflow==(\S+)/m.exec(lock) ?? [];
    if (!version) {
        throw new Error("host/requirements.lock pins no mlflow; write it again: npm run lock");
    }
    return version;
}
