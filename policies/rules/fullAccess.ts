import type { Finding, Resource, Rule, StackRule } from "../rule";
import { listOf, textsOf, type Values } from "../values";

/** Policies of AWS itself, in any partition, that give the whole of a service or of the account. */
export const isFullAccess = (arn: string): boolean =>
    /^arn:[\w-]+:iam::aws:policy\/(?:.*\/)?(?:AdministratorAccess|PowerUserAccess|\w*FullAccess)(?:[-_]\w+)*$/.test(
        arn,
    );

const one = ({ policyArn }: Values) => listOf(policyArn);

const attachedBy: Readonly<Record<string, (values: Values) => readonly unknown[]>> = {
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": one,
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment": one,
    "aws:iam/userPolicyAttachment:UserPolicyAttachment": one,
    "aws:iam/policyAttachment:PolicyAttachment": one,
    "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive": ({ policyArns }) => listOf(policyArns),
    "aws:iam/role:Role": ({ managedPolicyArns }) => listOf(managedPolicyArns),
    "aws:ssoadmin/managedPolicyAttachment:ManagedPolicyAttachment": ({ managedPolicyArn }) => listOf(managedPolicyArn),
};

const attached = ({ type, values }: Resource): Finding[] =>
    textsOf(attachedBy[type]?.(values))
        .filter(isFullAccess)
        .map((got) => ({ property: "managed policy", got }));

/** What a stack protects from deletion, it holds dear: one such resource makes it a protected stack. */
const isProtected = (resources: readonly Resource[]) => resources.some(({ protect }) => protect);

const inStacks =
    (kind: "protected" | "others"): StackRule["judgeStack"] =>
    (resources) =>
        isProtected(resources) === (kind === "protected")
            ? resources.flatMap((resource) => attached(resource).map((finding) => ({ ...finding, resource })))
            : [];

const about = {
    controls: ["SEC03-BP02", "IAM.1", "CIS 1.16"],
    remedy: "give it a policy of its own that names actions and resources; of this program, set serverS3Rights `scoped` and clientS3Rights `readWrite`",
};

export const fullAccessRules: readonly Rule[] = [
    {
        ...about,
        name: "no-full-access-in-protected-stacks",
        enforcement: "mandatory",
        why: "the stack holds something that must not be lost, and such a policy may delete it",
        refuses:
            "AdministratorAccess, PowerUserAccess or a …FullAccess policy of AWS on anybody, in a stack with a protected resource",
        allowed: "any other policy in a stack with a protected resource",
        judgeStack: inStacks("protected"),
    },
    {
        ...about,
        name: "full-access-is-for-a-quick-start",
        enforcement: "advisory",
        why: "a stack without a protected resource may be a trial",
        refuses:
            "AdministratorAccess, PowerUserAccess or a …FullAccess policy of AWS on anybody, in a stack without a protected resource",
        allowed: "any other policy; this one as long as the stack is a trial",
        judgeStack: inStacks("others"),
    },
];
