/** Text inside a cell of a Markdown table. */
export const cell = (text: string): string => text.replace(/\|/g, "\\|").replace(/\n/g, " ");

export const markdownTable = (heads: readonly string[], rows: readonly (readonly string[])[]): string =>
    [heads, heads.map(() => "---"), ...rows.map((row) => row.map(cell))]
        .map((cells) => `| ${cells.join(" | ")} |`)
        .join("\n");
