import * as iam from "@aws-sdk/client-iam";
import { policyFrom, policyText, type ResourceHandler, tagList, unlessGone } from "./handlers";

// What roles, groups and users may do.

const rolePolicy: ResourceHandler = {
    async create({ iam: client }, { role: RoleName, name, policy }, autoName) {
        const PolicyName = name ?? autoName;
        await client.send(new iam.PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument: policyText(policy) }));
        return { id: `${RoleName}:${PolicyName}`, name: PolicyName };
    },
    update: ({ iam: client }, _, { role: RoleName, name: PolicyName, policy }) =>
        client.send(new iam.PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument: policyText(policy) })),
    async read({ iam: client }, _, state) {
        const question = new iam.GetRolePolicyCommand({ RoleName: state.role, PolicyName: state.name });
        const found = await unlessGone(client.send(question));
        return found && { ...state, policy: policyFrom(found.PolicyDocument, state.policy) };
    },
    delete: ({ iam: client }, _, { role: RoleName, name: PolicyName }) =>
        unlessGone(client.send(new iam.DeleteRolePolicyCommand({ RoleName, PolicyName }))),
};

const groupPolicy: ResourceHandler = {
    async create({ iam: client }, { group: GroupName, name, policy }, autoName) {
        const PolicyName = name ?? autoName;
        await client.send(new iam.PutGroupPolicyCommand({ GroupName, PolicyName, PolicyDocument: policyText(policy) }));
        return { id: `${GroupName}:${PolicyName}`, name: PolicyName };
    },
    update: ({ iam: client }, _, { group: GroupName, name: PolicyName, policy }) =>
        client.send(new iam.PutGroupPolicyCommand({ GroupName, PolicyName, PolicyDocument: policyText(policy) })),
    async read({ iam: client }, _, state) {
        const question = new iam.GetGroupPolicyCommand({ GroupName: state.group, PolicyName: state.name });
        const found = await unlessGone(client.send(question));
        return found && { ...state, policy: policyFrom(found.PolicyDocument, state.policy) };
    },
    delete: ({ iam: client }, _, { group: GroupName, name: PolicyName }) =>
        unlessGone(client.send(new iam.DeleteGroupPolicyCommand({ GroupName, PolicyName }))),
};

const rolePolicyAttachment: ResourceHandler = {
    async create({ iam: client }, { role: RoleName, policyArn: PolicyArn }) {
        await client.send(new iam.AttachRolePolicyCommand({ RoleName, PolicyArn }));
        return { id: `${RoleName}-${PolicyArn}` };
    },
    async read({ iam: client }, _, state) {
        const found = await unlessGone(client.send(new iam.ListAttachedRolePoliciesCommand({ RoleName: state.role })));
        return found?.AttachedPolicies!.some(({ PolicyArn }) => PolicyArn === state.policyArn) ? state : undefined;
    },
    delete: ({ iam: client }, _, { role: RoleName, policyArn: PolicyArn }) =>
        unlessGone(client.send(new iam.DetachRolePolicyCommand({ RoleName, PolicyArn }))),
};

const groupPolicyAttachment: ResourceHandler = {
    async create({ iam: client }, { group: GroupName, policyArn: PolicyArn }) {
        await client.send(new iam.AttachGroupPolicyCommand({ GroupName, PolicyArn }));
        return { id: `${GroupName}-${PolicyArn}` };
    },
    async read({ iam: client }, _, state) {
        const question = new iam.ListAttachedGroupPoliciesCommand({ GroupName: state.group });
        const found = await unlessGone(client.send(question));
        return found?.AttachedPolicies!.some(({ PolicyArn }) => PolicyArn === state.policyArn) ? state : undefined;
    },
    delete: ({ iam: client }, _, { group: GroupName, policyArn: PolicyArn }) =>
        unlessGone(client.send(new iam.DetachGroupPolicyCommand({ GroupName, PolicyArn }))),
};

const policy: ResourceHandler = {
    async create({ iam: client }, { name, description, policy: document, tags }, autoName) {
        const { Policy } = await client.send(
            new iam.CreatePolicyCommand({
                PolicyName: name ?? autoName,
                Description: description,
                PolicyDocument: policyText(document),
                Tags: tagList(tags),
            }),
        );
        return { id: Policy!.Arn!, name: Policy!.PolicyName, arn: Policy!.Arn };
    },
    /** A new version takes the place of the only other one: AWS keeps five. */
    async update({ iam: client }, PolicyArn, { policy: document }) {
        const PolicyDocument = policyText(document);
        const { Policy } = await client.send(new iam.GetPolicyCommand({ PolicyArn }));
        await client.send(new iam.CreatePolicyVersionCommand({ PolicyArn, PolicyDocument, SetAsDefault: true }));
        await client.send(new iam.DeletePolicyVersionCommand({ PolicyArn, VersionId: Policy!.DefaultVersionId }));
    },
    async read({ iam: client }, PolicyArn, state) {
        const found = await unlessGone(client.send(new iam.GetPolicyCommand({ PolicyArn })));
        if (!found) {
            return undefined;
        }
        const VersionId = found.Policy!.DefaultVersionId;
        const { PolicyVersion } = await client.send(new iam.GetPolicyVersionCommand({ PolicyArn, VersionId }));
        return { ...state, policy: policyFrom(PolicyVersion!.Document, state.policy) };
    },
    delete: ({ iam: client }, PolicyArn) => unlessGone(client.send(new iam.DeletePolicyCommand({ PolicyArn }))),
};

export const policyHandlers: Readonly<Record<string, ResourceHandler>> = {
    "aws:iam/rolePolicy:RolePolicy": rolePolicy,
    "aws:iam/groupPolicy:GroupPolicy": groupPolicy,
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": rolePolicyAttachment,
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment": groupPolicyAttachment,
    "aws:iam/policy:Policy": policy,
};
