import { appendFileSync } from "node:fs";

// Drills are tests whose result is also a row of docs/reliability.md. `npm run drills` has them written down, by naming a file in
// the environment; in any other run they are tests like others.

/** A row of the page. */
export interface Row {
    /** The fault. */
    readonly title: string;
    /** What happens then, which the drill asserts. */
    readonly happens: string;
    /** What was seen: reported, never asserted. */
    readonly figure: string;
}

/** The name of the environment's variable. */
export const figuresFile = "DRILL_FIGURES";

/** How a drill is called in the report of the tests. */
export const nameOf = ({ title, happens }: Omit<Row, "figure">): string => `${title}: ${happens}`;

/** Declares a drill; it returns the figure, and `this` is mocha's context. */
export function drill(title: string, happens: string, body: (this: Mocha.Context) => Promise<string>): void {
    it(nameOf({ title, happens }), async function () {
        const row: Row = { title, happens, figure: await body.call(this) };
        const file = process.env[figuresFile];
        if (file) {
            appendFileSync(file, `${JSON.stringify(row)}\n`);
        }
    });
}

/** Seconds since a moment of `performance.now()`, for people. */
export const secondsSince = (start: number): string => `${((performance.now() - start) / 1000).toFixed(1)} s`;
