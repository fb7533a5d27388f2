import { reasonOf } from "../commands/engine";
import { type ExitCode, exitCodes } from "../commands/exitCodes";
import { UserError } from "../commands/userError";
import { fault } from "../settings/fault";

/** What the engine says, what that is to people, and what to do. */
interface Known {
    readonly said: RegExp;
    readonly code: ExitCode;
    readonly property: string;
    readonly allowed: string;
    readonly remedy: (stack: string) => string;
}

const known: readonly Known[] = [
    {
        said: /the stack is currently locked by|another update is currently in progress/i,
        code: "locked",
        property: "stack",
        allowed: "one update of a stack at a time",
        remedy: (stack) =>
            `wait until the other one has ended; if none runs (it was killed), npx pulumi cancel --stack ${stack}, then again`,
    },
    {
        said: /no stack named/i,
        code: "input",
        property: "stack",
        allowed: "a stack that exists in the state you are logged in to",
        remedy: (stack) =>
            `npx pulumi stack init ${stack} (README: the secrets provider of a team), or npx pulumi login <state>`,
    },
    {
        said: /passphrase/i,
        code: "input",
        property: "passphrase",
        allowed: "the passphrase with which the stack was made",
        remedy: () => "set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE",
    },
    {
        said: /kms:Decrypt|awskms|getting secrets manager/i,
        code: "input",
        property: "secrets",
        allowed: "credentials that may decrypt with the stack's key, and its encryption context",
        remedy: (stack) => `use the deployment role; Pulumi.${stack}.yaml names the key (secretsprovider)`,
    },
    {
        said: /PULUMI_ACCESS_TOKEN|not logged in|pulumi login|no current backend/i,
        code: "input",
        property: "login",
        allowed: "a login to the state of the stacks",
        remedy: () => "npx pulumi login s3://<state bucket>, or set PULUMI_BACKEND_URL",
    },
    {
        said: /AWS account ID not allowed/i,
        code: "refused",
        property: "account",
        allowed: "the account in aws:allowedAccountIds",
        remedy: () => "use credentials of that account",
    },
    {
        said: /must be of type|The settings of stack .* cannot be used|validating stack config|cannot be looked up/i,
        code: "input",
        property: "settings",
        allowed: "settings as the README lists them",
        remedy: (stack) => `correct Pulumi.${stack}.yaml; npm run plan -- ${stack} checks it offline`,
    },
    {
        said: /cannot be deleted because it is protected|resource .* cannot be deleted/i,
        code: "refused",
        property: "protect",
        allowed: "nothing that deletes a protected resource",
        remedy: () => "if it may be lost, pulumi config set protect false, then up",
    },
    {
        said: /NoCredentialProviders|no valid credential|ExpiredToken|InvalidClientTokenId|failed to refresh cached credentials/i,
        code: "input",
        property: "credentials",
        allowed: "AWS credentials of a deployment role or of an operator",
        remedy: () => "sign in (aws sso login), or set AWS_PROFILE",
    },
    {
        said: /spawn \S*pulumi ENOENT/,
        code: "missing",
        property: "pulumi",
        allowed: "the Pulumi CLI",
        remedy: () => "npm ci, or https://www.pulumi.com/docs/install",
    },
];

/** What a person should read of what the engine said; nothing of it is left out that names the reason. */
export function engineError(stack: string, error: Error, diagnostics: readonly string[]): UserError {
    const texts = [...diagnostics, error.message].join("\n");
    const found = known.find(({ said }) => said.test(texts));
    const reasons = diagnostics.length > 0 ? [...new Set(diagnostics)].join("\n") : reasonOf(error.message);
    return found
        ? new UserError(
              fault(found.property, reasons.trim(), found.allowed, found.remedy(stack)),
              exitCodes[found.code],
          )
        : new UserError(`stack ${stack}: ${reasons.trim()}`, exitCodes.failed);
}
