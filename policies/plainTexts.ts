import { gunzipSync } from "node:zlib";
import { parsed } from "./documents";
import type { Resource } from "./rule";
import { listOf, recordOf, type Values } from "./values";

/** A text that whoever may describe the resource reads. */
export interface PlainText {
    readonly at: string;
    readonly text: string;
}

const text = (at: string, value: unknown): PlainText[] => (typeof value === "string" ? [{ at, text: value }] : []);

/** User data may be packed. */
function decoded(at: string, value: unknown): PlainText[] {
    if (typeof value !== "string") {
        return [];
    }
    const bytes = Buffer.from(value, "base64");
    try {
        return text(at, (bytes.readUInt16BE(0) === 0x1f8b ? gunzipSync(bytes) : bytes).toString());
    } catch {
        return [];
    }
}

/** Variables as lines, so that a name says what its value is. */
const variables = (at: string, values: unknown): PlainText[] =>
    Object.entries(recordOf(values)).flatMap(([name, value]) =>
        typeof value === "string" ? text(`${at}.${name}`, `${name}=${value}`) : [],
    );

const listed = (at: string, list: unknown): PlainText[] =>
    variables(
        at,
        Object.fromEntries(
            listOf(list)
                .map(recordOf)
                .filter(({ type }) => type === undefined || type === "PLAINTEXT")
                .map(({ name, value }) => [name, value]),
        ),
    );

const userData = ({ userData, userDataBase64 }: Values) => [
    ...text("userData", userData),
    ...decoded("userDataBase64", userDataBase64),
];

const places: Readonly<Record<string, (values: Values) => PlainText[]>> = {
    "aws:ec2/instance:Instance": userData,
    "aws:ec2/spotInstanceRequest:SpotInstanceRequest": userData,
    "aws:ec2/launchConfiguration:LaunchConfiguration": userData,
    "aws:ec2/launchTemplate:LaunchTemplate": ({ userData }) => decoded("userData", userData),
    "aws:ssm/parameter:Parameter": ({ type, value, insecureValue }) =>
        type === "SecureString" ? [] : [...text("value", value), ...text("insecureValue", insecureValue)],
    "aws:lambda/function:Function": ({ environment }) => variables("environment", recordOf(environment).variables),
    "aws:ecs/taskDefinition:TaskDefinition": ({ containerDefinitions }) =>
        listOf(parsed(containerDefinitions)).flatMap((container, index) =>
            listed(`containerDefinitions[${index}].environment`, recordOf(container).environment),
        ),
    "aws:codebuild/project:Project": ({ environment }) =>
        listed("environment", recordOf(environment).environmentVariables),
};

export const plainTypes: readonly string[] = Object.keys(places);

export const plainTextsOf = ({ type, values }: Resource): PlainText[] => places[type]?.(values) ?? [];
