import { Argument } from "commander";
import { UserError } from "../commands/userError";
import { readProject } from "../plan/stackConfig";
import { runCommand, stackCommand } from "../commands/command";
import { exitCodes } from "../commands/exitCodes";
import { keysOf } from "./keys/inIam";
import { ago, ageInDays, changeFor, type KeyInUse, nextStep, type Step, steps } from "./keys/rotation";
import { writeSetting } from "./keys/settingsFile";

// Rotation of the client user's access key, without a moment in which nobody gets in: add a key, hand it over, deactivate the
// old one, remove it. Each step is a setting, and `pulumi up` does it.

interface Options {
    readonly profile?: string;
    readonly force?: true;
    readonly json?: true;
}

const described = (key: KeyInUse, now: Date): string[] => [
    key.slot ?? "by hand",
    key.id,
    key.status.toLowerCase(),
    `${ageInDays(key, now)} days old`,
    key.lastUsed
        ? `last used ${ago(key.lastUsed.date, now)}, ${key.lastUsed.service}, ${key.lastUsed.region}`
        : "never used",
];

/** Rows whose columns stand below each other. */
function table(rows: string[][]): string {
    const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column].length))) ?? [];
    return rows
        .map((row) =>
            row
                .map((text, column) => text.padEnd(widths[column]))
                .join("  ")
                .trimEnd(),
        )
        .join("\n");
}

const command = stackCommand<Options>(
    "keys",
    "Shows the age and the last use of each access key of the stack's user, and the next step of a rotation. With a step, writes " +
        "the setting that does it, where nobody is locked out by it.",
    async (read, options, _, word) => {
        const step = word as Step | undefined;
        const outputs = await read();
        if (!outputs.clientUserName) {
            throw new UserError(
                `stack ${outputs.stack} has no user: its teammates sign in with ${outputs.clientRoleArns?.join(", ")}, and there ` +
                    "is no key to rotate",
                exitCodes.input,
            );
        }
        const keys = await keysOf(outputs, options.profile);
        const now = new Date();
        if (step === undefined) {
            const { text, step: next } = nextStep(keys, now);
            const line = next ? `${text} Next: npm run keys -- ${outputs.stack} ${next}` : text;
            console.log(
                options.json
                    ? JSON.stringify({ stack: outputs.stack, keys, next: next ?? null, text }, undefined, 2)
                    : `${table(keys.map((key) => described(key, now)))}\n\n${line}`,
            );
            return exitCodes.done;
        }
        const change = changeFor(step, keys, now, options.force ?? false);
        const file = writeSetting(readProject().name, outputs.stack, change);
        console.log(`${file}: ${change.setting} is ${change.state} now. Next: npx pulumi up --stack ${outputs.stack}`);
        return exitCodes.done;
    },
);

void runCommand(
    command
        .usage("<stack> [step] [options]")
        .addArgument(new Argument("[step]", "writes its setting").choices(steps))
        .option("--profile <name>", "AWS profile of an operator, instead of the shell's credentials")
        .option("--force", "also where a key was used within the last day")
        .option("--json", "machine-readable"),
);
