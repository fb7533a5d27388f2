/** Whatever a server or a file says: one line, without what would move a terminal's cursor, and not without end. */
export function oneLine(text: string, most = 300): string {
    const line = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, " ").trim();
    return line.length > most ? `${line.slice(0, most)}…` : line;
}
