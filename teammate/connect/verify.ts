import { setTimeout as sleep } from "node:timers/promises";
import { shellLine } from "../../handover/shell";
import { signInCommand } from "../../handover";
import { UserError } from "../../commands/userError";
import { fault } from "../../settings/fault";
import { exitCodes } from "../../commands/exitCodes";
import type { StackOutputs } from "../../commands/outputs";
import { type Caller, callerOf, type Identity, isSessionOf, isUser } from "./caller";

/** AWS needs some seconds until a new key is known everywhere. */
const patience = 20_000;

/**
 * Makes sure that AWS takes a key, or a profile, as the stack's teammate.
 *
 * @returns who it is, as AWS says
 * @throws UserError when it is somebody else, or nobody
 */
export async function verify(identity: Identity, outputs: StackOutputs, signal: AbortSignal): Promise<string> {
    const { region, accountId, clientUserName, clientRoleArns = [] } = outputs;
    const deadline = Date.now() + patience;
    let caller = await callerOf(identity, region);
    while (caller.kind === "unknown key" && Date.now() < deadline) {
        await sleep(1_000, undefined, { signal });
        caller = await callerOf(identity, region);
    }
    const right = clientUserName ? isUser(caller, accountId, clientUserName) : isSessionOf(caller, clientRoleArns);
    if (caller.kind === "known" && right) {
        return caller.arn;
    }
    throw new UserError(refusal(identity, caller, outputs), exitCodes.failed);
}

function refusal(identity: Identity, caller: Caller, outputs: StackOutputs): string {
    const { clientUserName, clientRoleArns = [], accountId, stack } = outputs;
    const [property, end] =
        "profile" in identity
            ? [`profile ${identity.profile}`, ""]
            : [`key ${identity.credentials.accessKeyId}`, "; nothing was changed"];
    const allowed = clientUserName ? `user ${clientUserName} of account ${accountId}` : clientRoleArns.join(" or ");
    switch (caller.kind) {
        case "known":
            return fault(property, caller.arn, allowed, `read the outputs of ${stack} again${end}`);
        case "unknown key": {
            const got = "what AWS does not know, or has as inactive";
            return fault(
                property,
                got,
                allowed,
                `read the outputs of ${stack} again: the key may have been rotated${end}`,
            );
        }
        case "no answer":
            return fault(property, caller.reason, allowed, `${remedyOf(caller.reason, outputs)}${end}`);
    }
}

function remedyOf(reason: string, { clientUserName, profileName, profileConfigSnippet }: StackOutputs): string {
    if (/SignatureDoesNotMatch/.test(reason)) {
        return "ask an operator for this key's secret, or set the clock of this machine right";
    }
    if (clientUserName) {
        return "look at network, VPN and firewall, then try again";
    }
    return /^sso_start_url/m.test(profileConfigSnippet)
        ? `${signInCommand(profileName)}, then try again`
        : `${shellLine("aws", "configure")}: profile default needs credentials that may assume the role`;
}
