import assert from "node:assert";
import { withSecrets } from "../../plan/secrets";
import { decide, type Policies, type Verdict } from "./iam";
import type { Stack } from "./stack";

// Who asks for what in a stack, and what the stack's own policies say to it. Not proven: what AWS's managed policies, which
// are attached by name, add; nor anything that tests/support/iam.ts leaves out.

export const account = "123456789012";
/** IAM's own id of a role of the teammates. */
export const roleId = "AROAEXAMPLEDATASCIENT";

/**
 * An action and its resource; several resources: the service asks for all of them, and one refusal refuses the request.
 * Names in braces stand for parts of the stack, such as `{bucket}` for the bucket's ARN.
 */
export type Request = readonly [
    action: string,
    resource: string | readonly string[],
    context?: Readonly<Record<string, string>>,
];

export interface Caller {
    readonly arn: string;
    /** What AWS adds to each of the caller's requests. */
    readonly context: Readonly<Record<string, string>>;
    readonly policies: Policies;
    readonly places: Readonly<Record<string, string>>;
    /** Managed policies, which are not judged. */
    readonly managed: readonly unknown[];
}

export interface Callers {
    /** The user, where the stack makes one. */
    readonly client: Caller;
    /** Somebody called jane, with this role of the teammates. */
    readonly clientRole: (name: string) => Caller;
    readonly server: Caller;
    /** Somebody whom the stack does not make, or the name of a service; without either nobody known. */
    readonly other: (arn: string | undefined, identity?: readonly unknown[]) => Caller;
}

/** The callers of a stack, with the policies that reach them through group, role and bucket. */
export function callers(stack: Stack): Callers {
    const select = (type: string, field: string, values: readonly unknown[]) =>
        stack
            .all(type)
            .map(({ inputs }) => withSecrets(inputs, (secret) => secret) as Record<string, unknown>)
            .filter((inputs) => values.includes(inputs[field]));

    const bucketName = stack.output("bucketName");
    const bucketPolicies = select("aws:s3/bucketPolicy:BucketPolicy", "bucket", [bucketName]);
    assert.ok(bucketPolicies.length <= 1, "a bucket has one policy");
    const bucket = bucketPolicies[0]?.policy;

    const [user] = stack.all("aws:iam/user:User");
    const userName = String(user?.inputs.name);
    const memberships = select("aws:iam/userGroupMembership:UserGroupMembership", "user", [userName]);
    const groups = memberships.flatMap((membership) => membership.groups as string[]);
    const roleArn = String(stack.output("serverRoleArn"));
    const roles = [roleArn.split("/").pop()];

    const region = String(stack.output("region"));
    const userId = "AIDACKCEVSQ6C2EXAMPLE";
    const places = {
        bucket: `arn:aws:s3:::${bucketName}`,
        bundle: `arn:aws:s3:::${bucketName}/${stack.inputs("aws:s3/bucketObjectv2:BucketObjectv2").key}`,
        instance: `arn:aws:ec2:${region}:${account}:instance/${stack.output("instanceId")}`,
        instanceElsewhere: `arn:aws:ec2:eu-west-3:${account}:instance/${stack.output("instanceId")}`,
        document: `arn:aws:ssm:${region}::document/AWS-StartPortForwardingSession`,
        ssm: `arn:aws:ssm:${region}:${account}`,
        user: userName,
        userId,
        role: roleArn,
    };
    const managedBy = (names: readonly unknown[]) =>
        select("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "role", names).map(({ policyArn }) => policyArn);
    /** Policies of the stack's own, which are attached by their ARN. */
    const own = stack.all("aws:iam/policy:Policy").map(({ inputs }) => ({
        arn: `arn:aws:iam::${account}:policy/${String(inputs.name)}`,
        policy: inputs.policy,
    }));
    return {
        clientRole: (name) => ({
            arn: `arn:aws:iam::${account}:role/${name}`,
            context: { "aws:userid": `${roleId}:jane` },
            policies: {
                identity: own.filter(({ arn }) => managedBy([name]).includes(arn)).map(({ policy }) => policy),
                bucket,
            },
            managed: managedBy([name]).filter((arn) => !own.some((policy) => policy.arn === arn)),
            places,
        }),
        client: {
            arn: `arn:aws:iam::${account}:user/${userName}`,
            context: { "aws:username": userName, "aws:userid": userId },
            policies: {
                identity: select("aws:iam/groupPolicy:GroupPolicy", "group", groups).map(({ policy }) => policy),
                bucket,
            },
            managed: select("aws:iam/groupPolicyAttachment:GroupPolicyAttachment", "group", groups).map(
                ({ policyArn }) => policyArn,
            ),
            places,
        },
        server: {
            arn: roleArn,
            // A role's session has no user name, and its id ends with the instance's.
            context: { "aws:userid": `AROADBQP57FF2AEXAMPLE:${stack.output("instanceId")}` },
            policies: {
                identity: select("aws:iam/rolePolicy:RolePolicy", "role", roles).map(({ policy }) => policy),
                bucket,
            },
            managed: managedBy(roles),
            places,
        },
        other: (arn, identity = []) => ({
            arn: arn ?? "",
            context: {},
            policies: { identity, bucket },
            managed: [],
            places,
        }),
    };
}

/** The verdict on a request that comes over TLS, unless its own context says otherwise. */
export function judge(caller: Caller, [action, resources, context]: Request): Verdict {
    const carried = {
        "aws:SecureTransport": "true",
        // Neither a service nor somebody unknown has an ARN.
        ...(caller.arn.startsWith("arn:") && { "aws:PrincipalArn": caller.arn }),
        ...caller.context,
        ...context,
    };
    const verdicts = [resources]
        .flat()
        .map((resource) =>
            decide(
                { principal: caller.arn, action, resource: fill(resource, caller.places), context: carried },
                caller.policies,
            ),
        );
    return (["explicit deny", "implicit deny"] as const).find((verdict) => verdicts.includes(verdict)) ?? "allow";
}

/** Every one of the requests gets this verdict; the difference names those that do not. */
export function assertAll(verdict: Verdict, caller: Caller, requests: readonly Request[]): void {
    assert.ok(requests.length > 0, "an empty table proves nothing");
    const line = (given: Verdict, [action, resources, context = {}]: Request) =>
        `${given}: ${action} on ${[resources].flat().join(" and ")} ${JSON.stringify(context)}`;
    assert.deepStrictEqual(
        requests.map((request) => line(judge(caller, request), request)),
        requests.map((request) => line(verdict, request)),
    );
}

function fill(text: string, places: Readonly<Record<string, string>>): string {
    return text.replace(/\{(\w+)\}/g, (_, name: string) => places[name] ?? assert.fail(`no place {${name}}`));
}
