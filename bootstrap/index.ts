import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { refuse } from "../config";
import { DeploymentRoles } from "./deploymentRoles";
import { readEnvironments } from "./environment";
import { encryptionContext, githubHost, secretsAlias } from "./names";
import { readSettings } from "./settings";
import { StateStore } from "./stateStore";

// What deployments by GitHub Actions need in an AWS account: where the state is kept, the key of its secrets, who may deploy.
// An administrator applies it once, and again when an environment's settings name other things that exist.
export = async () => {
    const { githubRepository, environments, pullRequestPreviews, oidcProviderArn } = readSettings();
    const [{ partition }, { region }, { accountId }] = await Promise.all([
        aws.getPartition(),
        aws.getRegion(),
        aws.getCallerIdentity(),
    ]);
    const home = { partition, accountId };
    const read = readEnvironments(environments, home);
    refuse(pulumi.getStack(), read.faults);
    const tags = { Project: pulumi.getProject(), ManagedBy: "Pulumi" };

    const store = new StateStore("mlflow-state", { home, tags });
    // Other projects of the account may use the provider too.
    const providerArn = oidcProviderArn
        ? pulumi.output(oidcProviderArn)
        : new aws.iam.OpenIdConnectProvider(
              "github",
              { url: `https://${githubHost}`, clientIdLists: ["sts.amazonaws.com"], tags },
              { protect: true },
          ).arn;
    const roles = read.environments.map(
        (environment) =>
            new DeploymentRoles(`github-${environment.stack}`, {
                environment,
                providerArn,
                githubRepository,
                pullRequests: pullRequestPreviews.includes(environment.stack),
                store,
                tags: { ...tags, Environment: environment.stack },
            }),
    );

    const byStack = <T>(value: (roles: DeploymentRoles, stack: string) => T) =>
        Object.fromEntries(environments.map((stack, index) => [stack, value(roles[index], stack)]));
    const secretsProvider = (stack: string) =>
        `awskms:///${secretsAlias}?region=${region}&context_${encryptionContext}=${stack}`;
    return {
        stateBucket: store.bucketName,
        secretsKeyArn: store.keyArn,
        oidcProviderArn: providerArn,
        deployRoleArns: byStack(({ deployRoleArn }) => deployRoleArn),
        previewRoleArns: byStack(({ previewRoleArn }) => previewRoleArn),
        permissionsBoundaryArns: byStack(({ boundaryArn }) => boundaryArn),
        secretsProviders: byStack((_, stack) => secretsProvider(stack)),
        loginCommand: pulumi.interpolate`npx pulumi login 's3://${store.bucketName}?region=${region}'`,
        stackCommands: byStack(({ boundaryArn }, stack) => [
            `npx pulumi stack init ${stack} --secrets-provider='${secretsProvider(stack)}'`,
            pulumi.interpolate`npx pulumi config set permissionsBoundaryArn ${boundaryArn} --stack ${stack}`,
        ]),
    };
};
