import { conditionsOf, parsed, principalsOf, statementsOf } from "../documents";
import { mayHaveEveryResource } from "../exceptions";
import type { Finding, Resource, Rule, StackRule } from "../rule";
import { listOf, recordOf, textsOf, unknown, type Values } from "../values";

const role = "aws:iam/role:Role";
const accessKey = "aws:iam/accessKey:AccessKey";

/** Where documents with rights stand. Policies of resources (of a bucket, of a key) are none: their `*` is the resource itself. */
const rightsIn: Readonly<Record<string, (values: Values) => { at: string; document: unknown }[]>> = {
    "aws:iam/policy:Policy": ({ policy }) => [{ at: "policy", document: policy }],
    "aws:iam/rolePolicy:RolePolicy": ({ policy }) => [{ at: "policy", document: policy }],
    "aws:iam/groupPolicy:GroupPolicy": ({ policy }) => [{ at: "policy", document: policy }],
    "aws:iam/userPolicy:UserPolicy": ({ policy }) => [{ at: "policy", document: policy }],
    "aws:ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy": ({ inlinePolicy }) => [
        { at: "inlinePolicy", document: inlinePolicy },
    ],
    [role]: ({ inlinePolicies }) =>
        listOf(inlinePolicies).map((inline, index) => ({
            at: `inlinePolicies[${index}].policy`,
            document: recordOf(inline).policy,
        })),
};

/** `*`, an ARN that ends early in a wildcard, and one that says nothing of the resource, such as `arn:aws:s3:::*`. */
export function isEveryResource(resource: string): boolean {
    const [, , service, , , ...rest] = resource.split(":");
    return rest.length === 0 ? /[*?]/.test(resource) : /[*?]/.test(service) || /^[*?/:]*$/.test(rest.join(":"));
}

/** Whether a condition keeps to resources that bear, or are to bear, a tag. */
const isBoundByTag = (statement: Values) =>
    conditionsOf(statement).some(
        ({ operator, key, values }) =>
            operator.toLowerCase() === "stringequals" && /:(resourcetag|requesttag)\//.test(key) && values.length > 0,
    );

/** What of a statement allows more than it names. */
export function wildcardsOf(statement: Values): Finding[] {
    if (statement.Effect !== "Allow") {
        return [];
    }
    const inverted = ["NotAction", "NotResource"].filter((key) => statement[key] !== undefined);
    const actions = textsOf(statement.Action);
    const wide = actions.filter((action) => /[*?]/.test(action));
    const limitable = actions.filter((action) => !mayHaveEveryResource(action));
    const resources = isBoundByTag(statement) ? [] : textsOf(statement.Resource).filter(isEveryResource);
    return [
        ...inverted.map((property) => ({
            property,
            got: statement[property] === unknown ? "a list" : statement[property],
        })),
        ...wide.map((got) => ({ property: "Action", got })),
        ...(limitable.length > 0
            ? resources.map((got) => ({ property: `Resource of ${limitable.join(", ")}`, got }))
            : []),
    ];
}

const named = (document: unknown, at: string, judge: (statement: Values) => Finding[]): Finding[] =>
    statementsOf(document).flatMap((statement, index) =>
        judge(statement).map(({ property, got }) => ({
            property: `${at}, statement ${typeof statement.Sid === "string" ? statement.Sid : index + 1}: ${property}`,
            got,
        })),
    );

/** Subjects that GitHub gives to anybody's workflow begin with a name that anybody can choose. */
const namesOwner = (subject: unknown) => subject === unknown || /^repo:[^*?/:]+\/[^:]/.test(String(subject));

/** Whom a statement of a trust policy lets in that nobody has named. */
export function strangersOf(statement: Values): Finding[] {
    if (statement.Effect !== "Allow") {
        return [];
    }
    const found: Finding[] = principalsOf(statement)
        .filter((principal) => principal === "*")
        .map((got) => ({ property: "Principal", got }));
    if (statement.NotPrincipal !== undefined) {
        found.push({ property: "NotPrincipal", got: "everybody else" });
    }
    if (textsOf(recordOf(statement.Principal).Federated).some((provider) => provider.includes(githubTokens))) {
        const subjects = conditionsOf(statement)
            .filter(({ operator, key }) => /^String(Equals|Like)$/i.test(operator) && key === `${githubTokens}:sub`)
            .flatMap(({ values }) => values);
        if (subjects.length === 0 || !subjects.every(namesOwner)) {
            found.push({
                property: `${githubTokens}:sub`,
                got: subjects.length === 0 ? undefined : subjects.join(", "),
            });
        }
    }
    return found;
}

const githubTokens = "token.actions.githubusercontent.com";

/** Policies that reach a user without a group. */
function ofUser({ type, values }: Resource): Finding[] {
    const several = type === "aws:iam/policyAttachment:PolicyAttachment";
    return several && listOf(values.users).length === 0
        ? []
        : [{ property: several ? "users" : "user", got: "a policy of their own" }];
}

/** The user's name, or what it comes from while that is not known; nothing where neither is. */
const holderOf = ({ values, madeFrom }: Resource) =>
    typeof values.user === "string" ? values.user : madeFrom.user?.join() || undefined;

const secondKeys: StackRule["judgeStack"] = (resources) => {
    const active = resources.filter(
        ({ type, values }) => type === accessKey && (values.status ?? "Active") === "Active",
    );
    return active
        .filter((key, index) => {
            const holder = holderOf(key);
            return holder !== undefined && active.slice(0, index).some((earlier) => holderOf(earlier) === holder);
        })
        .map((resource) => ({ resource, property: "status", got: "a second active key" }));
};

export const identityRules: readonly Rule[] = [
    {
        name: "no-wildcards-in-iam",
        enforcement: "mandatory",
        why: "a right that nobody wrote down is found by whoever gets hold of the credentials",
        refuses:
            "An IAM policy of a role, group, user or permission set that allows actions with a wildcard, every resource, or all but what it names",
        controls: ["IAM.1", "IAM.21", "CIS 1.16"],
        allowed:
            "actions and resources by name; every resource with `StringEquals` on a tag, or for an exception (docs/policies.md)",
        remedy: "name the actions and the ARNs; where AWS knows no resource for an action, add it to policies/exceptions.ts with the reason",
        types: Object.keys(rightsIn),
        judge: ({ type, values }) =>
            rightsIn[type](values).flatMap(({ at, document }) => named(document, at, wildcardsOf)),
    },
    {
        name: "roles-trust-whom-they-name",
        enforcement: "mandatory",
        why: "it is the one door that opens without any right in the account",
        refuses:
            "A trust policy that lets in everybody (`*`), everybody but somebody, or workflows of any GitHub repository",
        controls: ["SEC03-BP07"],
        allowed:
            "principals by name; for GitHub a `sub` that names owner and repository: `repo:<owner>/<repository>:…`",
        remedy: "name the service, the account or the role; for GitHub add the condition on the subject",
        types: [role],
        judge: ({ values }) => named(parsed(values.assumeRolePolicy), "assumeRolePolicy", strangersOf),
    },
    {
        name: "users-have-rights-through-groups",
        enforcement: "mandatory",
        why: "rights of a person are looked for in groups; those on the user are overlooked when the person moves on",
        refuses: "A policy, inline or attached, on an IAM user",
        controls: ["IAM.2", "CIS 1.15"],
        allowed: "groups and roles",
        remedy: "give the policy to an aws.iam.Group, and the user an aws.iam.UserGroupMembership",
        types: [
            "aws:iam/userPolicy:UserPolicy",
            "aws:iam/userPolicyAttachment:UserPolicyAttachment",
            "aws:iam/policyAttachment:PolicyAttachment",
        ],
        judge: ofUser,
    },
    {
        name: "one-active-key-per-user",
        enforcement: "advisory",
        why: "a rotation has two for as long as it takes; one that was forgotten looks the same",
        refuses: "A second active access key of an IAM user",
        controls: ["CIS 1.13"],
        allowed: "one, but for the time of a rotation",
        remedy: "finish the rotation: make the older key inactive, then remove it",
        judgeStack: secondKeys,
    },
];
