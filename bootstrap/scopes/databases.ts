import type { Environment } from "../environment";
import type { Definition } from "./scope";

const rds = ({ partition, region, accountId, name }: Environment, ...kinds: string[]) =>
    kinds.map((kind) => `arn:${partition}:rds:${region}:${accountId}:${kind}:${name}-backend-database-*`);

/** The PostgreSQL in RDS: known by its names, which begin with the stack's. */
export const databaseScopes = {
    database: {
        words: "the RDS instance `mlflow-<stack>-backend-database-…`",
        of: (environment) => ({ Resource: rds(environment, "db") }),
    },
    everyDatabase: {
        words: "the RDS instances of the region, which the provider looks through by a number",
        of: ({ partition, region, accountId }) => ({ Resource: [`arn:${partition}:rds:${region}:${accountId}:db:*`] }),
    },
    unprotectedDatabase: {
        words: "the same, unless `protect` is set",
        of: (environment) => ({ Resource: environment.protect ? [] : rds(environment, "db") }),
    },
    lastSnapshot: {
        words: "its snapshots, and itself to make one",
        of: (environment) => ({ Resource: rds(environment, "db", "snapshot") }),
    },
    databaseGroups: {
        words: "its groups of subnets and of parameters",
        of: (environment) => ({ Resource: rds(environment, "subgrp", "pg") }),
    },
    databaseOptions: {
        words: "AWS's own group of options, which every instance has",
        of: ({ partition, region, accountId }) => ({
            Resource: [`arn:${partition}:rds:${region}:${accountId}:og:default:*`],
        }),
    },
    roleOfRds: {
        words: "the role that RDS itself has in an account, made with the first database",
        of: ({ partition, accountId }) => ({
            Resource: [`arn:${partition}:iam::${accountId}:role/aws-service-role/rds.amazonaws.com/*`],
            Condition: { StringEquals: { "iam:AWSServiceName": "rds.amazonaws.com" } },
        }),
    },
} as const satisfies Record<string, Definition>;
