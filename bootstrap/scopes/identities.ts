import type { Environment } from "../environment";
import { boundaryArn } from "../names";
import type { Definition } from "./scope";

const iam = ({ partition, accountId }: Environment, path: string) => `arn:${partition}:iam::${accountId}:${path}`;
const serverRoles = (environment: Environment) => [iam(environment, `role/${environment.name}-server-*`)];
const clientUser = (environment: Environment) => [iam(environment, `user/${environment.userName}`)];
const clientGroups = (environment: Environment) => [iam(environment, `group/${environment.name}-client-*`)];
const clientPolicy = (environment: Environment) => iam(environment, `policy/${environment.name}-client`);
/** A role by its name, wherever its path puts it. */
const rolesNamed = (environment: Environment, names: readonly string[]) =>
    names.flatMap((name) => [iam(environment, `role/${name}`), iam(environment, `role/*/${name}`)]);

const bounded = (environment: Environment) => ({
    StringEquals: { "iam:PermissionsBoundary": boundaryArn(environment) },
});
const fullAccess = ({ partition }: Environment) => `arn:${partition}:iam::aws:policy/AmazonS3FullAccess`;

/** Roles, users, groups and policies. Whoever may write policies without these limits is an administrator. */
export const identityScopes = {
    serverRole: {
        words: "roles `mlflow-<stack>-server-…`",
        of: (environment) => ({ Resource: serverRoles(environment) }),
    },
    boundedServerRole: {
        words: "roles `mlflow-<stack>-server-…` that have the boundary, or get it",
        of: (environment) => ({ Resource: serverRoles(environment), Condition: bounded(environment) }),
    },
    fullAccessOfServerRole: {
        words: "roles `mlflow-<stack>-server-…` that have the boundary, AmazonS3FullAccess alone",
        of: (environment) => ({
            Resource: serverRoles(environment),
            Condition: {
                ...bounded(environment),
                ArnEquals: { "iam:PolicyARN": fullAccess(environment) },
            },
        }),
    },
    passedRole: {
        words: "roles `mlflow-<stack>-server-…`, to EC2 alone",
        of: (environment) => ({
            Resource: serverRoles(environment),
            Condition: { StringEquals: { "iam:PassedToService": "ec2.amazonaws.com" } },
        }),
    },
    instanceProfile: {
        words: "instance profiles `mlflow-<stack>-server-…`",
        of: (environment) => ({ Resource: [iam(environment, `instance-profile/${environment.name}-server-*`)] }),
    },
    clientUser: {
        words: "the client user",
        of: (environment) => ({ Resource: clientUser(environment) }),
    },
    boundedClientUser: {
        words: "the client user, if it has the boundary, or gets it",
        of: (environment) => ({ Resource: clientUser(environment), Condition: bounded(environment) }),
    },
    clientDevice: {
        words: "an MFA device named like the client user",
        of: (environment) => ({ Resource: [iam(environment, `mfa/${environment.userName}`)] }),
    },
    clientGroup: {
        words: "groups `mlflow-<stack>-client-…`",
        of: (environment) => ({ Resource: clientGroups(environment) }),
    },
    fullAccessOfClientGroup: {
        words: "groups `mlflow-<stack>-client-…`, AmazonS3FullAccess alone",
        of: (environment) => ({
            Resource: clientGroups(environment),
            Condition: { ArnEquals: { "iam:PolicyARN": fullAccess(environment) } },
        }),
    },
    clientPolicy: {
        words: "the policy `mlflow-<stack>-client`",
        of: (environment) => ({ Resource: [clientPolicy(environment)] }),
    },
    clientRoles: {
        words: "the roles of `clientRoleNames`",
        of: (environment) => ({
            Resource: rolesNamed(environment, [...environment.clientRoles, ...environment.reservedRoles]),
        }),
    },
    policiesOfClientRoles: {
        words: "the roles of `clientRoleNames`, the policy `mlflow-<stack>-client` and AmazonS3FullAccess alone",
        of: (environment) => ({
            Resource: rolesNamed(environment, environment.clientRoles),
            Condition: { ArnEquals: { "iam:PolicyARN": [clientPolicy(environment), fullAccess(environment)] } },
        }),
    },
} as const satisfies Record<string, Definition>;
