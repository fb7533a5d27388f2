import { UserError } from "../../commands/userError";
import { fault } from "../../settings/fault";
import { exitCodes } from "../../commands/exitCodes";

// Questions to the person at the terminal. Ctrl-C at a question ends the command as it does everywhere else.

export const isInteractive = (): boolean => process.stdin.isTTY && process.stdout.isTTY;

/** Ended by Ctrl-C, or by a signal. */
export class Interrupted extends Error {}

async function asked<Answer>(question: Promise<Answer>): Promise<Answer> {
    try {
        return await question;
    } catch (error) {
        if (error instanceof Error && /^(ExitPromptError|AbortPromptError)$/.test(error.name)) {
            throw new Interrupted();
        }
        throw error;
    }
}

// The library is loaded only where there is something to ask.

export async function confirmed(message: string, signal: AbortSignal): Promise<boolean> {
    const { confirm } = await import("@inquirer/prompts");
    return asked(confirm({ message }, { signal }));
}

/** @throws UserError where there is nobody to ask */
export async function askForSecret(keyId: string, signal: AbortSignal): Promise<string> {
    if (!isInteractive()) {
        throw new UserError(
            fault(
                "clientSecretAccessKey",
                "no secret from the outputs, and no terminal to ask for it",
                `the secret of the key ${keyId}`,
                "run it in a terminal and paste the secret there, or give --outputs a file that was made with --show-secrets",
            ),
            exitCodes.input,
        );
    }
    const { password } = await import("@inquirer/prompts");
    const validate = (text: string) => /^\S{16,128}$/.test(text.trim()) || "a secret access key has 40 characters";
    const message = `Secret access key of ${keyId} (from an operator, not shown):`;
    return (await asked(password({ message, validate }, { signal }))).trim();
}
