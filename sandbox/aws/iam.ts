import * as iam from "@aws-sdk/client-iam";
import { type Handlers, policyText, tagList } from "./handlers";

export const iamHandlers: Handlers = {
    create: {
        "aws:iam/role:Role": async (clients, { name, assumeRolePolicy, description, tags }, autoName) => {
            const { Role } = await clients.iam.send(
                new iam.CreateRoleCommand({
                    RoleName: name ?? autoName,
                    AssumeRolePolicyDocument: policyText(assumeRolePolicy),
                    Description: description,
                    Tags: tagList(tags),
                }),
            );
            return { id: Role!.RoleName!, name: Role!.RoleName, arn: Role!.Arn };
        },
        "aws:iam/rolePolicy:RolePolicy": async (clients, { role, name, policy }, autoName) => {
            const PolicyName = name ?? autoName;
            await clients.iam.send(
                new iam.PutRolePolicyCommand({ RoleName: role, PolicyName, PolicyDocument: policyText(policy) }),
            );
            return { id: `${role}:${PolicyName}`, name: PolicyName };
        },
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment": async (clients, { role, policyArn }) => {
            await clients.iam.send(new iam.AttachRolePolicyCommand({ RoleName: role, PolicyArn: policyArn }));
            return { id: `${role}-${policyArn}` };
        },
        "aws:iam/instanceProfile:InstanceProfile": async (clients, { name, role, tags }, autoName) => {
            const InstanceProfileName = name ?? autoName;
            const { InstanceProfile } = await clients.iam.send(
                new iam.CreateInstanceProfileCommand({ InstanceProfileName, Tags: tagList(tags) }),
            );
            await clients.iam.send(new iam.AddRoleToInstanceProfileCommand({ InstanceProfileName, RoleName: role }));
            return { id: InstanceProfileName, name: InstanceProfileName, arn: InstanceProfile!.Arn };
        },
        "aws:iam/user:User": async (clients, { name, tags }, autoName) => {
            const { User } = await clients.iam.send(
                new iam.CreateUserCommand({ UserName: name ?? autoName, Tags: tagList(tags) }),
            );
            return { id: User!.UserName!, name: User!.UserName, arn: User!.Arn };
        },
        "aws:iam/group:Group": async (clients, { name }, autoName) => {
            const { Group } = await clients.iam.send(new iam.CreateGroupCommand({ GroupName: name ?? autoName }));
            return { id: Group!.GroupName!, name: Group!.GroupName, arn: Group!.Arn };
        },
        "aws:iam/groupPolicy:GroupPolicy": async (clients, { group, name, policy }, autoName) => {
            const PolicyName = name ?? autoName;
            await clients.iam.send(
                new iam.PutGroupPolicyCommand({ GroupName: group, PolicyName, PolicyDocument: policyText(policy) }),
            );
            return { id: `${group}:${PolicyName}`, name: PolicyName };
        },
        "aws:iam/groupPolicyAttachment:GroupPolicyAttachment": async (clients, { group, policyArn }) => {
            await clients.iam.send(new iam.AttachGroupPolicyCommand({ GroupName: group, PolicyArn: policyArn }));
            return { id: `${group}-${policyArn}` };
        },
        "aws:iam/userGroupMembership:UserGroupMembership": async (clients, { user, groups }) => {
            for (const GroupName of groups) {
                await clients.iam.send(new iam.AddUserToGroupCommand({ UserName: user, GroupName }));
            }
            return { id: `${user}-groups` };
        },
        "aws:iam/policy:Policy": async (clients, { name, description, policy, tags }, autoName) => {
            const { Policy } = await clients.iam.send(
                new iam.CreatePolicyCommand({
                    PolicyName: name ?? autoName,
                    Description: description,
                    PolicyDocument: policyText(policy),
                    Tags: tagList(tags),
                }),
            );
            return { id: Policy!.Arn!, name: Policy!.PolicyName, arn: Policy!.Arn };
        },
        "aws:iam/accessKey:AccessKey": async (clients, { user, status }) => {
            const { AccessKey } = await clients.iam.send(new iam.CreateAccessKeyCommand({ UserName: user }));
            const { AccessKeyId, SecretAccessKey, CreateDate } = AccessKey!;
            if (status === "Inactive") {
                await clients.iam.send(
                    new iam.UpdateAccessKeyCommand({ UserName: user, AccessKeyId, Status: "Inactive" }),
                );
            }
            return { id: AccessKeyId!, secret: SecretAccessKey, createDate: CreateDate?.toISOString() };
        },
    },
    lookup: {
        "aws:iam/getRole:getRole": async (clients, { name }) => {
            const { Role } = await clients.iam.send(new iam.GetRoleCommand({ RoleName: name }));
            return { name, arn: Role!.Arn };
        },
    },
};
