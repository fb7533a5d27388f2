import { account, type Asks, boundary, each, type Request, text } from "./request";

const iam = (path: string) => `arn:aws:iam::${account}:${path}`;
const roleOf = (name: unknown) => iam(`role/${text(name)}`);
/** The provider adds seven hex digits to names that nobody gives. */
const named = (kind: string, logicalName: string) => iam(`${kind}/${logicalName}-0a1b2c3`);
const bounded = (name: unknown) => (text(name).startsWith("mlflow-dev-server-") ? boundary : undefined);
const passed = { "iam:PassedToService": "ec2.amazonaws.com" };

/** Roles, users, groups and policies. */
export const identities: Readonly<Record<string, Asks>> = {
    "aws:iam/role:Role": ({ name }) => {
        const role = named("role", name);
        return {
            create: [
                ["iam:CreateRole", role, boundary],
                ["iam:TagRole", role],
            ],
            read: each(
                ["iam:GetRole", "iam:ListRolePolicies", "iam:ListAttachedRolePolicies", "iam:ListRoleTags"],
                role,
            ),
            update: [
                ...each(
                    [
                        ...["iam:UpdateRole", "iam:UpdateRoleDescription", "iam:UpdateAssumeRolePolicy"],
                        "iam:PutRolePermissionsBoundary",
                    ],
                    role,
                    boundary,
                ),
                ...each(["iam:TagRole", "iam:UntagRole"], role),
            ],
            delete: [
                ["iam:ListInstanceProfilesForRole", role],
                ["iam:DeleteRole", role, boundary],
            ],
        };
    },
    "aws:iam/rolePolicy:RolePolicy": ({ inputs: { role } }) => ({
        create: [["iam:PutRolePolicy", roleOf(role), boundary]],
        read: [["iam:GetRolePolicy", roleOf(role)]],
        update: [["iam:PutRolePolicy", roleOf(role), boundary]],
        delete: [["iam:DeleteRolePolicy", roleOf(role), boundary]],
    }),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": ({ inputs: { role, policyArn } }) => {
        const context = { ...bounded(role), "iam:PolicyARN": text(policyArn) };
        return {
            create: [["iam:AttachRolePolicy", roleOf(role), context]],
            read: [["iam:ListAttachedRolePolicies", roleOf(role)]],
            update: [],
            delete: [["iam:DetachRolePolicy", roleOf(role), context]],
        };
    },
    "aws:iam/instanceProfile:InstanceProfile": ({ name, inputs }) => {
        const profile = named("instance-profile", name);
        const pass: Request = ["iam:PassRole", roleOf(inputs.role), passed];
        return {
            create: [
                ...each(
                    ["iam:CreateInstanceProfile", "iam:AddRoleToInstanceProfile", "iam:TagInstanceProfile"],
                    profile,
                ),
                pass,
            ],
            read: each(["iam:GetInstanceProfile", "iam:ListInstanceProfileTags"], profile),
            update: [
                ...each(["iam:AddRoleToInstanceProfile", "iam:RemoveRoleFromInstanceProfile"], profile),
                ...each(["iam:TagInstanceProfile", "iam:UntagInstanceProfile"], profile),
                pass,
            ],
            delete: each(["iam:RemoveRoleFromInstanceProfile", "iam:DeleteInstanceProfile"], profile),
        };
    },
    "aws:iam/user:User": ({ inputs }) => {
        const user = iam(`user/${text(inputs.name)}`);
        return {
            create: [
                ["iam:CreateUser", user, boundary],
                ["iam:TagUser", user],
            ],
            read: each(["iam:GetUser", "iam:ListUserTags"], user),
            update: [
                ["iam:PutUserPermissionsBoundary", user, boundary],
                ...each(["iam:TagUser", "iam:UntagUser"], user),
            ],
            // `forceDestroy`.
            delete: [
                ...each(
                    [
                        ...["iam:DeleteLoginProfile", "iam:ListSSHPublicKeys", "iam:DeleteSSHPublicKey"],
                        ...["iam:ListMFADevices", "iam:DeactivateMFADevice", "iam:ListSigningCertificates"],
                        ...["iam:DeleteSigningCertificate", "iam:ListServiceSpecificCredentials"],
                        ...["iam:DeleteServiceSpecificCredential", "iam:DeleteAccessKey", "iam:DeleteUser"],
                    ],
                    user,
                ),
                ["iam:ListVirtualMFADevices", "*"],
                ["iam:DeleteVirtualMFADevice", iam(`mfa/${text(inputs.name)}`)],
            ],
        };
    },
    "aws:iam/accessKey:AccessKey": ({ inputs }) => {
        const user = iam(`user/${text(inputs.user)}`);
        return {
            create: [["iam:CreateAccessKey", user]],
            read: [["iam:ListAccessKeys", user]],
            update: [["iam:UpdateAccessKey", user]],
            delete: [["iam:DeleteAccessKey", user]],
        };
    },
    "aws:iam/group:Group": ({ name }) => {
        const group = named("group", name);
        return {
            create: [["iam:CreateGroup", group]],
            read: [["iam:GetGroup", group]],
            update: [],
            delete: [["iam:DeleteGroup", group]],
        };
    },
    "aws:iam/groupPolicy:GroupPolicy": ({ inputs }) => {
        const group = iam(`group/${text(inputs.group)}`);
        return {
            create: [["iam:PutGroupPolicy", group]],
            read: [["iam:GetGroupPolicy", group]],
            update: [["iam:PutGroupPolicy", group]],
            delete: [["iam:DeleteGroupPolicy", group]],
        };
    },
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment": ({ inputs }) => {
        const group = iam(`group/${text(inputs.group)}`);
        const context = { "iam:PolicyARN": text(inputs.policyArn) };
        return {
            create: [["iam:AttachGroupPolicy", group, context]],
            read: [["iam:ListAttachedGroupPolicies", group]],
            update: [],
            delete: [["iam:DetachGroupPolicy", group, context]],
        };
    },
    "aws:iam/userGroupMembership:UserGroupMembership": ({ inputs }) => {
        const group = iam(`group/${text((inputs.groups as unknown[])[0])}`);
        const change = each(["iam:AddUserToGroup", "iam:RemoveUserFromGroup"], group);
        return {
            create: change.slice(0, 1),
            read: [["iam:ListGroupsForUser", iam(`user/${text(inputs.user)}`)]],
            update: change,
            delete: change.slice(1),
        };
    },
    "aws:iam/policy:Policy": ({ inputs }) => {
        const policy = iam(`policy/${text(inputs.name)}`);
        return {
            create: each(["iam:CreatePolicy", "iam:TagPolicy"], policy),
            read: each(["iam:GetPolicy", "iam:GetPolicyVersion", "iam:ListPolicyVersions"], policy),
            update: each(
                ["iam:CreatePolicyVersion", "iam:DeletePolicyVersion", "iam:TagPolicy", "iam:UntagPolicy"],
                policy,
            ),
            delete: each(["iam:DeletePolicyVersion", "iam:DeletePolicy"], policy),
        };
    },
};
