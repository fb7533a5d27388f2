import { z } from "zod";
import { memoryGib } from "../components/databaseSizes";
import { hostName, isAddress } from "./formats";
import { flag, inBytes, integer, oneOf, type Rule } from "./kinds";

/** PostgreSQL cuts longer names off without a word. */
const identifier = {
    type: "string" as const,
    schema: inBytes(1, 63, /^\P{C}*$/u),
    allowed: "1 to 63 bytes in UTF-8, no control characters",
};

/** The settings of the database, in the order of Pulumi.yaml. */
export const databaseRules = {
    backend: oneOf("sqlite", "external", "rds"),
    databaseHost: {
        type: "string",
        schema: z.string().refine((host) => host === "" || isAddress(host) || hostName.test(host)),
        allowed: "a host name or an IP address (IPv6 in its shortest spelling, lower case), without scheme or port",
    },
    databasePort: integer(1, 65535),
    databaseName: identifier,
    databaseUser: identifier,
    databasePassword: {
        type: "string",
        // Far below the 4,096 characters of the parameter that holds it.
        schema: inBytes(0, 512, /^[^\p{Cc}\p{Cs}]*$/u),
        allowed: "at most 512 bytes in UTF-8, no control characters",
        remedy: "pulumi config set --secret databasePassword",
        secret: true,
    },
    databaseSslMode: {
        ...oneOf("require", "verify-ca", "verify-full"),
        remedy: "pulumi config set databaseSslMode require; anything less would send the password in plain text",
    },
    databaseInstanceClass: {
        type: "string",
        schema: z.string().refine((name) => memoryGib(name) !== undefined),
        allowed: "a class of the families t, m and r, such as `db.t4g.micro`, `db.t4g.medium` or `db.m7g.large`",
    },
    databaseVersion: oneOf("16", "17", "18"),
    databaseMultiAz: flag,
    databaseStorageGib: integer(20, 65536, " (GiB)"),
    databaseMostStorageGib: integer(20, 65536, " (GiB)"),
    databaseBackupDays: integer(7, 35),
    databasePasswordGeneration: integer(1, 9999),
    dailyDatabaseDump: flag,
} satisfies Record<string, Rule>;
