import { weeklyHoursBetween } from "../../components/scheduleExpressions";
import type { DeclaredResource } from "../evaluate";
import { type Assumptions, inWords, paidInternetGb, shareOf, usual } from "./assumptions";
import { bucketItems, free, type Item, paid, type Surroundings } from "./kinds";
import { priceOf } from "./prices";
import { type Confidence, sourceOf } from "./sources";

/** What one thing costs in a month. */
export interface Line {
    /** Name of the resource; absent for what no resource stands for. */
    readonly resource?: string;
    readonly what: string;
    readonly quantity: number;
    readonly unit: string;
    /** For one unit; absent with `usd` where no price is known. */
    readonly usdPerUnit?: number;
    readonly usd?: number;
    readonly confidence?: Confidence;
    /** When the price was read where it was found. */
    readonly seen?: string;
}

export interface Estimate {
    readonly currency: "USD";
    readonly region: string;
    readonly lines: readonly Line[];
    /** Of the lines that have a price, to the cent. */
    readonly total: number;
    /** What has no price here: the total is too low by it. */
    readonly unknown: readonly string[];
    readonly assumptions: readonly string[];
    /** When the oldest and the newest of the prices were read where they were found. */
    readonly pricesSeen: { readonly first: string; readonly last: string };
}

type Resources = readonly Pick<DeclaredResource, "type" | "name" | "inputs">[];

const cents = (usd: number) => Math.round(usd * 100) / 100;

/**
 * What a stack costs in a month.
 *
 * @param resources as the plan evaluates them: types and inputs
 * @throws for a type that is neither priced nor listed as free, so that a new one cannot pass unnoticed
 */
export function estimate(resources: Resources, region: string, assumptions: Assumptions = usual): Estimate {
    const surroundings: Surroundings = {
        assumptions,
        running: { host: runningShare(resources, "ec2"), database: runningShare(resources, "rds") },
        hasFixedAddress: resources.some(({ type }) => type === "aws:ec2/eip:Eip"),
    };
    const lines = resources
        .filter(({ type }) => /^(aws|random):/.test(type))
        .flatMap(({ type, name, inputs }) => {
            if (!paid[type] && !free[type]) {
                throw new Error(`plan/cost/kinds.ts says neither what ${type} costs nor why it is free`);
            }
            return (paid[type]?.(inputs, surroundings) ?? []).map((item) => priced(item, region, name));
        });
    lines.push(...withoutResource(resources, assumptions).map((item) => priced(item, region)));
    const seen = lines.flatMap((line) => line.seen ?? []).sort();
    return {
        currency: "USD",
        region,
        lines,
        total: cents(lines.reduce((sum, { usd = 0 }) => sum + usd, 0)),
        unknown: lines.filter(({ usd }) => usd === undefined).map(({ what }) => `${what} in ${region}`),
        assumptions: inWords(assumptions),
        pricesSeen: { first: seen[0] ?? "", last: seen.at(-1) ?? "" },
    };
}

/** What a bucket that is there already holds for the stack, and what leaves for the internet. */
function withoutResource(resources: Resources, assumptions: Assumptions): Item[] {
    const hasBucket = resources.some(({ type }) => type === "aws:s3/bucket:Bucket");
    const outward = paidInternetGb(assumptions);
    return [
        ...(hasBucket ? [] : bucketItems(assumptions)),
        ...(outward > 0
            ? [{ what: "to the internet, beyond what is free", price: "internet", quantity: outward, unit: "GB" }]
            : []),
    ];
}

function priced({ what, price, quantity, unit, per = 1 }: Item, region: string, resource?: string): Line {
    const found = priceOf(price, region);
    const line = { ...(resource !== undefined && { resource }), what, quantity: cents(quantity), unit };
    if (!found) {
        return line;
    }
    const { confidence, seen } = sourceOf(found.source);
    const usdPerUnit = found.usd / per;
    return { ...line, usdPerUnit, usd: cents(quantity * usdPerUnit), confidence, seen };
}

/** Of all hours, those in which schedules let the stack's instance or database run; all, where there is no schedule. */
function runningShare(resources: Resources, service: "ec2" | "rds"): number {
    const expressionOf = (verb: "start" | "stop") =>
        resources
            .filter(({ type }) => type === "aws:scheduler/schedule:Schedule")
            .map(({ inputs }) => inputs as { target: { arn: string }; scheduleExpression: string })
            .find(({ target }) => target.arn.includes(`aws-sdk:${service}:${verb}`))?.scheduleExpression;
    const [start, stop] = [expressionOf("start"), expressionOf("stop")];
    return start === undefined || stop === undefined ? 1 : shareOf(weeklyHoursBetween(start, stop));
}
