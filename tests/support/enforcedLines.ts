import type { Group, Places } from "./enforcedCalls";

// The same as tests/support/enforcedCalls.ts, a few of each, as people type it for the AWS CLI. Its high-level commands take other
// requests than boto3's methods.

/** Before a download, the CLI asks for the object's head: an answer without a body, so the status is the code. */
const download = (from: string): Line => [`aws s3 cp ${from} -`, "403"];

export type Line = readonly [text: string, refusedWith: string];

const lines = (...texts: string[]): Line[] => texts.map((text) => [text, "AccessDenied"]);

export function linesOn(places: Places): Record<Group, Line[]> {
    const bucket = `s3://${places.bucket}`;
    const other = `s3://${places.otherBucket}`;
    const artifacts = `${bucket}/artifacts`;
    return {
        readArtifacts: [
            ...lines(`aws s3 ls ${artifacts}/`, `aws s3 cp --recursive ${artifacts}/ copies`),
            download(`${artifacts}/planted`),
        ],
        writeArtifacts: lines(
            `echo new | aws s3 cp - ${artifacts}/cli/new`,
            `head -c 9000000 /dev/zero >large && aws s3 cp large ${artifacts}/cli/large`,
            `mkdir -p both && touch both/a both/b && aws s3 sync both ${artifacts}/cli/both`,
            `aws s3api copy-object --copy-source ${places.bucket}/artifacts/planted --bucket ${places.bucket} --key artifacts/cli/copy`,
            `aws s3 rm ${artifacts}/cli/new`,
        ),
        readBundle: [download(`${bucket}/${places.bundle}`)],
        changeBundle: lines(
            `echo changed | aws s3 cp - ${bucket}/${places.bundle}`,
            `aws s3 rm ${bucket}/${places.bundle}`,
        ),
        listBackups: lines(`aws s3 ls ${bucket}/backups/`),
        readBackups: [download(`${bucket}/backups/planted`)],
        addBackups: lines(`echo new | aws s3 cp - ${bucket}/backups/cli`),
        replaceBackups: lines(`echo changed | aws s3 cp - ${bucket}/backups/planted`),
        deleteBackups: lines(`aws s3 rm ${bucket}/backups/planted`),
        neighbours: [...lines(`echo new | aws s3 cp - ${artifacts}X/new`), download(`${artifacts}X/planted`)],
        listOthers: lines(`aws s3 ls ${bucket}`),
        otherBucket: [
            ...lines("aws s3 ls", `aws s3 ls ${other}`, `echo new | aws s3 cp - ${other}/artifacts/new`),
            ...lines(`aws s3 rm ${other}/artifacts/planted`),
            download(`${other}/artifacts/planted`),
        ],
        versions: lines(`aws s3api list-object-versions --bucket ${places.bucket}`),
        configuration: lines(
            `aws s3 rb ${bucket}`,
            `aws s3api put-bucket-versioning --bucket ${places.bucket} --versioning-configuration Status=Suspended`,
        ),
        identities: lines(
            "aws iam list-users",
            "aws iam create-access-key",
            `aws iam delete-access-key --user-name ${places.otherUser} --access-key-id ${places.otherKey}`,
            `aws sts assume-role --role-arn ${places.roleArn} --role-session-name teammate`,
        ),
        machines: [
            ...lines("aws ec2 describe-instances", `aws ec2 terminate-instances --instance-ids ${places.instance}`),
            [`aws ssm get-parameter --name ${places.parameter} --with-decryption`, "403"],
        ],
    };
}
