import * as ipaddr from "ipaddr.js";

/** A PostgreSQL, as a client knows it. */
export interface DatabaseAddress {
    readonly host: string;
    readonly port: number;
    readonly database: string;
    readonly user: string;
    readonly sslMode: "require" | "verify-ca" | "verify-full";
    /** File of the certificate authorities that the host trusts; default: those of Amazon Linux. */
    readonly authorities?: string;
}

/** Amazon Linux keeps the authorities that it trusts here. */
const systemAuthorities = "/etc/pki/tls/certs/ca-bundle.crt";

/**
 * The address as MLflow takes it, without a password. Every part is percent-encoded. The driver is the lock file's: without a
 * name, SQLAlchemy 2.1 looks for another.
 * `connect_timeout` (seconds): without it, a database that stays silent is waited for without a word in the log.
 */
export function databaseUri(address: DatabaseAddress): string {
    const { host, port, database, user, sslMode, authorities = systemAuthorities } = address;
    const parameters = new URLSearchParams({ sslmode: sslMode, connect_timeout: "10" });
    if (sslMode !== "require") {
        parameters.set("sslrootcert", authorities);
    }
    const authority = host.includes(":") ? `[${host}]` : host;
    return `postgresql+psycopg2://${encode(user)}@${authority}:${port}/${encode(database)}?${parameters.toString()}`;
}

/** `encodeURIComponent` leaves these five, which some parsers give a meaning. */
const encode = (text: string) =>
    encodeURIComponent(text).replace(
        /[!'()*]/g,
        (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
    );

/** Where an external database may be: one address if it was given as one; a name can stand for any. */
export function databaseCidrs(host: string): string[] {
    if (!ipaddr.isValid(host)) {
        return ["0.0.0.0/0"];
    }
    return [`${host}/${ipaddr.parse(host).kind() === "ipv4" ? 32 : 128}`];
}
