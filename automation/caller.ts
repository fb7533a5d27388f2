import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { clientOptions } from "../commands/awsClient";
import { exitCodes } from "../commands/exitCodes";
import { oneLine } from "../commands/oneLine";
import { UserError } from "../commands/userError";
import { fault } from "../settings/fault";

/**
 * The account whose credentials this process has.
 *
 * @param profile of the setting `aws:profile`
 * @throws UserError where there are none, or AWS does not take them
 */
export async function callerAccount(region: string, profile: string | undefined): Promise<string> {
    const sts = new STSClient({ ...clientOptions(region), profile });
    try {
        return (await sts.send(new GetCallerIdentityCommand({}))).Account!;
    } catch (error) {
        const { name, message } = error as Error;
        throw new UserError(
            fault(
                "credentials",
                oneLine(`${name}: ${message}`),
                "AWS credentials of a deployment role or of an operator",
                "aws sso login, or set AWS_PROFILE; in CI, assume the role by OIDC",
            ),
            exitCodes.input,
        );
    } finally {
        sts.destroy();
    }
}
