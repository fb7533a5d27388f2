// Values stand in code alone, where Markdown and HTML have no meaning, whatever they contain.

/** Backticks that are more than any row of them in the text. */
function fence(text: string, least: number): string {
    const rows = text.match(/`+/g) ?? [];
    return "`".repeat(Math.max(least, ...rows.map((row) => row.length + 1)));
}

/** A block to be pasted as it is. */
export function codeBlock(text: string, language: "bash" | "ini" | "python"): string {
    const ticks = fence(text, 3);
    return `${ticks}${language}\n${text.replace(/\n$/, "")}\n${ticks}`;
}

/** A word within a line, which ends of lines and of sentences cannot break. */
export function codeSpan(text: string): string {
    const line = text.replace(/\r\n|[\r\n\u2028\u2029]/g, " ");
    const ticks = fence(line, 1);
    // One space at both ends is taken off again, unless there is nothing else.
    const space = /^[` ]|[` ]$/.test(line) && line.trim() !== "" ? " " : "";
    return ticks + space + line + space + ticks;
}
