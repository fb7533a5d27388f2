import { leastConnections, memoryGib, poolOf } from "../components/databaseSizes";
import type { Relation } from "./relations";
import type { Values } from "./rules";

/** Names that RDS or PostgreSQL keeps. https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html */
const taken = [
    "admin",
    "postgres",
    "public",
    "rdsadmin",
    "rdsrepladmin",
    "rds_superuser",
    "user",
    "template0",
    "template1",
];
const plainName = /^(?!pg_)[a-z][a-z0-9_]{0,62}$/;
const isUsable = (name: string) => plainName.test(name) && !taken.includes(name);

const poolFor = (values: Values, workers: number) =>
    poolOf(leastConnections(memoryGib(values.databaseInstanceClass)!), workers);

/** Workers that the smallest class can serve; a larger one serves more. */
const mostWorkers = (values: Values): number =>
    [...Array(32).keys()].filter((number) => poolFor(values, number + 1)).length;

const named = (key: "databaseName" | "databaseUser"): Relation => ({
    key,
    with: ["backend"],
    broken: (values) => values.backend === "rds" && !isUsable(values[key]),
    allowed:
        "with backend `rds`, 1 to 63 lower-case letters, digits and `_`, a letter first, and no name that RDS or PostgreSQL keeps, such as `postgres`",
    remedy: `pulumi config set ${key} mlflow`,
});

/** What a database in RDS demands of the other settings. */
export const ownDatabaseRelations: readonly Relation[] = [
    {
        key: "backend",
        with: ["existingInstanceId"],
        broken: (values) => values.backend === "rds" && values.existingInstanceId !== "",
        allowed: "anything but `rds` with existingInstanceId, whose firewall is not ours to open",
        remedy: "pulumi config rm existingInstanceId, or make the database yourself and name it: pulumi config set backend external",
    },
    {
        key: "databaseSubnetIds",
        with: ["backend", "vpcId"],
        broken: (values) => values.backend === "rds" && values.vpcId !== "" && values.databaseSubnetIds.length === 0,
        allowed: "with backend `rds` in the VPC of vpcId, at least two subnets in two zones",
        remedy: "pulumi config set --path 'databaseSubnetIds[0]' subnet-0123456789abcdef0, and another",
    },
    named("databaseName"),
    named("databaseUser"),
    {
        key: "databasePort",
        with: ["backend"],
        broken: (values) => values.backend === "rds" && values.databasePort < 1150,
        allowed: "with backend `rds`, an integer from 1150 to 65535",
        remedy: "pulumi config set databasePort 5432",
    },
    {
        key: "databaseMostStorageGib",
        with: ["databaseStorageGib"],
        broken: (values) => values.databaseMostStorageGib < values.databaseStorageGib,
        allowed: "at least databaseStorageGib; as much means that the storage does not grow by itself",
        remedy: "pulumi config set databaseMostStorageGib to as many GiB or more",
    },
    {
        key: "workers",
        with: ["backend", "databaseInstanceClass"],
        broken: (values) => values.backend === "rds" && values.workers > mostWorkers(values),
        allowed: "so many that the connections of databaseInstanceClass are enough for them (`db.t4g.micro`: 15)",
        remedy: "pulumi config set workers 2, or a larger databaseInstanceClass",
    },
];
