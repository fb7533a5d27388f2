import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { page } from "../handover/page";
import { UserError } from "../commands/userError";
import { fault } from "../settings/fault";
import { runCommand, stackCommand, userPath } from "../commands/command";
import { exitCodes } from "../commands/exitCodes";
import { htmlOf } from "./handover/html";
import { pageOf, secretOf } from "./handover/pageOf";
import type { StackOutputs } from "../commands/outputs";

// One page with everything that a new teammate does.

interface Options {
    readonly folder?: string;
    readonly withSecrets?: true;
}

/** Replaces a file, so that it never has the rights of an earlier one, nor is written through a link. */
function write(file: string, text: string, mode: number): void {
    rmSync(file, { force: true });
    writeFileSync(file, text, { flag: "wx", mode });
}

function writePages(folder: string, stack: string, markdown: string, mode: number): string[] {
    const name = path.join(folder, `mlflow-${stack.replace(/[^A-Za-z0-9._-]/g, "-")}`);
    const files: [string, string][] = [
        [`${name}.md`, markdown],
        [`${name}.html`, htmlOf(markdown, `MLflow of ${stack}`)],
    ];
    try {
        mkdirSync(folder, { recursive: true });
        files.forEach(([file, text]) => write(file, text, mode));
    } catch (error) {
        const got = `${folder}: ${(error as Error).message}`;
        throw new UserError(fault("--folder", got, "a folder that can be written to", "another one"), exitCodes.input);
    }
    return files.map(([file]) => file);
}

/** @throws UserError where the outputs do not have it */
function demandSecret(outputs: StackOutputs): void {
    if (secretOf(outputs) === "absent") {
        throw new UserError(
            fault(
                "--with-secrets",
                "outputs without profileSetupCommands",
                "outputs that hold their secrets",
                "leave --outputs out, or make the file by pulumi stack output --json --show-secrets, or leave --with-secrets out",
            ),
            exitCodes.input,
        );
    }
}

void runCommand(
    stackCommand<Options>(
        "handover",
        "Prints one page, in Markdown, with everything that a new teammate does. Without a secret, unless asked for.",
        async (read, { folder, withSecrets = false }) => {
            const outputs = await read();
            if (withSecrets) {
                demandSecret(outputs);
            }
            const markdown = page(pageOf(outputs, withSecrets));
            const isSecret = withSecrets && secretOf(outputs) === "there";
            if (folder === undefined) {
                process.stdout.write(markdown);
            } else {
                const files = writePages(userPath(folder), outputs.stack, markdown, isSecret ? 0o600 : 0o666);
                console.log(files.join("\n"));
            }
            if (isSecret) {
                console.error(
                    `Warning: ${folder === undefined ? "this page holds" : "these files hold"} the secret of the key ` +
                        `${outputs.clientAccessKeyId}. Hand it over by a password manager, and keep no copy.`,
                );
            }
            return exitCodes.done;
        },
    )
        .option("--folder <folder>", "write it there instead, as Markdown and as HTML")
        .option("--with-secrets", "with the commands that make the profile, which hold the key's secret"),
);
