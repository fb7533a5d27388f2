/**
 * Memory of an RDS instance class in GiB: `db.t4g.micro` has 1. Nothing for a class that is not known.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Summary.html
 */
export function memoryGib(instanceClass: string): number | undefined {
    const [, family, size] = /^db\.([tmr])\d[a-z]*\.([a-z0-9]+)$/.exec(instanceClass) ?? [];
    if (family === "t") {
        return { micro: 1, small: 2, medium: 4, large: 8, xlarge: 16, "2xlarge": 32 }[size];
    }
    const ofLarge = { m: 8, r: 16 }[family];
    const times = size === "large" ? 1 : size === "xlarge" ? 2 : 2 * Number(/^(\d+)xlarge$/.exec(size ?? "")?.[1]);
    return ofLarge && times ? ofLarge * times : undefined;
}

/**
 * Connections that a class takes at least. RDS sets `max_connections` to the class's memory divided by 9,531,392, at most 5000; that is the
 * memory that is left to the database, of which no figure is published: taken here is 70 % of all.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html#RDS_Limits.MaxConnections
 */
export const leastConnections = (gib: number): number => Math.min(Math.floor((gib * 2 ** 30 * 0.7) / 9_531_392), 5000);

/** RDS and PostgreSQL keep 5 for themselves; the others are for a backup, a restore, a collection, and whoever looks. */
const reserved = 15;

/** MLflow keeps runs and registered models in stores of their own, each with connections of its own. */
const storesOfWorker = 2;

/** The server answers so many requests of a worker at once (Starlette's threads). */
const mostUseful = 40;

/** How many connections a store of one worker keeps, and how many more it may make for a moment. */
export interface Pool {
    readonly size: number;
    readonly overflow: number;
}

/** The pools of all workers together stay below what the database takes. Nothing where that is too few for them. */
export function poolOf(connections: number, workers: number): Pool | undefined {
    const share = Math.min(Math.floor((connections - reserved) / workers / storesOfWorker), mostUseful);
    // MLflow takes an overflow of 0 for none given.
    if (share < 2) {
        return undefined;
    }
    const size = Math.max(Math.floor(share / 3), 1);
    return { size, overflow: share - size };
}
