import * as iam from "@aws-sdk/client-iam";
import {
    type Handlers,
    policyFrom,
    policyText,
    type ResourceHandler,
    tagList,
    tagsFrom,
    tagsGone,
    unlessGone,
} from "./handlers";
import { policyHandlers } from "./iamPolicies";

const role: ResourceHandler = {
    async create(clients, { name, assumeRolePolicy, description, permissionsBoundary, tags }, autoName) {
        const { Role } = await clients.iam.send(
            new iam.CreateRoleCommand({
                RoleName: name ?? autoName,
                AssumeRolePolicyDocument: policyText(assumeRolePolicy),
                Description: description,
                PermissionsBoundary: permissionsBoundary,
                Tags: tagList(tags),
            }),
        );
        return { id: Role!.RoleName!, name: Role!.RoleName, arn: Role!.Arn };
    },
    async update({ iam: client }, RoleName, inputs, old) {
        const PolicyDocument = policyText(inputs.assumeRolePolicy);
        await client.send(new iam.UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument }));
        if (inputs.permissionsBoundary) {
            const PermissionsBoundary = inputs.permissionsBoundary;
            await client.send(new iam.PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary }));
        }
        await client.send(new iam.UntagRoleCommand({ RoleName, TagKeys: tagsGone(old, inputs) }));
        await client.send(new iam.TagRoleCommand({ RoleName, Tags: tagList(inputs.tags) }));
    },
    async read({ iam: client }, RoleName, state) {
        const found = await unlessGone(client.send(new iam.GetRoleCommand({ RoleName })));
        const assumeRolePolicy = found && policyFrom(found.Role!.AssumeRolePolicyDocument, state.assumeRolePolicy);
        return found && { ...state, assumeRolePolicy, tags: tagsFrom(found.Role!.Tags) };
    },
    delete: ({ iam: client }, RoleName) => unlessGone(client.send(new iam.DeleteRoleCommand({ RoleName }))),
};

const instanceProfile: ResourceHandler = {
    async create(clients, { name, role: RoleName, tags }, autoName) {
        const InstanceProfileName = name ?? autoName;
        const { InstanceProfile } = await clients.iam.send(
            new iam.CreateInstanceProfileCommand({ InstanceProfileName, Tags: tagList(tags) }),
        );
        await clients.iam.send(new iam.AddRoleToInstanceProfileCommand({ InstanceProfileName, RoleName }));
        return { id: InstanceProfileName, name: InstanceProfileName, arn: InstanceProfile!.Arn };
    },
    async update({ iam: client }, InstanceProfileName, inputs, old) {
        const gone = tagsGone(old, inputs);
        await client.send(new iam.UntagInstanceProfileCommand({ InstanceProfileName, TagKeys: gone }));
        await client.send(new iam.TagInstanceProfileCommand({ InstanceProfileName, Tags: tagList(inputs.tags) }));
    },
    async read({ iam: client }, InstanceProfileName, state) {
        const found = await unlessGone(client.send(new iam.GetInstanceProfileCommand({ InstanceProfileName })));
        return found && { ...state, tags: tagsFrom(found.InstanceProfile!.Tags) };
    },
    async delete({ iam: client }, InstanceProfileName, { role: RoleName }) {
        await unlessGone(client.send(new iam.RemoveRoleFromInstanceProfileCommand({ InstanceProfileName, RoleName })));
        await unlessGone(client.send(new iam.DeleteInstanceProfileCommand({ InstanceProfileName })));
    },
};

const user: ResourceHandler = {
    async create(clients, { name, permissionsBoundary, tags }, autoName) {
        const { User } = await clients.iam.send(
            new iam.CreateUserCommand({
                UserName: name ?? autoName,
                PermissionsBoundary: permissionsBoundary,
                Tags: tagList(tags),
            }),
        );
        return { id: User!.UserName!, name: User!.UserName, arn: User!.Arn };
    },
    async update({ iam: client }, UserName, inputs, old) {
        if (inputs.permissionsBoundary) {
            const PermissionsBoundary = inputs.permissionsBoundary;
            await client.send(new iam.PutUserPermissionsBoundaryCommand({ UserName, PermissionsBoundary }));
        }
        await client.send(new iam.UntagUserCommand({ UserName, TagKeys: tagsGone(old, inputs) }));
        await client.send(new iam.TagUserCommand({ UserName, Tags: tagList(inputs.tags) }));
    },
    async read({ iam: client }, UserName, state) {
        const found = await unlessGone(client.send(new iam.GetUserCommand({ UserName })));
        return found && { ...state, tags: tagsFrom(found.User!.Tags) };
    },
    async delete({ iam: client }, UserName, { forceDestroy }) {
        if (forceDestroy) {
            const found = await unlessGone(client.send(new iam.ListAccessKeysCommand({ UserName })));
            for (const { AccessKeyId } of found?.AccessKeyMetadata ?? []) {
                await client.send(new iam.DeleteAccessKeyCommand({ UserName, AccessKeyId }));
            }
        }
        await unlessGone(client.send(new iam.DeleteUserCommand({ UserName })));
    },
};

const group: ResourceHandler = {
    async create(clients, { name }, autoName) {
        const { Group } = await clients.iam.send(new iam.CreateGroupCommand({ GroupName: name ?? autoName }));
        return { id: Group!.GroupName!, name: Group!.GroupName, arn: Group!.Arn };
    },
    read: async ({ iam: client }, GroupName, state) =>
        (await unlessGone(client.send(new iam.GetGroupCommand({ GroupName })))) && state,
    delete: ({ iam: client }, GroupName) => unlessGone(client.send(new iam.DeleteGroupCommand({ GroupName }))),
};

const membership: ResourceHandler = {
    async create(clients, { user: UserName, groups }) {
        for (const GroupName of groups) {
            await clients.iam.send(new iam.AddUserToGroupCommand({ UserName, GroupName }));
        }
        return { id: `${UserName}-groups` };
    },
    async read({ iam: client }, _, state) {
        const found = await unlessGone(client.send(new iam.ListGroupsForUserCommand({ UserName: state.user })));
        const names = found?.Groups?.map(({ GroupName }) => GroupName!) ?? [];
        const groups = state.groups.filter((name: string) => names.includes(name));
        return groups.length > 0 ? { ...state, groups } : undefined;
    },
    async delete({ iam: client }, _, { user: UserName, groups }) {
        for (const GroupName of groups) {
            await unlessGone(client.send(new iam.RemoveUserFromGroupCommand({ UserName, GroupName })));
        }
    },
};

const accessKey: ResourceHandler = {
    async create(clients, { user: UserName, status }) {
        const { AccessKey } = await clients.iam.send(new iam.CreateAccessKeyCommand({ UserName }));
        const { AccessKeyId, SecretAccessKey, CreateDate } = AccessKey!;
        if (status === "Inactive") {
            await clients.iam.send(new iam.UpdateAccessKeyCommand({ UserName, AccessKeyId, Status: "Inactive" }));
        }
        return { id: AccessKeyId!, secret: SecretAccessKey, createDate: CreateDate?.toISOString() };
    },
    update: ({ iam: client }, AccessKeyId, { user: UserName, status: Status }) =>
        client.send(new iam.UpdateAccessKeyCommand({ UserName, AccessKeyId, Status })),
    async read({ iam: client }, id, state) {
        const found = await unlessGone(client.send(new iam.ListAccessKeysCommand({ UserName: state.user })));
        const key = found?.AccessKeyMetadata?.find(({ AccessKeyId }) => AccessKeyId === id);
        return key && { ...state, status: key.Status };
    },
    delete: ({ iam: client }, AccessKeyId, { user: UserName }) =>
        unlessGone(client.send(new iam.DeleteAccessKeyCommand({ UserName, AccessKeyId }))),
};

export const iamHandlers: Handlers = {
    resources: {
        "aws:iam/role:Role": role,
        "aws:iam/instanceProfile:InstanceProfile": instanceProfile,
        "aws:iam/user:User": user,
        "aws:iam/group:Group": group,
        "aws:iam/userGroupMembership:UserGroupMembership": membership,
        "aws:iam/accessKey:AccessKey": accessKey,
        ...policyHandlers,
    },
    lookup: {
        "aws:iam/getRole:getRole": async (clients, { name }) => {
            const { Role } = await clients.iam.send(new iam.GetRoleCommand({ RoleName: name }));
            return { name, arn: Role!.Arn };
        },
    },
};
