import { signInCommand } from "../../handover";
import { shellLine } from "../../handover/shell";
import type { StackOutputs } from "../../commands/outputs";
import { whySleeping } from "../../settings/runningHours";

// What AWS CLI, Session Manager plugin and ssh say when there is no tunnel, and what helps.

/** Something that is as it is until a person does something: the pattern, and the remedy. */
type Permanent = readonly [said: RegExp, remedy: (outputs: StackOutputs) => string];

const again = "then npm run connect again";

const permanent: readonly Permanent[] = [
    [
        /\(AccessDenied(Exception)?\)/,
        ({ instanceId, stack }) =>
            `read the outputs again, for the instance of ${stack} may have been replaced since they named ${instanceId}; ` +
            "else ask an operator",
    ],
    [
        /\((InvalidClientTokenId|UnrecognizedClientException)\)/,
        ({ stack }) => `the key is gone or inactive: read the outputs of ${stack} again, ${again}`,
    ],
    [
        /\((SignatureDoesNotMatch|InvalidSignatureException)\)/,
        ({ profileName }) =>
            `set the clock of this machine right; else the secret is wrong: remove the sections of ${profileName} from the ` +
            `AWS CLI's files, ${again}`,
    ],
    [
        /\(ExpiredToken(Exception)?\)|SSO Token|SSO session|Token (has expired|for .* does not exist)/i,
        ({ profileName }) => `${signInCommand(profileName)}, ${again}`,
    ],
    [/config profile .* could not be found/, () => again.replace("then ", "")],
    [
        /Unable to locate credentials|Partial credentials found/,
        ({ profileName }) => `${shellLine("aws", "configure", "list", "--profile", profileName)} shows what is missing`,
    ],
    [/SessionManagerPlugin is not found/, () => "npm run doctor"],
    [
        /REMOTE HOST IDENTIFICATION HAS CHANGED|Host key verification failed/,
        ({ stack }) =>
            `ask an operator whether the host's key has changed; if so, ${shellLine("ssh-keygen", "-R", `mlflow-${stack}`)}, ${again}`,
    ],
    [
        /Permission denied \(/,
        () =>
            `ssh-add <private key> with the key that belongs to the stack's sshPublicKey (ssh-add -l shows what is loaded), ${again}`,
    ],
];

/** What a person has to do before it can work; nothing where waiting may help. */
export const remedyOf = (said: string, outputs: StackOutputs): string | undefined =>
    permanent.find(([pattern]) => pattern.test(said))?.[1](outputs);

/** What a reason means, where its words do not say it. */
export function meaningOf(
    reason: string,
    { runningHours, region, instanceId }: StackOutputs,
    now = new Date(),
): string {
    if (!/TargetNotConnected|timed out|No route to host/.test(reason)) {
        return reason;
    }
    const why = whySleeping(runningHours, now);
    if (why) {
        const wake = shellLine("aws", "ec2", "start-instances", "--region", region, "--instance-ids", instanceId);
        return `${reason} The server sleeps: ${why}. An operator wakes it: ${wake}`;
    }
    return /TargetNotConnected/.test(reason)
        ? `${reason} The instance is starting, stopped, or has no way out to the internet`
        : reason;
}
