import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { token } from "../components/token";
import type { Environment } from "./environment";
import { deployRoleName, policyName, previewRoleName } from "./names";
import { changeParts, policyParts, readParts } from "./statements";
import type { StateStore } from "./stateStore";
import { deployTrust, previewTrust } from "./trust";

export interface DeploymentRolesArgs {
    readonly environment: Environment;
    readonly providerArn: pulumi.Output<string>;
    readonly githubRepository: string;
    /** Pull requests may preview this environment. */
    readonly pullRequests: boolean;
    readonly store: StateStore;
    readonly tags: Record<string, string>;
}

/**
 * The two roles of an environment, with policies that both have and more for the one that changes; and the boundary of whatever
 * roles and users the deployment makes.
 */
export class DeploymentRoles extends pulumi.ComponentResource {
    /** Known only when their policies are attached. */
    public readonly deployRoleArn: pulumi.Output<string>;
    public readonly previewRoleArn: pulumi.Output<string>;
    public readonly boundaryArn: pulumi.Output<string>;
    private readonly tags: Record<string, string>;

    constructor(
        private readonly name: string,
        args: DeploymentRolesArgs,
        opts?: pulumi.ComponentResourceOptions,
    ) {
        super(token("DeploymentRoles"), name, {}, opts);
        const { githubRepository, providerArn } = args;
        const { stack } = args.environment;
        this.tags = args.tags;

        const policies = Object.fromEntries(
            Object.keys(policyParts).map((part) => [part, this.createPolicy(part, args)]),
        );
        const named = (parts: object) => Object.fromEntries(Object.keys(parts).map((part) => [part, policies[part]]));
        this.boundaryArn = policies.boundary.arn;
        this.previewRoleArn = this.createRole("preview", previewRoleName(stack), {
            description: `Previews of stack ${stack} by ${githubRepository}`,
            trust: providerArn.apply((arn) => previewTrust(arn, githubRepository, args.pullRequests)),
            policies: named(readParts),
        });
        this.deployRoleArn = this.createRole("deploy", deployRoleName(stack), {
            description: `Deployments of stack ${stack} by ${githubRepository}`,
            trust: providerArn.apply((arn) => deployTrust(arn, githubRepository, stack)),
            policies: named({ ...readParts, ...changeParts }),
        });
        this.registerOutputs({
            deployRoleArn: this.deployRoleArn,
            previewRoleArn: this.previewRoleArn,
            boundaryArn: this.boundaryArn,
        });
    }

    private createPolicy(part: string, { environment, store }: DeploymentRolesArgs): aws.iam.Policy {
        const places = pulumi.all([store.bucketArn, store.keyArn]);
        return new aws.iam.Policy(
            `${this.name}-${part}`,
            {
                name: policyName(environment.stack, part),
                description: `Deployment of stack ${environment.stack}: ${part}`,
                policy: places.apply(([bucketArn, keyArn]) => ({
                    Version: "2012-10-17" as const,
                    Statement: policyParts[part](environment, { bucketArn, keyArn }),
                })),
                tags: this.tags,
            },
            { parent: this },
        );
    }

    private createRole(
        kind: string,
        name: string,
        role: {
            readonly description: string;
            readonly trust: pulumi.Input<aws.iam.PolicyDocument>;
            readonly policies: Readonly<Record<string, aws.iam.Policy>>;
        },
    ): pulumi.Output<string> {
        const { description, trust: assumeRolePolicy, policies } = role;
        const { arn } = new aws.iam.Role(
            `${this.name}-${kind}-role`,
            { name, description, assumeRolePolicy, maxSessionDuration: 3600, tags: this.tags },
            { parent: this },
        );
        const attachments = Object.entries(policies).map(
            ([part, policy]) =>
                new aws.iam.RolePolicyAttachment(
                    `${this.name}-${kind}-${part}`,
                    { role: name, policyArn: policy.arn },
                    { parent: this },
                ),
        );
        return pulumi.all([arn, ...attachments.map(({ id }) => id)]).apply(([known]) => known);
    }
}
