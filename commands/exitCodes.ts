/** With which every command of this folder, and `npm run keys`, ends. */
export const exitCodes = { done: 0, failed: 1, refused: 3, input: 5, missing: 8 } as const;

/** What each means, for `--help` and the docs. */
export const exitCodeMeanings: Readonly<Record<keyof typeof exitCodes, string>> = {
    done: "done; everything that is required passes; a tunnel was ended by Ctrl-C",
    failed: "a check or a step failed or was interrupted, or something unexpected happened",
    refused: "refused, because something would be lost: another profile, a key in use",
    input: "arguments, outputs or settings that cannot be used",
    missing: "a program is not installed; the message has its install line",
};
