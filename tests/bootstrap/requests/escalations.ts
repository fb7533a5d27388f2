import { account, asKeys, boundary, each, region, type Request } from "./request";

// Ways to more rights than the deployment of the stack `dev` has.

const iam = (path: string) => `arn:aws:iam::${account}:${path}`;
const ec2 = (path: string) => `arn:aws:ec2:${region}:${account}:${path}`;
const server = iam("role/mlflow-dev-server-role-0a1b2c3");
const client = iam("user/mlflow-dev-client");
const group = iam("group/mlflow-dev-client-group-0a1b2c3");
const itself = iam("role/github-mlflow-dev-deploy");
const preview = iam("role/github-mlflow-dev-preview");
const limits = iam("policy/github-mlflow-dev-boundary");
const administrator = { "iam:PolicyARN": "arn:aws:iam::aws:policy/AdministratorAccess" };
const prodBoundary = { "iam:PermissionsBoundary": iam("policy/github-mlflow-prod-boundary") };
const toEc2 = { "iam:PassedToService": "ec2.amazonaws.com" };
const toScheduler = { "iam:PassedToService": "scheduler.amazonaws.com" };
const hours = iam("role/mlflow-dev-server-hours-role-0a1b2c3");

const instance = ec2("instance/i-0123456789abcdef0");
const alarm = `arn:aws:cloudwatch:${region}:${account}:alarm:mlflow-dev-alarms-memory`;
const topic = `arn:aws:sns:${region}:${account}:mlflow-dev-alarms-topic-0a1b2c3`;
const tells = { "cloudwatch:AlarmActions": topic };

export const denied: Readonly<Record<string, readonly Request[]>> = {
    "make a user or a role without the boundary, or with another": [
        ...[{}, prodBoundary, { "iam:PermissionsBoundary": "arn:aws:iam::aws:policy/AdministratorAccess" }].flatMap(
            (context): Request[] => [
                ["iam:CreateUser", client, context],
                ["iam:CreateRole", server, context],
                ["iam:PutUserPermissionsBoundary", client, context],
                ["iam:PutRolePermissionsBoundary", server, context],
            ],
        ),
        ["iam:DeleteUserPermissionsBoundary", client, boundary],
        ["iam:DeleteRolePermissionsBoundary", server, boundary],
        // One that somebody made without it.
        ["iam:PutRolePolicy", server],
        ["iam:UpdateAssumeRolePolicy", server],
    ],
    "make users, roles and policies of other names": [
        ...each(["iam:CreateUser", "iam:CreateAccessKey", "iam:CreateLoginProfile"], iam("user/new"), boundary),
        ...each(["iam:CreateRole", "iam:PutRolePolicy"], iam("role/new"), boundary),
        ...each(["iam:CreatePolicy", "iam:CreatePolicyVersion"], iam("policy/new")),
        ["iam:CreateGroup", iam("group/administrators")],
        ["iam:CreateLoginProfile", client],
        ["iam:CreateServiceSpecificCredential", client],
    ],
    "attach AdministratorAccess, or any other policy, to anybody": [
        ["iam:AttachRolePolicy", server, { ...boundary, ...administrator }],
        ["iam:AttachRolePolicy", server, { ...boundary, "iam:PolicyARN": iam("policy/somebodys") }],
        ["iam:AttachRolePolicy", itself, administrator],
        ["iam:AttachUserPolicy", client, { ...boundary, ...administrator }],
        ["iam:PutUserPolicy", client, boundary],
        ["iam:AttachGroupPolicy", group, administrator],
        ["iam:AttachRolePolicy", iam("role/DataScientist"), administrator],
    ],
    "change its own role, or the preview's": [itself, preview].flatMap((role) =>
        each(
            [
                ...["iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:DetachRolePolicy", "iam:UpdateAssumeRolePolicy"],
                ...["iam:UpdateRole", "iam:PutRolePermissionsBoundary", "iam:DeleteRole", "iam:TagRole"],
                ...["iam:PassRole", "sts:AssumeRole"],
            ],
            role,
            { ...boundary, ...toEc2 },
        ),
    ),
    "change the boundary, or its own policies": [
        limits,
        ...["read", "change-identities", "change-storage"].map((part) => iam(`policy/github-mlflow-dev-${part}`)),
    ].flatMap((policy) =>
        each(
            ["iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion", "iam:DeletePolicyVersion", "iam:DeletePolicy"],
            policy,
        ),
    ),
    "change who is trusted": [
        ...each(
            [
                ...["iam:AddClientIDToOpenIDConnectProvider", "iam:UpdateOpenIDConnectProviderThumbprint"],
                ...["iam:DeleteOpenIDConnectProvider", "iam:TagOpenIDConnectProvider"],
            ],
            iam("oidc-provider/token.actions.githubusercontent.com"),
        ),
        ["iam:CreateOpenIDConnectProvider", iam("oidc-provider/issuer.example")],
        ["iam:CreateSAMLProvider", iam("saml-provider/new")],
    ],
    "pass another role, or the server's to another service": [
        ["iam:PassRole", iam("role/administrator"), toEc2],
        ["iam:PassRole", iam("role/mlflow-prod-server-role-0a1b2c3"), toEc2],
        ["iam:PassRole", iam("role/mlflow-dev"), toEc2],
        ["iam:PassRole", server],
        ["iam:PassRole", server, { "iam:PassedToService": "lambda.amazonaws.com" }],
        ["iam:PassRole", server, toScheduler],
        ["iam:PassRole", hours, { "iam:PassedToService": "lambda.amazonaws.com" }],
        ["iam:PassRole", iam("role/mlflow-prod-server-hours-role-0a1b2c3"), toScheduler],
        ["iam:AddRoleToInstanceProfile", iam("instance-profile/administrator")],
        ["ec2:AssociateIamInstanceProfile", instance, asKeys("aws:ResourceTag", { Project: "other" })],
    ],
    "have an alarm do more than tell its topic": [
        ...["ec2:terminate", "ec2:stop", "ec2:reboot", "ec2:recover"].map((deed): Request => [
            "cloudwatch:PutMetricAlarm",
            alarm,
            { "cloudwatch:AlarmActions": `${topic},arn:aws:automate:${region}:${deed}` },
        ]),
        ...[`arn:aws:lambda:${region}:${account}:function:any`, topic.replace("dev", "prod")].map((action): Request => [
            "cloudwatch:PutMetricAlarm",
            alarm,
            { "cloudwatch:AlarmActions": action },
        ]),
        ["cloudwatch:PutMetricAlarm", alarm.replace("dev", "prod"), tells],
        ["cloudwatch:DeleteAlarms", alarm.replace("dev", "prod")],
    ],
    "touch another environment's identities": [
        ...each(["iam:PutRolePolicy", "iam:DeleteRole"], iam("role/mlflow-prod-server-role-0a1b2c3"), prodBoundary),
        ...each(["iam:CreateAccessKey", "iam:DeleteUser"], iam("user/mlflow-prod-client")),
        ["iam:PutGroupPolicy", iam("group/mlflow-prod-client-group-0a1b2c3")],
        ["iam:CreatePolicyVersion", iam("policy/mlflow-prod-client")],
        // Names that begin alike.
        ["iam:PutRolePolicy", iam("role/mlflow-dev2-server-role-0a1b2c3"), boundary],
        ["iam:CreateAccessKey", iam("user/mlflow-dev-client-two")],
    ],
};

/** The same, as the program does it. */
export const withinLimits: readonly Request[] = [
    ["iam:CreateUser", client, boundary],
    ["iam:CreateRole", server, boundary],
    ["iam:PutRolePolicy", server, boundary],
    ["iam:UpdateAssumeRolePolicy", server, boundary],
    ["iam:AttachRolePolicy", server, { ...boundary, "iam:PolicyARN": "arn:aws:iam::aws:policy/AmazonS3FullAccess" }],
    ["iam:PassRole", server, toEc2],
    ["iam:PassRole", hours, toScheduler],
    ["iam:CreateAccessKey", client],
    ["cloudwatch:PutMetricAlarm", alarm, tells],
];

export const byTheGroup: readonly Request[] = [
    ["iam:PutGroupPolicy", group],
    ["iam:AddUserToGroup", group],
];

export const byTheClientPolicy: readonly Request[] = [
    ["iam:CreatePolicyVersion", iam("policy/mlflow-dev-client")],
    ["iam:AttachRolePolicy", iam("role/DataScientist"), { "iam:PolicyARN": iam("policy/mlflow-dev-client") }],
];
