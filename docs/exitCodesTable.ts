import { type ExitCode, exitCodeMeanings, exitCodes } from "../commands/exitCodes";
import { withPart } from "./part";
import { markdownTable } from "./table";

export const exitCodeTable = (names: readonly ExitCode[]): string =>
    markdownTable(
        ["Code", "Means"],
        names.map((name) => [String(exitCodes[name]), exitCodeMeanings[name]]),
    );

/** The page of `npm run stack` with its exit codes as they should be. */
export const withStackExitCodes = (page: string): string =>
    withPart(
        page,
        { name: "exit codes", command: "npm run docs" },
        exitCodeTable(Object.keys(exitCodes) as ExitCode[]),
    );
