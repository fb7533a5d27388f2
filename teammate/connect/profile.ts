import { homedir } from "node:os";
import * as path from "node:path";
import { loadSharedConfigFiles } from "@smithy/shared-ini-file-loader";
import { UserError } from "../../commands/userError";
import { run } from "../../commands/run";
import { fault } from "../../settings/fault";
import { oneLine } from "../../commands/oneLine";
import { exitCodes } from "../../commands/exitCodes";
import type { StackOutputs } from "../../commands/outputs";
import { askForSecret, confirmed, isInteractive } from "./ask";
import { type Caller, callerOf, isUser } from "./caller";
import { profileEnvironment } from "./environment";
import { configureAnswers, planProfile, shownChanges, wantedProfile } from "./profilePlan";
import { verify } from "./verify";

/** Of the AWS CLI, as it finds them. */
const files = () => ({
    config: process.env.AWS_CONFIG_FILE ?? path.join(homedir(), ".aws", "config"),
    credentials: process.env.AWS_SHARED_CREDENTIALS_FILE ?? path.join(homedir(), ".aws", "credentials"),
});

/**
 * Makes sure that the teammate's AWS profile is the stack's: writes it where it is missing or has an old key of the same
 * user, says beforehand what will change, and touches no other.
 *
 * @returns what was done, for people
 * @throws UserError when the name is another profile's, or AWS does not take what was written
 */
export async function prepareProfile(outputs: StackOutputs, yes: boolean, signal: AbortSignal): Promise<string> {
    const { profileName, region } = outputs;
    const { configFile, credentialsFile } = await loadSharedConfigFiles({ ignoreCache: true });
    const existing = { config: configFile[profileName], credentials: credentialsFile[profileName] };
    const wanted = wantedProfile(outputs);
    const plan = planProfile(existing, wanted);
    if (plan.kind === "nothing") {
        return `Profile ${profileName}: nothing to change.`;
    }
    if (plan.kind === "refuse") {
        throw foreign(outputs, plan.reason);
    }
    if (plan.kind === "whose") {
        // In the profile's own region: AWS's partitions do not know each other's keys.
        const owner = await callerOf({ profile: profileName }, existing.config?.region ?? region);
        const reason = whyForeign(owner, outputs);
        if (reason) {
            throw foreign(outputs, `its key ${plan.keyId} ${reason}`);
        }
    }
    const { changes } = plan;
    console.log([`Profile ${profileName} will have:`, ...shownChanges(changes, files())].join("\n"));
    await consent(profileName, yes, signal);
    if (wanted.kind === "user") {
        const needsSecret = changes.some(({ key }) => key === "aws_secret_access_key");
        const secret = needsSecret ? (wanted.secret ?? (await askForSecret(wanted.keyId, signal))) : undefined;
        if (secret !== undefined) {
            const credentials = { accessKeyId: wanted.keyId, secretAccessKey: secret };
            await verify({ credentials }, outputs, signal);
        }
        await configure([], profileName, configureAnswers(changes, secret));
    } else {
        for (const { key, to } of changes) {
            await configure(["set", key, to!], profileName, "");
        }
    }
    return `Profile ${profileName} is ${await verify({ profile: profileName }, outputs, signal)}.`;
}

/** Why a key that the outputs do not know must be left alone; nothing where it is the same user's, or nobody's. */
function whyForeign(owner: Caller, { accountId, clientUserName = "" }: StackOutputs): string | undefined {
    switch (owner.kind) {
        case "known":
            return isUser(owner, accountId, clientUserName) ? undefined : `is of ${owner.arn}`;
        case "unknown key":
            return undefined;
        case "no answer":
            return `may be anybody's, for AWS does not say whose it is (${owner.reason})`;
    }
}

function foreign({ profileName, stack }: StackOutputs, reason: string): UserError {
    const { config, credentials } = files();
    const message = fault(
        `profile ${profileName}`,
        `one that is not of stack ${stack}: ${reason}`,
        "no profile of that name, or one with a key of the stack's user",
        `give its sections another name in ${config} and ${credentials}, or ask an operator for another profileName; ` +
            "nothing was changed",
    );
    return new UserError(message, exitCodes.refused);
}

async function consent(profileName: string, yes: boolean, signal: AbortSignal): Promise<void> {
    if (yes) {
        return;
    }
    if (!isInteractive()) {
        const got = "changes to write, and no terminal to ask whether they may be";
        throw new UserError(
            fault(`profile ${profileName}`, got, "a terminal, or --yes", "npm run connect -- <stack> --yes"),
            exitCodes.input,
        );
    }
    if (!(await confirmed("Write it?", signal))) {
        throw new UserError("Nothing was changed.", exitCodes.failed);
    }
}

/** The AWS CLI writes its files; what is secret goes through its standard input. */
async function configure(words: readonly string[], profileName: string, input: string): Promise<void> {
    const command = ["aws", "configure", ...words, "--profile", profileName];
    const { status, stderr } = await run(command, { env: profileEnvironment(), input });
    if (status !== 0) {
        throw new UserError(`${command.slice(0, 2).join(" ")} failed: ${oneLine(stderr)}`, exitCodes.failed);
    }
}
