import type { Finding, Rule, StackRule } from "../rule";
import { type PlainText, plainTextsOf, plainTypes } from "../plainTexts";
import { textsOf, type Values } from "../values";

const patterns: readonly { readonly kind: string; readonly pattern: RegExp }[] = [
    { kind: "a private key", pattern: /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/ },
    {
        kind: "a secret access key of AWS",
        pattern: /secret_?access_?key["']?\s*[=:]\s*["']?[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+])/i,
    },
    { kind: "an address with its password", pattern: /\b[a-z][a-z0-9+.-]*:\/\/[^\s:@/"'$]*:[^\s@/"'$<{*]+@/i },
    {
        // Not what only names a variable, a file, a parameter or a placeholder.
        kind: "a password",
        pattern:
            /(?:password|passwd|secret_?key|api_?key|auth_?token)["']?\s*[=:]\s*["']?(?![$<{%*/]|arn:)[^\s"']{6,}/i,
    },
];

/** What looks like a secret in a text, in words. */
export const secretsIn = (text: string): string[] =>
    patterns.filter(({ pattern }) => pattern.test(text)).map(({ kind }) => kind);

const findings = (texts: readonly PlainText[]): Finding[] =>
    texts.flatMap(({ at, text }) => secretsIn(text).map((got) => ({ property: at, got })));

/** Where a stack keeps values that are secret for certain. */
const secretValues: Readonly<Record<string, (values: Values) => unknown[]>> = {
    "aws:iam/accessKey:AccessKey": ({ secret }) => [secret],
    "aws:rds/instance:Instance": ({ password }) => [password],
    "aws:rds/cluster:Cluster": ({ masterPassword }) => [masterPassword],
    "aws:secretsmanager/secretVersion:SecretVersion": ({ secretString }) => [secretString],
    "aws:ssm/parameter:Parameter": ({ type, value }) => (type === "SecureString" ? [value] : []),
    "random:index/randomPassword:RandomPassword": ({ result }) => [result],
    "tls:index/privateKey:PrivateKey": ({ privateKeyPem, privateKeyOpenssh }) => [privateKeyPem, privateKeyOpenssh],
};

/** A shorter text could stand anywhere by chance. */
const leastLength = 8;

/** The password of an address, as it stands there and as it was. */
function passwordOf(address: string): string[] {
    const [, password] = /^[a-z][a-z0-9+.-]*:\/\/[^:@/]*:([^@/]+)@/i.exec(address) ?? [];
    return password ? [password, unescape(password)] : [];
}

/** Percent signs that stand for nothing stay. */
const unescape = (text: string) =>
    text.replace(/(?:%[0-9a-f]{2})+/gi, (escaped) => Buffer.from(escaped.replace(/%/g, ""), "hex").toString());

const copies: StackRule["judgeStack"] = (resources) => {
    const secrets = resources.flatMap(({ type, values, made, urn }) =>
        [values, made]
            .flatMap((known) => textsOf(secretValues[type]?.(known)))
            .flatMap((text) => [text, ...passwordOf(text)])
            .filter((text) => text.length >= leastLength)
            .map((text) => ({ text, of: urn.split("::").slice(-1)[0] })),
    );
    return resources.flatMap((resource) =>
        plainTextsOf(resource).flatMap(({ at, text }) => {
            const holders = new Set(secrets.filter((secret) => text.includes(secret.text)).map(({ of }) => of));
            return [...holders].map((of) => ({ resource, property: at, got: `the secret of ${of}` }));
        }),
    );
};

const about = {
    controls: ["SEC02-BP03", "CIS 1.18", "ECS.8", "CodeBuild.2"],
    allowed: "nothing secret where everybody who may look at the resource reads it",
    remedy: "keep it in a SecureString parameter or in Secrets Manager, and have the role fetch it at start",
};

export const secretRules: readonly Rule[] = [
    {
        ...about,
        name: "no-secret-in-plain-sight",
        enforcement: "mandatory",
        why: "whoever may describe the resource reads it, and versions of it stay",
        refuses:
            "A private key, a secret access key, a password or an address with one in user data, in a parameter of type String, or in the environment of a function, container or build",
        types: plainTypes,
        judge: (resource) => findings(plainTextsOf(resource)),
    },
    {
        ...about,
        name: "no-copy-of-a-secret",
        enforcement: "mandatory",
        why: "whoever may describe the resource reads it; this rule knows the value, so it need not look like a secret",
        refuses:
            "The value of an access key, a generated password, a database's password, a SecureString parameter or a secret of the stack, copied to user data, to a parameter of type String, or to the environment of a function, container or build",
        judgeStack: copies,
    },
];
