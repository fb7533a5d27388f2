/** What decides which troubles a teammate can have. */
interface Ways {
    readonly accessMode: "ssm" | "ssh";
    readonly artifactMode: "proxied" | "direct";
    readonly presignedTransfers: boolean;
    readonly identity: "user" | "role";
}

/** Not where SSH reaches the server, and the server the artifacts. */
export const needsProfile = ({ accessMode, artifactMode }: Pick<Ways, "accessMode" | "artifactMode">): boolean =>
    accessMode === "ssm" || artifactMode === "direct";

/** What is reported most: what one sees, and what to do. No value of a stack stands here; docs/teammates.md has more. */
export function troubles(of: Ways): [seen: string, remedy: string][] {
    const possible: [boolean, string, string][] = [
        [
            true,
            "The page does not load, or `Connection refused`",
            "the tunnel is not open. Open it; if it says that the port is taken, end the program that holds it",
        ],
        [
            true,
            "`Invalid Host header`",
            "open the page as `http://localhost`, with the port above, and under no other name",
        ],
        [
            of.artifactMode === "proxied",
            "`The config profile () could not be found`",
            "an empty `AWS_PROFILE` is in your way. `unset AWS_PROFILE`: code that only talks to MLflow needs none",
        ],
        [
            of.artifactMode === "direct",
            "`The config profile () could not be found`, or `Unable to locate credentials`",
            "paste the environment again: your code runs without the `AWS_` lines",
        ],
        [
            of.artifactMode === "proxied",
            "`Unable to locate credentials` at an artifact",
            "the experiment is of an older server and sends its artifacts to S3 itself. Make a new one",
        ],
        [
            of.accessMode === "ssm",
            "`TargetNotConnected`",
            "the server's machine is starting or stopped. Wait three minutes, then ask the operator",
        ],
        [
            of.accessMode === "ssm",
            "`AccessDenied` at `start-session`",
            "the machine was replaced, and the command is old. Ask for a new page",
        ],
        [
            of.accessMode === "ssh",
            "`Permission denied (publickey)`",
            "ssh does not offer the right key: add `-i` and the private key's file to the command",
        ],
        [
            of.accessMode === "ssh",
            "ssh says nothing, and then `Operation timed out`",
            "you are in a network that the operator did not allow",
        ],
        [
            needsProfile(of),
            "`AccessDenied` at `aws s3 ls`",
            "listing all buckets is nobody's right here. The lines of step 1 must work",
        ],
        [needsProfile(of) && of.identity === "role", "`The SSO session … has expired`", "sign in again"],
        [
            of.artifactMode === "proxied" && of.presignedTransfers,
            "A download hangs for minutes",
            "your network does not reach S3. `export MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD=false " +
                "MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD=false` sends files through the server",
        ],
    ];
    return possible.filter(([can]) => can).map(([, seen, remedy]) => [seen, remedy]);
}
