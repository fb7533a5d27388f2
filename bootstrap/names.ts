import type { Environment } from "./environment";

// Names of what the bootstrap makes for an environment. None begins with `mlflow-`: no deployment may touch what limits it.

export const deployRoleName = (stack: string) => `github-mlflow-${stack}-deploy`;
export const previewRoleName = (stack: string) => `github-mlflow-${stack}-preview`;
export const policyName = (stack: string, part: string) => `github-mlflow-${stack}-${part}`;

export const boundaryArn = ({ partition, accountId, stack }: Environment) =>
    `arn:${partition}:iam::${accountId}:policy/${policyName(stack, "boundary")}`;

export const secretsAlias = "alias/mlflow-aws-secrets";

export const githubHost = "token.actions.githubusercontent.com";
/** What an environment's secrets are encrypted and decrypted with besides the key, so that one key serves all. */
export const encryptionContext = "environment";
