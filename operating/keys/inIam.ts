import { GetAccessKeyLastUsedCommand, IAMClient, ListAccessKeysCommand } from "@aws-sdk/client-iam";
import { UserError } from "../../commands/userError";
import { fault } from "../../settings/fault";
import { exitCodes } from "../../commands/exitCodes";
import type { StackOutputs } from "../../commands/outputs";
import type { KeyInUse } from "./rotation";

/**
 * The client user's keys, from IAM itself, with the slots that the outputs give them.
 *
 * @throws UserError when IAM does not let the caller look
 */
export async function keysOf(outputs: StackOutputs, profile: string | undefined): Promise<KeyInUse[]> {
    const { clientUserName: UserName, clientAccessKeys = [], region } = outputs;
    const iam = new IAMClient({ region, profile });
    try {
        const { AccessKeyMetadata = [] } = await iam.send(new ListAccessKeysCommand({ UserName }));
        return await Promise.all(
            AccessKeyMetadata.map(async ({ AccessKeyId, Status, CreateDate }) => {
                const { AccessKeyLastUsed: used } = await iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId }));
                return {
                    slot: clientAccessKeys.find(({ id }) => id === AccessKeyId)?.slot,
                    id: AccessKeyId!,
                    status: Status === "Inactive" ? ("Inactive" as const) : ("Active" as const),
                    created: CreateDate!,
                    lastUsed: used?.LastUsedDate && {
                        date: used.LastUsedDate,
                        service: used.ServiceName ?? "unknown service",
                        region: used.Region ?? "unknown region",
                    },
                };
            }),
        );
    } catch (error) {
        throw new UserError(
            fault(
                "credentials",
                `${(error as Error).name}: ${(error as Error).message}`,
                `iam:ListAccessKeys and iam:GetAccessKeyLastUsed on user ${UserName}`,
                "an operator's credentials: AWS_PROFILE=<profile>, or --profile <profile>",
            ),
            exitCodes.input,
        );
    } finally {
        iam.destroy();
    }
}
