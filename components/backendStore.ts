import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { createDatabase, type Database, type DatabaseArgs } from "./database";
import { type DatabaseAddress, databaseCidrs, databaseUri } from "./databaseAddress";
import { type Pool, poolOf } from "./databaseSizes";
import { authoritiesOnHost } from "./hostBundle";
import { token } from "./token";

/** A PostgreSQL that exists. */
export interface ExternalDatabase extends Omit<DatabaseAddress, "authorities"> {
    readonly password: pulumi.Output<string>;
}

/** A PostgreSQL that the program makes. */
export interface OwnDatabase extends Omit<DatabaseArgs, "password" | "tags"> {
    readonly region: string;
    /** Raised by one for another password. */
    readonly passwordGeneration: number;
}

export interface BackendStoreArgs {
    /** First part of the parameters' names, such as `/mlflow-dev/database`. */
    readonly parameterPrefix: string;
    /** Absent, as `own`: SQLite on the data volume. */
    readonly external?: ExternalDatabase;
    readonly own?: OwnDatabase;
    /** Server processes, which share the connections of an own database. */
    readonly workers: number;
    readonly tags: Record<string, string>;
}

/** What the host's firewall must let through to the database. */
export type DatabaseDoor = { readonly port: number } & (
    { readonly cidrs: readonly string[] } | { readonly securityGroupId: pulumi.Output<string> }
);

/** What the host needs to know of a PostgreSQL, whoever made it. */
export interface HostDatabase {
    /** Begins the names of the parameters that the host reads: `<prefix>-address`, and `<prefix>-passwords`, encrypted. */
    readonly parameterPrefix: pulumi.Output<string>;
    readonly parameterArns: pulumi.Output<string>[];
    readonly door: DatabaseDoor;
    /** Absent: MLflow's own pools. */
    readonly pool?: Pool;
}

/** Where runs, metrics and parameters are stored: SQLite on the host's data volume, an existing PostgreSQL, or one of its own in RDS. */
export class BackendStore extends pulumi.ComponentResource {
    public readonly kind: "sqlite" | "external" | "rds";
    /** Absent with SQLite. */
    public readonly database?: HostDatabase;
    /** The one that the program made. */
    public readonly own?: Database;

    constructor(
        private readonly name: string,
        private readonly args: BackendStoreArgs,
        opts?: pulumi.ComponentResourceOptions,
    ) {
        super(token("BackendStore"), name, {}, opts);
        const { external, own } = args;
        this.kind = own ? "rds" : external ? "external" : "sqlite";
        if (own) {
            const { parameter, password } = this.createPasswords(own.passwordGeneration);
            // The host must know a new password before the database does.
            this.own = createDatabase(`${name}-database`, { ...own, password, tags: args.tags }, this, [parameter]);
            const { host, securityGroupId } = this.own;
            const address = host.apply((given) =>
                databaseUri({
                    ...own,
                    host: given,
                    sslMode: "verify-full",
                    authorities: authoritiesOnHost(own.region),
                }),
            );
            this.database = {
                ...this.createParameters(address, parameter),
                door: { port: own.port, securityGroupId },
                pool: poolOf(this.own.maxConnections, args.workers),
            };
        } else if (external) {
            const parameter = this.storePasswords(external.password);
            this.database = {
                ...this.createParameters(pulumi.output(databaseUri(external)), parameter),
                door: { port: external.port, cidrs: databaseCidrs(external.host) },
            };
        }
        this.registerOutputs({ kind: this.kind, parameterPrefix: this.database?.parameterPrefix });
    }

    /**
     * The password of this generation, and for the time of a change the one before it: whichever the database knows at a moment, the host
     * has it. 32 letters and digits, about 190 bits.
     */
    private createPasswords(generation: number) {
        const [newest, ...older] = [generation, generation - 1]
            .filter((number) => number > 0)
            .map(
                (number) =>
                    new random.RandomPassword(
                        `${this.name}-password-${number}`,
                        { length: 32, special: false },
                        { parent: this },
                    ).result,
            );
        const lines = pulumi.all([newest, ...older]).apply((passwords) => passwords.join("\n"));
        return { parameter: this.storePasswords(lines), password: newest };
    }

    private storePasswords(lines: pulumi.Output<string>): aws.ssm.Parameter {
        return new aws.ssm.Parameter(
            `${this.name}-passwords`,
            {
                name: `${this.args.parameterPrefix}-passwords`,
                description: "Password of the MLflow backend store, then the one before it",
                type: "SecureString",
                value: pulumi.secret(lines),
                tags: this.args.tags,
            },
            { parent: this },
        );
    }

    private createParameters(address: pulumi.Output<string>, passwords: aws.ssm.Parameter) {
        const { parameterPrefix, tags } = this.args;
        const parameter = new aws.ssm.Parameter(
            `${this.name}-address`,
            {
                name: `${parameterPrefix}-address`,
                description: "Address of the MLflow backend store, without its password",
                type: "String",
                insecureValue: address,
                tags,
            },
            { parent: this },
        );
        return {
            // Known when both are there.
            parameterPrefix: pulumi.all([parameter.name, passwords.name]).apply(() => parameterPrefix),
            parameterArns: [parameter.arn, passwords.arn],
        };
    }
}
