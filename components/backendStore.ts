import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import * as ipaddr from "ipaddr.js";
import { token } from "./token";

/** An existing PostgreSQL server. */
export interface PostgresqlAddress {
    readonly host: string;
    readonly port: number;
    readonly database: string;
    readonly user: string;
    readonly password: pulumi.Output<string>;
    readonly sslMode: "require" | "verify-ca" | "verify-full";
}

export interface BackendStoreArgs {
    /** Name of the parameter that holds the address, such as `/mlflow-dev/database-address`. */
    readonly parameterName: string;
    /** Absent: SQLite on the data volume. */
    readonly postgresql?: PostgresqlAddress;
    readonly tags: Record<string, string>;
}

/** Where runs, metrics and parameters are stored: SQLite on the host's data volume, or an existing PostgreSQL. */
export class BackendStore extends pulumi.ComponentResource {
    public readonly kind: "sqlite" | "postgresql";
    /** Encrypted parameter with the database's address, which the host fetches at start. */
    public readonly addressParameter?: { readonly name: pulumi.Output<string>; readonly arn: pulumi.Output<string> };

    constructor(name: string, args: BackendStoreArgs, opts?: pulumi.ComponentResourceOptions) {
        super(token("BackendStore"), name, {}, opts);
        this.kind = args.postgresql ? "postgresql" : "sqlite";
        if (args.postgresql) {
            const { password, ...address } = args.postgresql;
            const parameter = new aws.ssm.Parameter(
                `${name}-address`,
                {
                    name: args.parameterName,
                    description: "Address of the MLflow backend store, with its password",
                    type: "SecureString",
                    value: pulumi.secret(password.apply((plain) => postgresqlUri({ ...address, password: plain }))),
                    tags: args.tags,
                },
                { parent: this },
            );
            this.addressParameter = { name: parameter.name, arn: parameter.arn };
        }
        this.registerOutputs({ kind: this.kind, addressParameterName: this.addressParameter?.name });
    }
}

/** Amazon Linux keeps the authorities that it trusts here. */
const systemAuthorities = "/etc/pki/tls/certs/ca-bundle.crt";

/**
 * The address as MLflow takes it. Every part is percent-encoded, so that any password works. The driver is the lock file's:
 * without a name, SQLAlchemy 2.1 looks for another.
 * `connect_timeout` (seconds): without it, a database that stays silent is waited for without a word in the log.
 */
export function postgresqlUri(address: Omit<PostgresqlAddress, "password"> & { readonly password: string }): string {
    const { host, port, database, user, password, sslMode } = address;
    const parameters = new URLSearchParams({ sslmode: sslMode, connect_timeout: "10" });
    if (sslMode !== "require") {
        parameters.set("sslrootcert", systemAuthorities);
    }
    const authority = host.includes(":") ? `[${host}]` : host;
    return `postgresql+psycopg2://${encode(user)}:${encode(password)}@${authority}:${port}/${encode(database)}?${parameters.toString()}`;
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
