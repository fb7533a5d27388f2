import { readFileSync } from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import bootstrap from "../../bootstrap/index";
import { type Environment, environmentOf } from "../../bootstrap/environment";
import { changeParts, policyParts, readParts } from "../../bootstrap/statements";
import { evaluate, type Provider } from "../../plan/evaluate";
import { imaginaryAws } from "../../plan/imaginaryAws";
import { type Declaration, type StackConfig, stackConfig } from "../../plan/stackConfig";
import { decide } from "../support/iam";
import { Stack } from "../support/stack";
import type { Request } from "./requests/request";

// The bootstrap program against an AWS account that does not exist, and the rights that it gives, as documents.

export const account = "123456789012";
export const home = { partition: "aws", accountId: account };
/** Where the imaginary account keeps state and secrets. */
export const store = {
    bucketArn: "arn:aws:s3:::github-mlflow-state-0123456789abcdef",
    keyArn: `arn:aws:kms:us-west-1:${account}:key/1234abcd-12ab-34cd-56ef-1234567890ab`,
};

export type Settings = Readonly<Record<string, unknown>>;

/** What every bootstrap needs. */
export const needed = { githubRepository: "team/mlflow", environments: ["dev", "prod"] };

function bootstrapConfig(settings: Settings): StackConfig {
    const file = path.join(__dirname, "../../bootstrap/Pulumi.yaml");
    const { name, config } = parse(readFileSync(file, "utf8")) as {
        name: string;
        config: Record<string, Declaration>;
    };
    const declared = Object.entries(config).map(([key, { value, default: otherwise }]) => [key, value ?? otherwise]);
    const values: Record<string, string> = {};
    for (const [key, value] of [...declared, ...Object.entries(settings)] as [string, unknown][]) {
        values[key.includes(":") ? key : `${name}:${key}`] = typeof value === "string" ? value : JSON.stringify(value);
    }
    return { project: name, stack: "team", values, secretKeys: [] };
}

/** What the main program doesn't make. */
const computed: Record<string, (inputs: Record<string, unknown>) => { id: string } & Record<string, unknown>> = {
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": ({ url }) => {
        const arn = `arn:aws:iam::${account}:oidc-provider/${String(url).replace("https://", "")}`;
        return { id: arn, arn };
    },
    "aws:kms/key:Key": () => ({ id: store.keyArn.split("/")[1], keyId: store.keyArn.split("/")[1], arn: store.keyArn }),
    "aws:kms/alias:Alias": ({ name }) => ({ id: String(name) }),
};

/** The imaginary account, with what the bootstrap makes besides. */
export function imaginaryProvider(region: string): Provider {
    const aws = imaginaryAws(region);
    return {
        call: (args) => aws.call(args),
        newResource: (resource) => {
            const inputs = resource.inputs as Record<string, unknown>;
            const outputs = computed[resource.type]?.(inputs);
            return outputs ? { id: outputs.id, state: { ...inputs, ...outputs } } : aws.newResource(resource);
        },
    };
}

/** Evaluates the real bootstrap program, with the settings of this checkout's environments. */
export async function evaluateBootstrap(settings: Settings = needed): Promise<Stack> {
    const config = bootstrapConfig(settings);
    return new Stack(await evaluate(config, imaginaryProvider(config.values["aws:region"]), bootstrap));
}

/** An environment as its settings file would give it. */
export const environmentWith = (settings: Record<string, unknown> = {}, stack = "dev"): Environment =>
    environmentOf(stackConfig(stack, settings), home).environment;

export type Documents = Readonly<Record<string, { Version: string; Statement: Statement[] }>>;
export interface Statement {
    readonly Sid: string;
    readonly Effect: "Allow" | "Deny";
    readonly Action: string[];
    readonly Resource: string | string[];
    readonly Condition?: Record<string, Record<string, string | string[]>>;
}

/** Every policy of an environment, by the last part of its name. */
export const documentsOf = (environment: Environment): Documents =>
    Object.fromEntries(
        Object.entries(policyParts).map(([part, write]) => [
            part,
            { Version: "2012-10-17", Statement: write(environment, store) as Statement[] },
        ]),
    );

/** Who asks, with every policy that is attached. */
export interface Role {
    readonly arn: string;
    readonly identity: readonly unknown[];
}

const role = (environment: Environment, kind: string, parts: object): Role => {
    const documents = documentsOf(environment);
    return {
        arn: `arn:aws:iam::${account}:role/github-mlflow-${environment.stack}-${kind}`,
        identity: Object.keys(parts).map((part) => documents[part]),
    };
};
export const deployer = (environment: Environment) => role(environment, "deploy", { ...readParts, ...changeParts });
export const previewer = (environment: Environment) => role(environment, "preview", readParts);

export const allows = ({ arn, identity }: Role, [action, resource, context]: Request): boolean =>
    decide({ principal: arn, action, resource, context }, { identity }) === "allow";

/** The requests that are not allowed, one line each. */
export const refusedAmong = (who: Role, requests: readonly Request[]): string[] =>
    requests
        .filter((request) => !allows(who, request))
        .map(([action, resource, context = {}]) => `${action} on ${resource} ${JSON.stringify(context)}`);
