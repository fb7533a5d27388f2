/** One word for a POSIX shell and for zsh, which gives a leading `=` a meaning, whatever the text contains. */
export function shellWord(text: string): string {
    return /^(?!=)[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replace(/'/g, `'\\''`)}'`;
}

/** A command line of such words. */
export const shellLine = (...words: string[]): string => words.map(shellWord).join(" ");
