import { median, table } from "../table";
import type { Visit } from "./figures";
import { cellName, kindsOfRequest, numbersOfClients, type Rates } from "./requests";
import { directions, sizes, transferName, type Transfers } from "./transfers";

// The figures of all rounds as text. A ratio is the median of the ratios within a round.

/** The same measured on this host and on another, once a round. */
interface Pair<T> {
    readonly own: T[];
    readonly other: T[];
}

export interface Figures {
    readonly sqlite: Pair<Visit>;
    /** Empty without a PostgreSQL on this machine. */
    readonly postgresql: Pair<Rates>;
    /** Transfers without a server, from the rounds with transfers. */
    readonly s3: Transfers[];
    /** Seconds of `host/install.sh` and of pip. */
    readonly install: Pair<number>;
}

type Aim = { readonly text: string; readonly isMet: (value: number) => boolean };
const atMost = (limit: number, text = limit.toFixed(2)): Aim => ({
    text: `at most ${text}`,
    isMet: (value) => value <= limit,
});
const atLeast = (limit: number): Aim => ({ text: `at least ${limit}`, isMet: (value) => value >= limit });
const below = (limit: number): Aim => ({ text: `below ${limit}`, isMet: (value) => value < limit });
const judged = (value: number, aim?: Aim) => (aim ? `${aim.text}: ${aim.isMet(value) ? "met" : "**missed**"}` : "");

const aThird = atMost(1 / 3, "0.33");
const aQuarter = atMost(1 / 4, "0.25");

const ratio = ({ own, other }: Pair<number>) => median(own.map((value, round) => value / other[round]));
const of = <T, V>({ own, other }: Pair<T>, value: (from: T) => V): Pair<V> => ({
    own: own.map(value),
    other: other.map(value),
});

function compared(name: string, pair: Pair<number>, digits: number, aim?: Aim): string[] {
    const [own, other] = [pair.own, pair.other].map((values) => median(values).toFixed(digits));
    return [name, own, other, ratio(pair).toFixed(2), judged(ratio(pair), aim)];
}

function restAndStart(visits: Pair<Visit>): string {
    return table(
        ["At rest and at start", "This host", "Default", "Ratio", "Aim"],
        [
            compared(
                "memory, MB",
                of(visits, ({ memory }) => memory),
                0,
                aThird,
            ),
            compared(
                "processes",
                of(visits, ({ processes }) => processes),
                0,
            ),
            compared(
                "seconds to healthy, new database",
                of(visits, ({ firstStart }) => firstStart),
                1,
                aThird,
            ),
            compared(
                "seconds to healthy, second start",
                of(visits, ({ secondStart }) => secondStart),
                1,
                aThird,
            ),
        ],
    );
}

const aimsOfRates: Record<string, Aim> = {
    [cellName("log-metric", 1)]: atLeast(4),
    [cellName("log-metric", 32)]: atLeast(1.5),
};

function requests(database: string, rates: Pair<Rates>): string {
    const heads = ["requests a second", "p95 in ms"].flatMap((what) => [`This host, ${what}`, `default, ${what}`]);
    const rows = kindsOfRequest.flatMap((kind) =>
        numbersOfClients.map((clients) => {
            const cell = cellName(kind, clients);
            const perSecond = of(rates, (from) => from[cell].perSecond);
            const p95 = of(rates, (from) => from[cell].p95 * 1000);
            const shown = [perSecond.own, perSecond.other, p95.own, p95.other].map((all) => median(all).toFixed(0));
            return [
                kind,
                String(clients),
                ...shown,
                ratio(perSecond).toFixed(2),
                judged(ratio(perSecond), aimsOfRates[cell]),
            ];
        }),
    );
    return table([`With ${database}`, "Clients", ...heads, "Ratio of rates", "Aim"], rows);
}

function artifacts(visits: Pair<Visit>, s3: Transfers[]): string {
    const [own, other] = [visits.own, visits.other].map((all) =>
        all.flatMap(({ transfers }): Transfers[] => (transfers ? [transfers] : [])),
    );
    const rows = Object.keys(sizes).flatMap((size) =>
        directions.map((direction) => {
            const name = transferName(size, direction);
            const seconds = [own, other, s3].map((all) => all.map((transfers) => transfers[name].seconds));
            const growth = [own, other].map((all) => median(all.map((transfers) => transfers[name].growth)));
            return [
                name,
                ...seconds.map((all) => median(all).toFixed(1)),
                ratio({ own: seconds[0], other: seconds[2] }).toFixed(2),
                ...growth.map((value) => value.toFixed(0)),
                judged(growth[0], size === "1 GiB" ? below(100) : undefined),
            ];
        }),
    );
    const heads = ["This host, s", "Default, s", "S3 itself, s", "Ratio to S3 itself"];
    return table(["Artifacts", ...heads, "Memory growth, MB", "Default's, MB", "Aim of growth"], rows);
}

const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);

/** How many requests of all rounds were answered, and how many failed. */
export function requestsOf(
    side: keyof Pair<unknown>,
    { sqlite, postgresql }: Figures,
): { answers: number; errors: number } {
    const cells = [...sqlite[side].map(({ rates }) => rates), ...postgresql[side]].flatMap((rates) =>
        Object.values(rates),
    );
    return { answers: sum(cells.map(({ answers }) => answers)), errors: sum(cells.map(({ errors }) => errors)) };
}

/** All tables, after a first paragraph that says what was measured where. */
export function report(introduction: string, figures: Figures): string {
    const { sqlite, postgresql, s3, install } = figures;
    const [own, other] = (["own", "other"] as const).map((side) => requestsOf(side, figures));
    return [
        introduction,
        restAndStart(sqlite),
        requests(
            "SQLite",
            of(sqlite, ({ rates }) => rates),
        ),
        ...(postgresql.own.length > 0 ? [requests("PostgreSQL", postgresql)] : []),
        `This host answered ${own.answers} requests and failed ${own.errors}; the default answered ${other.answers} and failed ${other.errors}.`,
        artifacts(sqlite, s3),
        table(
            ["Installation", "`host/install.sh`", "pip", "Ratio", "Aim"],
            [compared("seconds", install, 1, aQuarter)],
        ),
    ].join("\n\n");
}
