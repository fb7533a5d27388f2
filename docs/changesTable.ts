import { type Row, table } from "../tests/engine/changeTable";
import { withPart } from "./part";
import { markdownTable } from "./table";

// What a change of each setting does, from the table that tests/engine holds the program to.

/** What people call the resources, by their type. */
const names: Readonly<Record<string, string>> = {
    "aws:ec2:Instance": "host",
    "aws:ebs:Volume": "data volume",
    "aws:s3:Bucket": "bucket",
    "aws:iam:AccessKey": "access key",
    "aws:iam:User": "user",
    "aws:ec2:Eip": "SSH address",
    "aws:rds:Instance": "database",
    "aws:cloudwatch:LogGroup": "log group",
    "aws:ec2:Vpc": "network",
};

/** Parameters, by the end of their names. */
const parameters = [
    ["-backend-address", "database's address"],
    ["-backend-passwords", "database's password"],
] as const;

const verbs = { replace: "replaced", create: "made", delete: "deleted", update: "updated" } as const;
const isVerb = (word: string): word is keyof typeof verbs => word in verbs;

/** `host replaced; access key made, and 2 others`. */
function effect(changes: readonly string[]): string {
    const told: string[] = [];
    let others = 0;
    for (const line of changes) {
        const [verb, type, resource] = line.split(" ");
        const name = names[type] ?? parameters.find(([ending]) => resource.endsWith(ending))?.[1];
        if (isVerb(verb) && name) {
            told.push(`${name} ${verbs[verb]}`);
        } else if (!type.startsWith("mlflow-aws:")) {
            others++;
        }
    }
    const rest = others > 0 ? [`${told.length > 0 ? "and " : ""}${others} ${others === 1 ? "other" : "others"}`] : [];
    return [...told, ...rest].join(", ") || "nothing in AWS";
}

const value = ({ setting, to }: Row): string => {
    const text = JSON.stringify(to[setting]);
    return text === undefined ? "taken away" : text.startsWith('"ssh-') ? "another key" : `\`${text}\``;
};

const changesTable = (): string =>
    markdownTable(
        ["Setting", "From", "To", "What happens"],
        [...table]
            .sort((one, other) => one.setting.localeCompare(other.setting))
            .map((row) => [`\`${row.setting}\``, row.base, value(row), effect(row.changes)]),
    );

/** The operators' page with the table of changes as it should be. */
export const withChangesTable = (page: string): string =>
    withPart(page, { name: "changes", command: "npm run docs" }, changesTable());
