import { CONFIG_PREFIX_SEPARATOR, loadSharedConfigFiles } from "@smithy/shared-ini-file-loader";
import { once } from "./context";

/** What the files of the AWS CLI say of profiles, without their secrets. */
export interface ProfileFiles {
    readonly names: readonly string[];
    /** Of a profile: which keys it has; a credential's key has no place here. */
    readonly profile: (name: string) => ProfileEntry | undefined;
    /** `[profile x]` in the file of credentials, where it makes a profile that is called "profile x". */
    readonly misnamed: (name: string) => boolean;
}

export interface ProfileEntry {
    readonly region?: string;
    readonly accessKeyId?: string;
    readonly usesSso: boolean;
    /** Whether anything in it leads to credentials. */
    readonly hasCredentials: boolean;
}

const sources = [
    ...["aws_access_key_id", "role_arn", "sso_session", "sso_start_url", "credential_process"],
    ...["web_identity_token_file", "login_session"],
];

/** A section that is no profile, such as `sso-session.team`. */
const otherSection = /^(sso-session|services|profile)\./;

export const profileFiles = once(async (): Promise<ProfileFiles> => {
    const { configFile, credentialsFile } = await loadSharedConfigFiles();
    const misnamed = (name: string) => `profile${CONFIG_PREFIX_SEPARATOR}${name}` in credentialsFile;
    return {
        names: [...new Set([...Object.keys(configFile), ...Object.keys(credentialsFile)])].filter(
            (name) => !otherSection.test(name),
        ),
        misnamed,
        profile: (name) => {
            if (!Object.hasOwn(configFile, name) && !Object.hasOwn(credentialsFile, name)) {
                return undefined;
            }
            const entry = { ...configFile[name], ...credentialsFile[name] };
            return {
                region: entry.region,
                accessKeyId: entry.aws_access_key_id,
                usesSso: "sso_session" in entry || "sso_start_url" in entry,
                hasCredentials: sources.some((key) => key in entry),
            };
        },
    };
});
