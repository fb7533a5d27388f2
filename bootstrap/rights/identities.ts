import type { Rights } from "./rights";

/** Roles, users, groups and policies. */
export const identityRights = {
    "aws:iam/role:Role": {
        read: {
            serverRole: ["iam:GetRole", "iam:ListRoleTags", "iam:ListRolePolicies", "iam:ListAttachedRolePolicies"],
        },
        change: {
            serverRole: ["iam:ListInstanceProfilesForRole", "iam:TagRole", "iam:UntagRole"],
            boundedServerRole: [
                "iam:CreateRole",
                "iam:DeleteRole",
                "iam:UpdateRole",
                "iam:UpdateRoleDescription",
                "iam:UpdateAssumeRolePolicy",
                "iam:PutRolePermissionsBoundary",
            ],
        },
    },
    "aws:iam/rolePolicy:RolePolicy": {
        read: { serverRole: ["iam:GetRolePolicy"] },
        change: { boundedServerRole: ["iam:PutRolePolicy", "iam:DeleteRolePolicy"] },
    },
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": {
        read: {
            serverRole: ["iam:ListAttachedRolePolicies"],
            clientRoles: ["iam:GetRole", "iam:ListAttachedRolePolicies"],
        },
        change: {
            fullAccessOfServerRole: ["iam:AttachRolePolicy"],
            boundedServerRole: ["iam:DetachRolePolicy"],
            policiesOfClientRoles: ["iam:AttachRolePolicy", "iam:DetachRolePolicy"],
        },
    },
    "aws:iam/instanceProfile:InstanceProfile": {
        read: { instanceProfile: ["iam:GetInstanceProfile", "iam:ListInstanceProfileTags"] },
        change: {
            instanceProfile: [
                "iam:CreateInstanceProfile",
                "iam:DeleteInstanceProfile",
                "iam:AddRoleToInstanceProfile",
                "iam:RemoveRoleFromInstanceProfile",
                "iam:TagInstanceProfile",
                "iam:UntagInstanceProfile",
            ],
            passedRole: ["iam:PassRole"],
        },
    },
    "aws:iam/user:User": {
        read: { clientUser: ["iam:GetUser", "iam:ListUserTags"] },
        change: {
            boundedClientUser: ["iam:CreateUser", "iam:PutUserPermissionsBoundary"],
            // With `forceDestroy` the provider looks for every kind of credentials before it deletes the user.
            clientUser: [
                "iam:DeleteUser",
                "iam:TagUser",
                "iam:UntagUser",
                "iam:ListAccessKeys",
                "iam:DeleteAccessKey",
                "iam:DeleteLoginProfile",
                "iam:ListMFADevices",
                "iam:DeactivateMFADevice",
                "iam:ListSSHPublicKeys",
                "iam:DeleteSSHPublicKey",
                "iam:ListSigningCertificates",
                "iam:DeleteSigningCertificate",
                "iam:ListServiceSpecificCredentials",
                "iam:DeleteServiceSpecificCredential",
            ],
            clientDevice: ["iam:DeleteVirtualMFADevice"],
            anything: ["iam:ListVirtualMFADevices"],
        },
    },
    "aws:iam/accessKey:AccessKey": {
        read: { clientUser: ["iam:ListAccessKeys"] },
        change: { clientUser: ["iam:CreateAccessKey", "iam:UpdateAccessKey", "iam:DeleteAccessKey"] },
    },
    "aws:iam/group:Group": {
        read: { clientGroup: ["iam:GetGroup"] },
        change: { clientGroup: ["iam:CreateGroup", "iam:DeleteGroup"] },
    },
    "aws:iam/groupPolicy:GroupPolicy": {
        read: { clientGroup: ["iam:GetGroupPolicy"] },
        change: { clientGroup: ["iam:PutGroupPolicy", "iam:DeleteGroupPolicy"] },
    },
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment": {
        read: { clientGroup: ["iam:ListAttachedGroupPolicies"] },
        change: { fullAccessOfClientGroup: ["iam:AttachGroupPolicy"], clientGroup: ["iam:DetachGroupPolicy"] },
    },
    "aws:iam/userGroupMembership:UserGroupMembership": {
        read: { clientUser: ["iam:ListGroupsForUser"] },
        change: { clientGroup: ["iam:AddUserToGroup", "iam:RemoveUserFromGroup"] },
    },
    "aws:iam/policy:Policy": {
        read: { clientPolicy: ["iam:GetPolicy", "iam:GetPolicyVersion", "iam:ListPolicyVersions"] },
        change: {
            clientPolicy: [
                "iam:CreatePolicy",
                "iam:DeletePolicy",
                "iam:CreatePolicyVersion",
                "iam:DeletePolicyVersion",
                "iam:TagPolicy",
                "iam:UntagPolicy",
            ],
        },
    },
} as const satisfies Record<string, Rights>;
