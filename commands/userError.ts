import { RunError } from "@pulumi/pulumi";

/** Something that the user can put right: shown as its message alone. */
export class UserError extends Error {
    constructor(
        message: string,
        /** With which a command ends. */
        readonly exitCode = 1,
    ) {
        super(message);
    }
}

/** What a person should read of an error: no stack trace for what is theirs to mend. */
export const explain = (error: unknown): string =>
    error instanceof UserError || RunError.isInstance(error)
        ? error.message
        : error instanceof Error
          ? (error.stack ?? error.message)
          : String(error);
