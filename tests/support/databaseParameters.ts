import { PutParameterCommand, type SSMClient } from "@aws-sdk/client-ssm";

/** What the stack keeps of a PostgreSQL. */
export interface StoredDatabase {
    /** Without a password. */
    readonly address: string;
    /** The newest first. */
    readonly passwords: readonly string[];
}

/** Stores a database as the stack does, where a host with this `databaseParameter` reads it. */
export async function storeDatabase(
    client: SSMClient,
    prefix: string,
    { address, passwords }: StoredDatabase,
): Promise<void> {
    const Overwrite = true;
    await client.send(
        new PutParameterCommand({ Name: `${prefix}-address`, Type: "String", Value: address, Overwrite }),
    );
    const Value = passwords.join("\n");
    await client.send(new PutParameterCommand({ Name: `${prefix}-passwords`, Type: "SecureString", Value, Overwrite }));
}
