import { signInCommand } from "../../handover/profile";
import { shellLine } from "../../handover/shell";
import { noAnswer, reasonOf, statusOf } from "./awsAnswers";
import { failed, type Finding } from "./check";
import type { Context } from "./context";
import type { ProfileEntry } from "./profileFiles";

/** How the profile is written anew, and how it is replaced by the right one. */
export function mendProfile({ isClientProfile, outputs, profile }: Context): [anew: string, replaced: string] {
    const connect = `npm run connect -- ${outputs.stack}, which writes the profile`;
    return isClientProfile
        ? [connect, `remove the profile ${outputs.profileName} from the AWS files, then ${connect}`]
        : [shellLine("aws", "configure", "--profile", profile), `--profile with one of account ${outputs.accountId}`];
}

/** What the outputs know of the key that AWS does not take. */
function keyInOutputs({ outputs: { clientAccessKeys = [] } }: Context, id: string | undefined): string {
    const key = clientAccessKeys.find((known) => known.id === id);
    const others = clientAccessKeys.map((known) => `${known.id} (${known.status.toLowerCase()})`).join(", ");
    return key
        ? `the outputs say it is ${key.status.toLowerCase()}`
        : `it is no key of this stack, which has ${others || "none"}`;
}

/** Why AWS did not say who the profile is. */
export function refusal(context: Context, error: unknown, entry: ProfileEntry | undefined): Finding {
    const { name, message } = error as Error;
    const [mend] = mendProfile(context);
    const signIn = entry?.usesSso ? signInCommand(context.profile) : mend;
    if (name === "RequestTimeTooSkewed" || name === "RequestExpired" || /^Signature (expired|not yet)/.test(message)) {
        return failed(reasonOf(error), "set this machine's clock: time from the network, in the system's settings");
    }
    switch (name) {
        case "InvalidClientTokenId":
        case "UnrecognizedClientException":
        case "InvalidAccessKeyId": {
            const known = context.isClientProfile ? `; ${keyInOutputs(context, entry?.accessKeyId)}` : "";
            return failed(`AWS does not know the key ${entry?.accessKeyId ?? ""}, or it is inactive${known}`, mend);
        }
        case "SignatureDoesNotMatch":
            return failed("AWS knows the key, but the secret beside it is not the key's", mend);
        case "ExpiredToken":
        case "ExpiredTokenException":
            return failed("the session is over", signIn);
        case "CredentialsProviderError":
        case "TokenProviderError":
            return failed(reasonOf(error), signIn);
    }
    return statusOf(error) === 403 ? failed(reasonOf(error), mend) : noAnswer(error);
}
