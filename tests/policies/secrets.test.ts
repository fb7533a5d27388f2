import assert from "node:assert";
import { gzipSync } from "node:zlib";
import { secretsIn } from "../../policies/rules/secrets";
import { violations } from "../../policies/rule";
import { unknown } from "../../policies/values";
import { judges, resource, rule } from "./cases";

// Good and bad places for secrets. It proves which texts are taken for secrets; a secret that looks like nothing is found only where
// the stack itself keeps it.

const password = "correct-horse-battery";
const line = `export DB_PASSWORD=${password}\n`;
const userData = (text: unknown) => resource("aws:ec2/instance:Instance", { userData: text });
const parameter = (type: string, value: unknown) => resource("aws:ssm/parameter:Parameter", { type, value });
const base64 = (text: string | Buffer) => Buffer.from(text).toString("base64");
const task = (environment: unknown) =>
    resource("aws:ecs/taskDefinition:TaskDefinition", {
        containerDefinitions: JSON.stringify([{ name: "web", environment }]),
    });
const build = (environmentVariables: unknown) =>
    resource("aws:codebuild/project:Project", { environment: { environmentVariables } });
const lambda = (variables: unknown) => resource("aws:lambda/function:Function", { environment: { variables } });

judges("no-secret-in-plain-sight", {
    passes: {
        "user data that fetches its secret": userData(
            'PASSWORD=$(aws ssm get-parameter --name /db --with-decryption)\nPASSWORD_FILE=/run/db\npassword="$PASSWORD"\n',
        ),
        "a secret parameter": parameter("SecureString", line),
        "a plain parameter": parameter("String", "ami-0123456789abcdef0"),
        "the name of a secret in an environment": [
            task([{ name: "DB_PASSWORD", value: "arn:aws:secretsmanager:us-west-1:123456789012:secret:db" }]),
            build([{ name: "DB_PASSWORD", value: "production", type: "PARAMETER_STORE" }]),
            lambda({ DB_PASSWORD_PARAMETER: "/mlflow/db", LEVEL: "debug" }),
        ],
        "what a preview does not know": [userData(unknown), parameter("String", unknown), lambda(unknown)],
        "what is no text": resource("aws:ec2/launchTemplate:LaunchTemplate", {
            userData: base64(Buffer.from([0x1f, 0x8b, 1])),
        }),
    },
    refuses: {
        "user data": [userData(line), "userData: got a password"],
        "packed user data": [
            [
                resource("aws:ec2/instance:Instance", { userDataBase64: base64(gzipSync(line)) }),
                resource("aws:ec2/launchTemplate:LaunchTemplate", { userData: base64(line) }),
            ],
            ...["userDataBase64: got a password", "userData: got a password"],
        ],
        "a parameter of a plain type": [
            [
                parameter("String", "postgresql://mlflow:hunter22@db/mlflow"),
                resource("aws:ssm/parameter:Parameter", { type: "StringList", insecureValue: line }),
            ],
            ...["value: got an address with its password", "insecureValue: got a password"],
        ],
        "the environment of a function, a container, a build": [
            [
                lambda({ DB_PASSWORD: password }),
                task([{ name: "DB_PASSWORD", value: password }]),
                build([{ name: "DB_PASSWORD", value: password }]),
            ],
            "environment.DB_PASSWORD: got a password",
            "containerDefinitions[0].environment.DB_PASSWORD: got a password",
            "environment.DB_PASSWORD: got a password",
        ],
    },
});

describe("what looks like a secret", () => {
    const key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    for (const [text, ...kinds] of [
        ["-----BEGIN OPENSSH PRIVATE KEY-----", "a private key"],
        ["-----BEGIN PRIVATE KEY-----", "a private key"],
        ["-----BEGIN PUBLIC KEY-----"],
        [`aws_secret_access_key = ${key}`, "a secret access key of AWS"],
        [`"SecretAccessKey": "${key}"`, "a secret access key of AWS"],
        [`sha256=${key}`],
        ["postgresql+psycopg2://mlflow:hunter2@db:5432/mlflow", "an address with its password"],
        ["https://:token@example.com/", "an address with its password"],
        ["postgresql://mlflow:$PASSWORD@db/mlflow"],
        ["postgresql://mlflow:${PASSWORD}@db/mlflow"],
        ["postgresql://db:5432/mlflow"],
        ["https://example.com/a:b@c"],
        ["ssh mlflow@host:/tmp/x"],
        ["PGPASSWORD='hunter22'", "a password"],
        ["api_key: 0123456789", "a password"],
        ["password=<yours>"],
        ["password=***"],
        ["password={{resolve:ssm:/db}}"],
        ["--password-stdin"],
    ] as const) {
        it(`is ${kinds[0] ?? "not"} ${text}`, () => assert.deepStrictEqual(secretsIn(text), kinds));
    }
});

const held = (type: string, values: Record<string, unknown>) => resource(type, values, { name: "held" });
const secret = "Xq7-vault-9";

judges("no-copy-of-a-secret", {
    passes: {
        "a secret that stands nowhere else": [parameter("SecureString", secret), userData("#!/bin/sh")],
        "two places that keep it": [
            held("random:index/randomPassword:RandomPassword", { result: secret }),
            parameter("SecureString", secret),
        ],
        "a text that is too short to be told from chance": [parameter("SecureString", "sh"), userData("#!/bin/sh")],
        "what a preview does not know": [parameter("SecureString", unknown), userData(unknown)],
        "an address with a percent sign that escapes nothing": parameter(
            "SecureString",
            "postgresql://m:100%-vault@db/m",
        ),
    },
    refuses: Object.fromEntries(
        [
            held("aws:ssm/parameter:Parameter", { type: "SecureString", value: secret }),
            held("aws:ssm/parameter:Parameter", {
                type: "SecureString",
                value: `postgresql://mlflow:${secret}@db/mlflow`,
            }),
            held("aws:ssm/parameter:Parameter", {
                type: "SecureString",
                value: "postgresql://mlflow:Xq7%2Dvault-9@db/mlflow",
            }),
            resource("aws:iam/accessKey:AccessKey", {}, { name: "held", made: { secret } }),
            held("aws:rds/instance:Instance", { password: secret }),
            held("aws:rds/cluster:Cluster", { masterPassword: secret }),
            held("aws:secretsmanager/secretVersion:SecretVersion", { secretString: secret }),
            held("random:index/randomPassword:RandomPassword", { result: secret }),
            held("tls:index/privateKey:PrivateKey", { privateKeyPem: secret }),
        ].map((holder, index) => [
            `what is kept in ${holder.type} (${index + 1}) and copied to user data`,
            [[holder, userData(`start --with ${secret}`)], "userData: got the secret of held"],
        ]),
    ),
});

describe("the messages of the rules on secrets", () => {
    it("show no secret", () => {
        const stack = [userData(line), parameter("String", line), parameter("SecureString", password)];
        const said = ["no-secret-in-plain-sight", "no-copy-of-a-secret"].flatMap((name) =>
            violations(rule(name), stack),
        );
        assert.strictEqual(said.length, 4);
        assert.ok(!JSON.stringify(said).includes(password));
    });
});
