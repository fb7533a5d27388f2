/** Roles that IAM Identity Center makes of its permission sets, and that nobody else may change. */
const permissionSetRole = /^AWSReservedSSO_(.+)_[0-9a-f]{16}$/;

export const isPermissionSetRole = (roleName: string): boolean => permissionSetRole.test(roleName);

/** The permission set that the role was made of. */
export const permissionSetOf = (roleName: string): string | undefined => permissionSetRole.exec(roleName)?.[1];
