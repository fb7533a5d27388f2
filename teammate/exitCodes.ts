/** With which every command of this folder ends; `--help` of each lists them. */
export const exitCodes = {
    /** Done, everything that is required passes, or ended by Ctrl-C. */
    done: 0,
    /** A check or a step failed, or something unexpected happened. */
    failed: 1,
    /** Refused, because something would be lost. */
    refused: 3,
    /** Arguments, outputs or settings that cannot be used. */
    input: 5,
    /** A program is not installed. */
    missing: 8,
} as const;

/** For `--help`. */
export const exitCodeHelp = `
Exit codes: 0 done, or ended by Ctrl-C; 1 a check or a step failed; 3 refused, because something would be lost;
5 arguments, outputs or settings that cannot be used; 8 a program is not installed`;
