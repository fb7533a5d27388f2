import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { loadSharedConfigFiles } from "@smithy/shared-ini-file-loader";
import { clientOptions } from "../../commands/awsClient";
import { oneLine } from "../../commands/oneLine";

/** Who a profile is to AWS. */
export type Caller =
    | { readonly kind: "known"; readonly account: string; readonly arn: string }
    /** AWS knows no such key, or no longer. */
    | { readonly kind: "unknown key" }
    | { readonly kind: "no answer"; readonly reason: string };

/** What AWS is asked with: a profile of the files, or a key that is in none of them. */
export type Identity =
    | { readonly profile: string }
    | { readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string } };

/** Asks AWS who that is, whatever the environment holds: everybody may ask that. */
export async function callerOf(identity: Identity, region: string): Promise<Caller> {
    // The SDK remembers the files, which may have changed since.
    await loadSharedConfigFiles({ ignoreCache: true });
    const client = new STSClient({
        ...identity,
        ...clientOptions(region),
    });
    try {
        const { Account = "", Arn = "" } = await client.send(new GetCallerIdentityCommand());
        return { kind: "known", account: Account, arn: Arn };
    } catch (error) {
        const { name, message } = error as Error;
        return name === "InvalidClientTokenId"
            ? { kind: "unknown key" }
            : { kind: "no answer", reason: oneLine(`${name}: ${message}`) };
    } finally {
        client.destroy();
    }
}

/** Whether a caller is this user of this account. */
export const isUser = (caller: Caller, account: string, user: string): boolean =>
    caller.kind === "known" &&
    new RegExp(`^arn:[a-z-]+:iam::${account}:user/`).test(caller.arn) &&
    caller.arn.split("/").at(-1) === user;

/** Whether a caller is a session of one of these roles; a session's ARN has the role's name without its path. */
export const isSessionOf = (caller: Caller, roleArns: readonly string[]): boolean =>
    caller.kind === "known" &&
    roleArns.some((role) => {
        const [, , , , account, resource] = role.split(":");
        const [kind, name] = (caller.arn.split(":")[5] ?? "").split("/");
        return caller.account === account && kind === "assumed-role" && name === resource.split("/").at(-1);
    });
