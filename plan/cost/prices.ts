import type { SourceName } from "./sources";

// What AWS asks for, in USD, on demand, without taxes, discounts and what is free in an account's first year. Each figure names where
// it was seen. What nobody has seen is not here: the estimate then says that it knows no price.

/** Regions that have prices of their own here. */
export const regions = ["us-west-1", "us-east-1", "us-west-2", "eu-central-1", "eu-west-1"] as const;
type Region = (typeof regions)[number];

/** An amount, and where it was seen. */
type Seen = readonly [usd: number, source: SourceName];

/** The same everywhere, or by region. */
type Entry = { readonly everywhere: Seen } | Partial<Record<Region, Seen>>;

/** Of several regions, in the order of `regions`, all from one source. */
const each = (source: SourceName, ...amounts: number[]): Entry =>
    Object.fromEntries(amounts.map((usd, index) => [regions[index], [usd, source]]));

/** EC2, Linux, per hour. */
const instances: Readonly<Record<string, Entry>> = {
    "t4g.small": each("catalog", 0.02, 0.0168, 0.0168, 0.0192, 0.0184),
    "t4g.medium": each("catalog", 0.04, 0.0336, 0.0336, 0.0384, 0.0368),
    "t4g.large": each("catalog", 0.08, 0.0672, 0.0672, 0.0768, 0.0736),
    "t4g.xlarge": each("catalog", 0.16, 0.1344, 0.1344, 0.1536, 0.1472),
    "t3.small": each("catalog", 0.0248, 0.0208, 0.0208, 0.024, 0.0228),
    "t3.medium": each("catalog", 0.0496, 0.0416, 0.0416, 0.048, 0.0456),
    "t3.large": each("catalog", 0.0992, 0.0832, 0.0832, 0.096, 0.0912),
    "t3.xlarge": each("catalog", 0.1984, 0.1664, 0.1664, 0.192, 0.1824),
    "m7g.medium": each("catalog", 0.0476, 0.0408, 0.0408, 0.0489, 0.0455),
    "m7g.large": each("catalog", 0.0952, 0.0816, 0.0816, 0.0978, 0.091),
    "m6i.large": each("catalog", 0.112, 0.096, 0.096, 0.115, 0.107),
    "m6i.xlarge": each("catalog", 0.224, 0.192, 0.192, 0.23, 0.214),
};

/** RDS for PostgreSQL in one zone, per hour. */
const databases: Readonly<Record<string, Entry>> = {
    "db.t4g.micro": {
        "us-west-1": [0.02, "noted"],
        "us-east-1": [0.016, "databasesEast"],
        "eu-west-1": [0.017, "billIreland"],
    },
    "db.t4g.small": { "us-east-1": [0.032, "guideEast"], "eu-west-1": [0.035, "billIreland"] },
    "db.t4g.medium": { "us-east-1": [0.065, "guideEast"] },
    "db.t4g.large": { "us-east-1": [0.129, "tablesEast"] },
};

/** By item; units stand beside the item where it is used (`kinds.ts`). */
const others: Readonly<Record<string, Entry>> = {
    /** EBS gp3, per GB-month. */
    volume: {
        "us-west-1": [0.096, "noted"],
        "us-east-1": [0.08, "runtimeEast"],
        "us-west-2": [0.08, "exampleOregon"],
        "eu-central-1": [0.0952, "listFrankfurt"],
        "eu-west-1": [0.088, "listIreland"],
    },
    /** Public IPv4 address, used or not, per hour. Read as the same in us-east-1 and eu-central-1. */
    publicAddress: { everywhere: [0.005, "listFrankfurt"] },
    /** RDS gp3, per GB-month, in one zone. */
    databaseStorage: { "us-west-1": [0.138, "noted"], "us-east-1": [0.115, "databasesEast"] },
    /** S3 Standard, the first 50 TB, per GB-month. */
    objects: {
        "us-west-1": [0.026, "listCalifornia"],
        "us-east-1": [0.023, "tablesEast"],
        "us-west-2": [0.023, "exampleOregon"],
    },
    /** S3 requests that write or list, per 1,000. */
    objectWrites: { "us-west-1": [0.0055, "listCalifornia"], "us-east-1": [0.005, "tablesEast"] },
    /** To the internet, after the first 100 GB of the account's month, up to 10 TB, per GB. */
    internet: { "us-west-1": [0.09, "listCalifornia"], "us-east-1": [0.09, "tablesEast"] },
    /** CloudWatch: an alarm with one metric, per month. */
    alarm: { "us-west-1": [0.1, "listCalifornia"] },
    /** CloudWatch: a metric of one's own, per month. */
    metric: { "us-west-1": [0.3, "listCalifornia"] },
    /** CloudWatch: log text taken in, per GB. */
    logs: { "us-west-1": [0.67, "listCalifornia"] },
    /** CloudWatch: log text kept, per GB-month. */
    keptLogs: { "us-west-1": [0.033, "listCalifornia"] },
    /** KMS: a key of one's own, per month. */
    key: { "us-west-1": [1, "listCalifornia"] },
};

const table: Readonly<Record<string, Entry>> = { ...instances, ...databases, ...others };

export interface Price {
    readonly usd: number;
    readonly source: SourceName;
}

/** The price of an item, such as `t4g.small` or `volume`; absent where nobody has seen one for the region. */
export function priceOf(item: string, region: string): Price | undefined {
    const entry = table[item] as (Partial<Record<string, Seen>> & { everywhere?: Seen }) | undefined;
    const seen = entry?.everywhere ?? entry?.[region];
    return seen && { usd: seen[0], source: seen[1] };
}

/** Every price with its item and region, for the page and the tests. */
export const everyPrice = (): (Price & { readonly item: string; readonly region: string })[] =>
    Object.entries(table).flatMap(([item, entry]) =>
        Object.entries(entry as Record<string, Seen>).map(([region, [usd, source]]) => ({ item, region, usd, source })),
    );
