/** With which every command of this project ends. */
export const exitCodes = {
    done: 0,
    failed: 1,
    changes: 2,
    refused: 3,
    violation: 4,
    input: 5,
    locked: 6,
    unhealthy: 7,
    missing: 8,
} as const;

export type ExitCode = keyof typeof exitCodes;

/** What each means, for `--help` and the docs. */
export const exitCodeMeanings: Readonly<Record<ExitCode, string>> = {
    done: "done; everything that is required passes; nothing to change; a tunnel was ended by Ctrl-C",
    failed: "a check or a step failed or was interrupted, or something unexpected happened",
    changes: "`drift` found that what exists is not what the program and the settings say",
    refused: "refused by a guard, because something would be lost or hit the wrong place",
    violation: "refused, because the preview breaks a mandatory policy",
    input: "arguments, outputs, settings or a passphrase that cannot be used",
    locked: "another update of the stack is running, or was killed and left its lock",
    unhealthy: "deployed, but the server does not work",
    missing: "a program is not installed, or too old; the message has its install line",
};

/** Those of the commands that only read a stack's outputs. */
export const readersExitCodes: readonly ExitCode[] = ["done", "failed", "refused", "input", "missing"];

/** For the end of a command's `--help`. */
export const exitCodeHelp = (names: readonly ExitCode[]): string =>
    `\nExit codes:\n${names.map((name) => `  ${exitCodes[name]}  ${exitCodeMeanings[name].replaceAll("`", "")}`).join("\n")}`;
