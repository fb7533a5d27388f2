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

/** Where a profile may look in S3; absent where it has no rights there. */
export interface ArtifactFolder {
    readonly bucketName: string;
    readonly prefix: string;
}

/**
 * Lines that succeed under the rights of the profile. Plain `aws s3 ls` is not among them: it lists all buckets of the
 * account, which no policy can limit to one. Nor is `aws s3 ls s3://bucket/prefix/`: it fails while the folder is empty.
 */
export function profileVerifyCommands(name: string, folder: ArtifactFolder | undefined): string {
    const lines = [shellLine("aws", "sts", "get-caller-identity", "--profile", name)];
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
