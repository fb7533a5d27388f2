/** A stack whose cost docs/cost.md tells. */
export interface Variation {
    readonly title: string;
    readonly stack: string;
    /** Default: those of `Pulumi.<stack>.yaml`. */
    readonly settings?: Readonly<Record<string, unknown>>;
    readonly region?: string;
    /** What the figure leaves out, beside a managed server; absent: not compared with one. */
    readonly lacks?: string;
}

const office = { runningHours: "Mon-Fri 07:00-19:00" };
const operator = "the time of whoever operates it; a second zone: a lost zone is a restore";

export const variations: readonly Variation[] = [
    { title: "dev, as `Pulumi.dev.yaml` has it", stack: "dev" },
    { title: "dev with running hours, Mon-Fri 07:00-19:00", stack: "dev", settings: office },
    { title: "dev with `instanceType: t4g.medium`", stack: "dev", settings: { instanceType: "t4g.medium" } },
    { title: "the same with those running hours", stack: "dev", settings: { instanceType: "t4g.medium", ...office } },
    {
        title: "dev with a database db.t4g.micro, 20 GB, in one zone",
        stack: "dev",
        settings: { backend: "rds" },
    },
    { title: "prod, as `Pulumi.prod.yaml` has it", stack: "prod" },
    {
        title: "a protected stack with `instanceType: m7g.large`",
        stack: "prod",
        settings: { protect: true, instanceType: "m7g.large" },
    },
    { title: "dev", stack: "dev", settings: {}, region: "us-east-1", lacks: operator },
    {
        title: "dev with running hours, Mon-Fri 07:00-19:00",
        stack: "dev",
        settings: office,
        region: "us-east-1",
        lacks: `${operator}; the server outside of the hours`,
    },
    {
        title: "t4g.medium, and a database db.t4g.small, 20 GB, in two zones",
        stack: "dev",
        settings: {
            ...{ instanceType: "t4g.medium", backend: "rds" },
            ...{ databaseInstanceClass: "db.t4g.small", databaseMultiAz: true },
        },
        region: "us-east-1",
        lacks: "the time of whoever operates it; the host is in one zone",
    },
    { title: "dev", stack: "dev", settings: {}, region: "eu-central-1" },
];

/** SageMaker's managed MLflow server of the size Small in us-east-1, while it runs (third party, 2026). */
export const managedServer = {
    usdPerHour: 0.642,
    lacks: "a choice of MLflow's version beyond AWS's; clients without AWS credentials",
};
