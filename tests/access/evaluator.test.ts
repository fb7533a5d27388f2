// The judge itself (tests/support/iam.ts), on small documents whose verdicts AWS's documentation states. It does not prove
// that AWS decides so, nor that the documentation was read rightly; it knows no service control policies, boundaries,
// session policies or other accounts.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
import assert from "node:assert";
import { decide, decideTrust, type Verdict } from "../support/iam";

type Fields = Record<string, unknown>;

const jane = "arn:aws:iam::123456789012:user/jane";
const document = (...statements: Fields[]) => ({ Version: "2012-10-17", Statement: statements });
const base = { Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::box/*" };
const request = { principal: jane, action: "s3:GetObject", resource: "arn:aws:s3:::box/a/b:c" };

/** The verdict on Jane's request when her only statement differs from the base in these elements. */
const withStatement = (differs: Fields, context?: Record<string, string>, resource = request.resource) =>
    decide({ ...request, resource, context }, { identity: [document({ ...base, ...differs })] });

describe("the judge of policies: who wins", () => {
    const deny = { ...base, Effect: "Deny" };
    const everybody = { Principal: "*" };
    const rows: [string, Verdict, Parameters<typeof decide>[1]][] = [
        ["no policy at all", "implicit deny", {}],
        ["an Allow of the identity", "allow", { identity: [document(base)] }],
        ["an Allow of the bucket", "allow", { bucket: document({ ...base, ...everybody }) }],
        ["a Deny after an Allow", "explicit deny", { identity: [document(base, deny)] }],
        ["a Deny before an Allow", "explicit deny", { identity: [document(deny, base)] }],
        ["a Deny in another document", "explicit deny", { identity: [document(base), document(deny)] }],
        [
            "a Deny of the bucket",
            "explicit deny",
            { identity: [document(base)], bucket: document({ ...deny, ...everybody }) },
        ],
        [
            "a Deny of the identity",
            "explicit deny",
            { identity: [document(deny)], bucket: document({ ...base, ...everybody }) },
        ],
        ["a Deny alone", "explicit deny", { identity: [document(deny)] }],
        ["a Deny of something else", "allow", { identity: [document(base, { ...deny, Action: "s3:PutObject" })] }],
        ["one statement without a list", "allow", { identity: [{ Version: "2012-10-17", Statement: base }] }],
        ["a document as text", "allow", { identity: [JSON.stringify(document(base))] }],
    ];
    for (const [title, verdict, policies] of rows) {
        it(`${title}: ${verdict}`, () => assert.strictEqual(decide(request, policies), verdict));
    }
});

describe("the judge of policies: actions, resources, variables", () => {
    const sessions = "arn:aws:ssm:us-west-1:123456789012:session/";
    const session = (id: string, context?: Record<string, string>, variable = "aws:username") =>
        withStatement({ Resource: `${sessions}\${${variable}}-*` }, context, sessions + id);
    const rows: [string, boolean, () => Verdict][] = [
        ["an action in another case", true, () => withStatement({ Action: "S3:getobject" })],
        ["an action with *", true, () => withStatement({ Action: "s3:Get*" })],
        ["an action with ?", true, () => withStatement({ Action: "s3:?etObject" })],
        ["an action that only starts alike", false, () => withStatement({ Action: "s3:GetObj" })],
        ["an action that ? is too short for", false, () => withStatement({ Action: "s3:GetObject?" })],
        ["one action of a list", true, () => withStatement({ Action: ["s3:PutObject", "s3:GetObject"] })],
        ["every action", true, () => withStatement({ Action: "*" })],
        ["another service's actions", false, () => withStatement({ Action: "ssm:*" })],
        ["* in a resource, over / and :", true, () => withStatement({})],
        ["* in the middle of a resource", true, () => withStatement({ Resource: "arn:aws:s3:::box/*:c" })],
        ["? in a resource", true, () => withStatement({ Resource: "arn:aws:s3:::box/?/b:c" })],
        ["? takes exactly one character", false, () => withStatement({ Resource: "arn:aws:s3:::box/?" })],
        ["a resource in another case", false, () => withStatement({ Resource: "arn:aws:s3:::BOX/*" })],
        ["a dot is a dot", false, () => withStatement({ Resource: "arn:aws:s3:::b.x/*" })],
        ["the bucket is not its objects", false, () => withStatement({ Resource: "arn:aws:s3:::box" })],
        ["one resource of a list", true, () => withStatement({ Resource: ["arn:aws:s3:::x", base.Resource] })],
        ["every resource", true, () => withStatement({ Resource: "*" })],
        ["the user's name", true, () => session("jane-0a1b", { "aws:username": "jane" })],
        ["another user's name", false, () => session("john-0a1b", { "aws:username": "jane" })],
        ["the user's id", true, () => session("AIDA1-0a1b", { "aws:userid": "AIDA1" }, "aws:userid")],
        // A role has no user name: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
        ["a variable without a value", false, () => session("jane-0a1b")],
        ["a variable without a value is not empty text", false, () => session("-0a1b")],
        ["a value with * is taken as it is", false, () => session("jane-0a1b", { "aws:username": "*" })],
    ];
    for (const [title, allowed, run] of rows) {
        it(`${title}: ${allowed}`, () => assert.strictEqual(run(), allowed ? "allow" : "implicit deny"));
    }
});

describe("the judge of policies: conditions", () => {
    const one = "arn:aws:iam::123456789012:user/one";
    const rows: [operator: string, wanted: string | string[], actual: string | undefined, holds: boolean][] = [
        ["StringEquals", "a", "a", true],
        ["StringEquals", "a", "A", false],
        ["StringEquals", "a*", "ab", false],
        ["StringEquals", ["a", "b"], "b", true],
        ["StringEquals", "a", undefined, false],
        ["StringNotEquals", "a", "b", true],
        ["StringNotEquals", ["a", "b"], "b", false],
        ["StringNotEquals", "a", undefined, true],
        ["StringLike", "a/*", "a/", true],
        ["StringLike", "a/*", "a/b/c", true],
        ["StringLike", "a/*", "a", false],
        ["StringLike", "a/*", "A/b", false],
        ["StringLike", "a/*", "", false],
        ["StringLike", "a?", "a", false],
        ["StringLike", "*", undefined, false],
        ["ArnLike", one, one, true],
        ["ArnLike", "arn:aws:iam::*:user/*", one, true],
        ["ArnLike", "arn:aws:iam::123456789012:*", one, true],
        // Each part by itself: a wildcard does not reach over a colon into the next part.
        ["ArnLike", "arn:aws:*:123456789012:user/a:b", "arn:aws:iam::123456789012:user/a:b", false],
        ["ArnLike", "arn:aws:iam::*:*", undefined, false],
        ["ArnEquals", one, one, true],
        ["ArnEquals", one, `${one}-more`, false],
        ["ArnEquals", one, undefined, false],
        ["ArnNotLike", one, one, false],
        ["ArnNotLike", one, `${one}-more`, true],
        ["ArnNotLike", [`${one}-more`, one], one, false],
        ["ArnNotLike", one, undefined, true],
        ["ForAllValues:StringNotEquals", ["a", "b"], "c,d", true],
        ["ForAllValues:StringNotEquals", ["a", "b"], "c,b", false],
        ["ForAllValues:StringNotEquals", "a", "a", false],
        ["ForAllValues:StringNotEquals", "a", undefined, true],
        ["ForAllValues:StringLike", ["a*", "b"], "abc,b", true],
        ["ForAllValues:StringLike", ["a*", "b"], "abc,c", false],
        ["ForAllValues:StringLike", "a*", undefined, true],
        ["Null", "false", "*", true],
        ["Null", "false", undefined, false],
        ["Null", "true", undefined, true],
        ["Null", "true", "*", false],
        ["Bool", "true", "true", true],
        ["Bool", "true", "false", false],
        ["Bool", "false", "false", true],
        ["Bool", "true", undefined, false],
        ["Bool", "false", undefined, false],
        ["BoolIfExists", "true", "true", true],
        ["BoolIfExists", "true", "false", false],
        ["BoolIfExists", "true", undefined, true],
    ];
    for (const [operator, wanted, actual, holds] of rows) {
        it(`${operator} ${JSON.stringify(wanted)} of ${JSON.stringify(actual) ?? "a missing key"}: ${holds}`, () => {
            const context: Record<string, string> = actual === undefined ? {} : { "x:Key": actual };
            const verdict = withStatement({ Condition: { [operator]: { "x:Key": wanted } } }, context);
            assert.strictEqual(verdict, holds ? "allow" : "implicit deny");
        });
    }

    it("puts the caller's own id or name in place of a variable that is the whole value, and nothing without one", () => {
        const condition = { StringEquals: { "x:owner": "${aws:userid}" } };
        const verdicts = [{ "aws:userid": "AROA1:jane" }, { "aws:userid": "AROA1:john" }, {}].map((context) =>
            withStatement({ Condition: condition }, { "x:owner": "AROA1:jane", ...context } as Record<string, string>),
        );
        assert.deepStrictEqual(verdicts, ["allow", "implicit deny", "implicit deny"]);
        assert.strictEqual(withStatement({ Condition: condition }, {}), "implicit deny");
    });
    it("finds a key in any case", () => {
        const condition = { StringEquals: { "AWS:UserName": "jane" } };
        assert.strictEqual(withStatement({ Condition: condition }, { "aws:username": "jane" }), "allow");
    });
    it("wants every operator and every key", () => {
        const condition = { StringEquals: { "x:a": "1", "x:b": "2" }, Bool: { "x:c": "true" } };
        const all = { "x:a": "1", "x:b": "2", "x:c": "true" };
        const verdicts = [all, { ...all, "x:b": "3" }, { ...all, "x:c": "false" }].map((context) =>
            withStatement({ Condition: condition }, context),
        );
        assert.deepStrictEqual(verdicts, ["allow", "implicit deny", "implicit deny"]);
    });
});

describe("the judge of policies: principals", () => {
    const ec2 = "ec2.amazonaws.com";
    const rows: [string, unknown, string, boolean][] = [
        ["everybody", "*", jane, true],
        ["everybody, a service too", "*", ec2, true],
        ["everybody, the other way to write it", { AWS: "*" }, jane, true],
        ["a user", { AWS: jane }, jane, true],
        ["one user of a list", { AWS: [`${jane}2`, jane] }, jane, true],
        ["another user", { AWS: jane }, `${jane}2`, false],
        ["a service", { Service: ec2 }, ec2, true],
        ["another service", { Service: ec2 }, "lambda.amazonaws.com", false],
        ["a user where a service is named", { Service: ec2 }, jane, false],
        ["a service or a user", { Service: ec2, AWS: jane }, jane, true],
    ];
    for (const [title, Principal, caller, allowed] of rows) {
        it(`${title}: ${allowed}`, () => {
            const trust = document({ Effect: "Allow", Principal, Action: "sts:AssumeRole" });
            assert.strictEqual(decideTrust(caller, trust), allowed ? "allow" : "implicit deny");
        });
    }

    it("the provider of a token, by what the token says", () => {
        const provider = "arn:aws:iam::123456789012:oidc-provider/issuer.example";
        const action = "sts:AssumeRoleWithWebIdentity";
        const Condition = { StringEquals: { "issuer.example:sub": "jane" } };
        const trust = document({ Effect: "Allow", Principal: { Federated: provider }, Action: action, Condition });
        const verdicts = [
            decideTrust(provider, trust, action, { "issuer.example:sub": "jane" }),
            decideTrust(provider, trust, action, { "issuer.example:sub": "john" }),
            decideTrust(`${provider}2`, trust, action, { "issuer.example:sub": "jane" }),
            decideTrust(provider, trust, action),
        ];
        assert.deepStrictEqual(verdicts, ["allow", ...Array<Verdict>(3).fill("implicit deny")]);
    });
});

describe("the judge of policies: what it refuses to judge", () => {
    const allow = { Effect: "Allow", Action: "s3:GetObject" };
    const rows: [string, unknown][] = [
        ["NotAction", document({ Effect: "Allow", NotAction: "s3:*", Resource: "*" })],
        ["NotAction beside Action", document({ ...base, NotAction: "s3:*" })],
        ["NotResource", document({ ...allow, NotResource: "arn:aws:s3:::box/*" })],
        ["an unknown element", document({ ...base, Comment: "" })],
        ["an unknown element of the document", { ...document(base), Id: "x" }],
        ["a principal in an identity policy", document({ ...base, Principal: "*" })],
        ["no resource", document(allow)],
        ["another version, where variables are plain text", { ...document(base), Version: "2008-10-17" }],
        ["no version", { Statement: [base] }],
        ["no statement", { Version: "2012-10-17" }],
        ["an Effect in another case", document({ ...base, Effect: "deny" })],
        ["an empty list of actions", document({ ...base, Action: [] })],
        ["an action without a service", document({ ...base, Action: "GetObject" })],
        ["a variable in an action", document({ ...base, Action: "s3:${aws:username}" })],
        ["a resource that is no ARN", document({ ...base, Resource: "box/*" })],
        ["an unresolved value", document({ ...base, Resource: undefined })],
        ["an unknown variable", document({ ...base, Resource: "arn:aws:s3:::box/${aws:PrincipalTag/team}/*" })],
        ["a variable with a default", document({ ...base, Resource: "arn:aws:s3:::${aws:username, 'x'}" })],
        ["a variable without an end", document({ ...base, Resource: "arn:aws:s3:::box/${aws:username" })],
        ["a variable in a condition", document({ ...base, Condition: { StringLike: { k: "${aws:username}/*" } } })],
        ["an unknown operator", document({ ...base, Condition: { NumericLessThan: { k: "1" } } })],
        ["an operator's name that every object has", document({ ...base, Condition: { toString: { k: "1" } } })],
        ["IfExists elsewhere", document({ ...base, Condition: { StringLikeIfExists: { k: "1" } } })],
        ["a set operator", document({ ...base, Condition: { "ForAnyValue:StringLike": { k: "1" } } })],
        ["a flag that is neither", document({ ...base, Condition: { Bool: { k: "yes" } } })],
        ["a flag that is no text", document({ ...base, Condition: { Bool: { k: true } } })],
        ["an ARN with too few parts", document({ ...base, Condition: { ArnLike: { k: "arn:aws:iam" } } })],
    ];
    for (const [title, identity] of rows) {
        // With a request that the statement would not match: nothing may be left unread.
        it(title, () => {
            const elsewhere = { principal: jane, action: "ec2:RunInstances", resource: "arn:aws:ec2:::x" };
            assert.throws(() => decide(elsewhere, { identity: [identity] }), /does not judge/);
        });
    }

    const principals: [string, unknown][] = [
        ["an account by its id", { AWS: "123456789012" }],
        ["an account by its root", { AWS: "arn:aws:iam::123456789012:root" }],
        ["a principal with a wildcard", { AWS: "arn:aws:iam::123456789012:user/*" }],
        ["every service", { Service: "*" }],
        ["a provider with a wildcard", { Federated: "arn:aws:iam::123456789012:oidc-provider/*" }],
        ["a federated principal", { Federated: "cognito-identity.amazonaws.com" }],
        ["a service or a federated principal", { Service: "ec2.amazonaws.com", Federated: "example.com" }],
        ["nobody", {}],
        ["a principal as plain text", jane],
    ];
    for (const [title, Principal] of principals) {
        it(title, () => {
            const trust = document({ Effect: "Allow", Principal, Action: "sts:AssumeRole" });
            assert.throws(() => decideTrust(jane, trust), /does not judge/);
            assert.throws(() => decide(request, { bucket: document({ ...base, Principal }) }), /does not judge/);
        });
    }
    it("a trust policy with a resource", () => {
        const trust = document({ Effect: "Allow", Principal: "*", Action: "sts:AssumeRole", Resource: "*" });
        assert.throws(() => decideTrust(jane, trust), /does not judge/);
    });
});
