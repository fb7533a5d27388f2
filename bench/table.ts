// Figures, and the tables that show them.

/** The middle value; of an even number of values the mean of the two in the middle. */
export function median(values: number[]): number {
    const sorted = [...values].sort((a, b) => a - b);
    const middle = sorted.length / 2;
    return (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
}

/** A table in Markdown. */
export function table(heads: string[], rows: string[][]): string {
    return [heads, heads.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
