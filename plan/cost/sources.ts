/** How far a figure can be relied on. */
export type Confidence =
    /** Read from AWS's price list, or from data that is made of it. */
    | "price list"
    /** Somebody's bill, page or table. */
    | "third party"
    /** Noted without a source that could be named: look into the AWS calculator. */
    | "unverified";

export interface Source {
    readonly confidence: Confidence;
    /** When it was read there: a day, a month or a year. */
    readonly seen: string;
    readonly text: string;
}

/** Where the prices were seen. */
export const sources = {
    catalog: {
        confidence: "price list",
        seen: "2025",
        text: "catalog of skypilot-org/skypilot-catalog, `catalogs/v7/aws/vms.csv` at 27f67dd4, made of AWS's price list; the copy bears no date, its format began in 2025. Its us-east-1 column is that of aws/karpenter-provider-aws of 2026, its t4g.small in Frankfurt and Ireland that of the next sources",
    },
    listCalifornia: {
        confidence: "price list",
        seen: "2026-09-29",
        text: "an estimate for us-west-1 in a public repository, with the SKU of each price, read from AWS's price list",
    },
    listFrankfurt: {
        confidence: "price list",
        seen: "2026-08-26",
        text: "an estimate for eu-central-1 in a public repository, with usage types, read from AWS's price list",
    },
    listIreland: {
        confidence: "price list",
        seen: "2026",
        text: "a test report in a public repository that quotes the answer of AWS's price list for eu-west-1",
    },
    databasesEast: {
        confidence: "price list",
        seen: "2026-09-24",
        text: "an operator's page in a public repository, with usage types, read from AWS's price list for us-east-1",
    },
    runtimeEast: {
        confidence: "price list",
        seen: "2026-09-10",
        text: "the same page as for the databases of us-east-1",
    },
    exampleOregon: {
        confidence: "third party",
        seen: "2026",
        text: "a worked example and a billing program for us-west-2 in public repositories, which name AWS's price list",
    },
    billIreland: {
        confidence: "third party",
        seen: "2026",
        text: "rates that Cost Explorer showed for an account in eu-west-1, in a public repository",
    },
    guideEast: {
        confidence: "third party",
        seen: "2026",
        text: "infratally.com, AWS RDS pricing explained (2026), for us-east-1",
    },
    tablesEast: {
        confidence: "third party",
        seen: "2026",
        text: "tables of prices for us-east-1 in several public repositories, which agree",
    },
    noted: {
        confidence: "unverified",
        seen: "2026-11",
        text: "noted for us-west-1 without a source that could be named; for the database the upper end of 0.018 to 0.020",
    },
} as const satisfies Record<string, Source>;

export type SourceName = keyof typeof sources;
export const sourceOf = (name: SourceName): Source => sources[name];
