import { quantityOf } from "../plan/cost/costLines";
import { hoursPerMonth } from "../plan/cost/assumptions";
import { type Estimate, estimate } from "../plan/cost/estimate";
import { everyPrice, regions } from "../plan/cost/prices";
import { sourceOf, sources } from "../plan/cost/sources";
import { evaluate } from "../plan/evaluate";
import { imaginaryAws } from "../plan/imaginaryAws";
import { stackConfig } from "../plan/stackConfig";
import { withPart } from "./part";
import { managedServer, variations, type Variation } from "./costVariations";
import { markdownTable } from "./table";

// docs/cost.md: what stacks cost, by the estimate that `npm run plan` shows.

const usd = (amount: number) => amount.toFixed(2);

async function costOf({ stack, settings, region }: Variation): Promise<Estimate> {
    const config = stackConfig(stack, settings && { ...settings, ...(region && { "aws:region": region }) });
    const where = config.values["aws:region"];
    const { resources } = await evaluate(config, imaginaryAws(where));
    return estimate(resources, where);
}

const totalOf = ({ total, unknown }: Estimate) =>
    unknown.length > 0 ? `${usd(total)} and what has no price here: ${unknown.join(", ")}` : usd(total);

const inDetail = ({ lines, total }: Estimate): string =>
    markdownTable(
        ["What", "How much", "USD a month"],
        [
            ...lines.map((line) => [line.what, quantityOf(line), line.usd === undefined ? "?" : usd(line.usd)]),
            ["**total**", "", `**${usd(total)}**`],
        ],
    );

const overview = (costs: readonly (readonly [Variation, Estimate])[]): string =>
    markdownTable(
        ["Stack", "Region", "USD a month"],
        costs.map(([{ title }, cost]) => [title, cost.region, totalOf(cost)]),
    );

/** The same region for both: what a stack's bucket holds is paid for beside the managed server too. */
function comparison(costs: readonly (readonly [Variation, Estimate])[]): string {
    const compared = costs.filter(([{ lacks }]) => lacks !== undefined);
    const [, cheapest] = compared[0];
    const bucket = cheapest.lines
        .filter(({ what }) => what.startsWith("S3: "))
        .reduce((sum, { usd: amount = 0 }) => sum + amount, 0);
    const { usdPerHour, lacks: managedLacks } = managedServer;
    const managed = usdPerHour * hoursPerMonth;
    const share = ({ total }: Estimate) => `${Math.round((100 * total) / (managed + bucket))} %`;
    const table = markdownTable(
        ["Server", "Region", "USD a month", "Does not include"],
        [
            ...compared.map(([{ title, lacks = "" }, cost]) => [title, cost.region, totalOf(cost), lacks]),
            [
                "SageMaker managed MLflow, Small, always on",
                cheapest.region,
                `${usd(managed)} (${usdPerHour} an hour, third party) and ${usd(bucket)} for the same bucket: ${usd(managed + bucket)}`,
                `storage of the metadata (no price known); ${managedLacks}`,
            ],
            ["the same", "eu-central-1", "about 647 (third party), and the bucket", "the same"],
            [
                "SageMaker MLflow without servers, announced 2025-12-03",
                cheapest.region,
                `free of charge (unverified), and ${usd(bucket)} for the same bucket`,
                `${managedLacks}; its limits were not looked at: ask AWS`,
            ],
        ],
    );
    const hours = Math.floor((cheapest.total - bucket) / usdPerHour);
    const [, largest] = compared[compared.length - 1];
    const verdict = [
        `Beside SageMaker's Small, always on, dev costs ${share(cheapest)}, and a larger host with a database in two zones ${share(largest)}.`,
        `A Small is billed while it runs: one that is started for less than ${hours} hours a month is cheaper than dev that never stops.`,
    ];
    return `${table}\n\n${verdict.join(" ")}`;
}

function prices(): string {
    const seen = everyPrice();
    const at = (item: string, region: string) => seen.find((price) => price.item === item && price.region === region);
    const items = [...new Set(seen.map(({ item }) => item))];
    return markdownTable(
        ["Item", ...regions],
        items.map((item) => [
            `\`${item}\``,
            ...regions.map((region) => {
                const found = at(item, "everywhere") ?? at(item, region);
                return found ? `${found.usd} ${found.source}` : "no price known";
            }),
        ]),
    );
}

const sourcesTable = (): string =>
    markdownTable(
        ["Source", "Is", "Seen", "Where"],
        Object.keys(sources).map((name) => {
            const { confidence, seen, text } = sourceOf(name as keyof typeof sources);
            return [name, confidence, seen, text];
        }),
    );

/** The README with what dev costs. */
export async function withDevCost(readme: string): Promise<string> {
    const [dev, inHours] = variations;
    const always = await costOf(dev);
    const some = await costOf(inHours);
    const text = `dev costs about **${usd(always.total)} USD a month** in ${always.region}, and ${usd(some.total)} with running hours from Monday to Friday: [costs](docs/cost.md).`;
    return withPart(readme, { name: "cost", command: "npm run docs" }, text);
}

/** The page with its tables as they should be. */
export async function withCosts(page: string): Promise<string> {
    const costs: (readonly [Variation, Estimate])[] = [];
    // One after the other: an evaluation has the process's only set of stand-ins for AWS.
    for (const variation of variations) {
        costs.push([variation, await costOf(variation)]);
    }
    const [, dev] = costs[0];
    const parts = {
        dev: `dev costs about **${usd(dev.total)} USD a month**.\n\n${inDetail(dev)}`,
        assumptions: dev.assumptions.map((text) => `- ${text}`).join("\n"),
        variations: overview(costs),
        comparison: comparison(costs),
        prices: prices(),
        sources: sourcesTable(),
    };
    return Object.entries(parts).reduce(
        (text, [name, part]) => withPart(text, { name, command: "npm run docs" }, part),
        page,
    );
}
