import { shellLine } from "./shell";

/** What a teammate's AWS profile is made of. */
export interface Profile {
    readonly name: string;
    readonly region: string;
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
}

/** For `~/.aws/config`. */
export const profileConfigSnippet = ({ name, region }: Pick<Profile, "name" | "region">): string =>
    `[profile ${name}]\nregion = ${region}\noutput = json\n`;

/** For `~/.aws/credentials`, where sections have no `profile` before the name. Holds the secret. */
export const profileCredentialsSnippet = ({ name, accessKeyId, secretAccessKey }: Profile): string =>
    `[${name}]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`;

/** Ready to paste: makes the profile without the secret in any command's arguments. Holds the secret. */
export const profileSetupCommands = ({ name, region, accessKeyId, secretAccessKey }: Profile): string =>
    [
        `${shellLine("aws", "configure", "--profile", name)} <<'END_OF_ANSWERS'`,
        accessKeyId,
        secretAccessKey,
        region,
        "json",
        "END_OF_ANSWERS",
        "",
    ].join("\n");

/** What a teammate's AWS profile is made of, where people sign in with a role: nothing of it is secret. */
export interface RoleProfile {
    readonly name: string;
    readonly region: string;
    readonly roleArn: string;
    /** Where the role is a permission set's of IAM Identity Center; else it is assumed from the profile `default`. */
    readonly sso?: {
        readonly startUrl: string;
        readonly region: string;
        readonly accountId: string;
        readonly permissionSet: string;
    };
}

const roleSettings = ({ region, roleArn, sso }: RoleProfile): [string, string][] => [
    ...(sso
        ? ([
              ["sso_start_url", sso.startUrl],
              ["sso_region", sso.region],
              ["sso_account_id", sso.accountId],
              ["sso_role_name", sso.permissionSet],
          ] as [string, string][])
        : ([
              ["role_arn", roleArn],
              ["source_profile", "default"],
          ] as [string, string][])),
    ["region", region],
    ["output", "json"],
];

/** For `~/.aws/config`; nothing belongs in `~/.aws/credentials`. */
export const roleProfileConfigSnippet = (profile: RoleProfile): string =>
    [
        `[profile ${profile.name}]`,
        `# There is no user and no key: you are ${profile.roleArn}.`,
        ...roleSettings(profile).map(([key, value]) => `${key} = ${value}`),
        "",
    ].join("\n");

/** Ready to paste: makes the profile. */
export const roleProfileSetupCommands = (profile: RoleProfile): string =>
    roleSettings(profile)
        .map(([key, value]) => `${shellLine("aws", "configure", "set", key, value, "--profile", profile.name)}\n`)
        .join("");

/** Signs in, in the browser: before a permission set's profile can be used, and whenever its session is over. */
export const signInCommand = (name: string): string => shellLine("aws", "sso", "login", "--profile", name);

/** Where a profile may look in S3; absent where it has no rights there. */
export interface ArtifactFolder {
    readonly bucketName: string;
    readonly prefix: string;
}

/**
 * Lines that succeed under the rights of the profile. Plain `aws s3 ls` is not among them: it lists all buckets of the
 * account, which no policy can limit to one. Nor is `aws s3 ls s3://bucket/prefix/`: it fails while the folder is empty.
 */
export function profileVerifyCommands(name: string, folder: ArtifactFolder | undefined, signsIn = false): string {
    const lines = [
        ...(signsIn ? [signInCommand(name)] : []),
        shellLine("aws", "sts", "get-caller-identity", "--profile", name),
    ];
    if (folder) {
        const { bucketName, prefix } = folder;
        lines.push(
            shellLine(
                ...["aws", "s3api", "list-objects-v2", "--bucket", bucketName, "--prefix", `${prefix}/`],
                ...["--max-items", "10", "--profile", name],
            ),
        );
    }
    return lines.map((line) => `${line}\n`).join("");
}
