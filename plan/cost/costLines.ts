import type { Estimate, Line } from "./estimate";

const usd = (amount: number) => amount.toFixed(2);

/** `0.02` and `0.0000055`, without digits that say nothing. */
const rate = (amount: number) => amount.toFixed(8).replace(/0+$/, "").replace(/\.$/, "");

export const quantityOf = ({ quantity, unit, usdPerUnit }: Line): string =>
    usdPerUnit === undefined ? `${quantity} ${unit}` : `${quantity} ${unit} at ${rate(usdPerUnit)}`;

/** What a price is worth, where it is not AWS's own. */
const doubt = ({ confidence }: Line): string =>
    confidence === undefined || confidence === "price list" ? "" : ` (${confidence})`;

/** The estimate as a person reads it: a line each, the total, and what it stands on. */
export function costLines({ lines, total, unknown, region, assumptions, pricesSeen }: Estimate): string[] {
    const width = Math.max(...lines.map(({ what }) => what.length));
    const rows = lines.map((line) => {
        const amount = line.usd === undefined ? "?" : usd(line.usd);
        return `  ${line.what.padEnd(width)}  ${amount.padStart(8)}  ${quantityOf(line)}${doubt(line)}`;
    });
    return [
        `What it costs in a month, about (USD, ${region}, prices seen from ${pricesSeen.first} to ${pricesSeen.last}):`,
        ...rows,
        `  ${"total".padEnd(width)}  ${usd(total).padStart(8)}${unknown.length > 0 ? "  and what has no price here" : ""}`,
        ...unknown.map((what) => `  no price known for ${what}: see the AWS calculator`),
        ...assumptions.map((text) => `  assumed: ${text}`),
        "  docs/cost.md says where the prices come from, and what a managed server costs",
    ];
}
