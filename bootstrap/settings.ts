import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { refuse, stackName } from "../config";
import { type Fault, fault } from "../settings/fault";

/** What the administrator says. Types, defaults and descriptions stand in Pulumi.yaml. */
export interface BootstrapSettings {
    /** As the tokens of its workflows name it. */
    readonly githubRepository: string;
    readonly environments: readonly string[];
    /** Those of them that pull requests may preview. */
    readonly pullRequestPreviews: readonly string[];
    /** Empty: the program makes the provider. */
    readonly oidcProviderArn: string;
}

interface Rule {
    readonly schema: z.ZodType;
    readonly allowed: string;
    readonly remedy: string;
}

const owner = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})";
const repository = "[A-Za-z0-9._-]{1,100}";

const unique = (names: readonly string[]) => new Set(names).size === names.length;

/** Such a name would begin another environment's names of roles, users and groups. */
const reachesIntoOthers = /-(server|client)(-|$)/;

const rules: Readonly<Record<keyof BootstrapSettings, Rule>> = {
    githubRepository: {
        // No wildcard can get through: what is written here is compared letter by letter.
        schema: z.string().regex(new RegExp(`^${owner}/${repository}$|^${owner}@\\d+/${repository}@\\d+$`)),
        allowed: "`owner/name`, or `owner@123456/name@456789` where the repository's tokens have immutable subjects",
        remedy: "pulumi config set githubRepository owner/name",
    },
    environments: {
        schema: z
            .array(
                z
                    .string()
                    .regex(stackName)
                    .refine((name) => !reachesIntoOthers.test(name)),
            )
            .min(1)
            .max(10)
            .refine(unique),
        allowed:
            "1 to 10 names of stacks, none twice, without `-server` and `-client`, which follow them in other names",
        remedy: "pulumi config set --path 'environments[0]' dev",
    },
    pullRequestPreviews: {
        schema: z.array(z.string()).refine(unique),
        allowed: "some of `environments`, none twice",
        remedy: "pulumi config set --path 'pullRequestPreviews[0]' dev",
    },
    oidcProviderArn: {
        schema: z
            .string()
            .regex(/^$|^arn:aws[a-z-]*:iam::\d{12}:oidc-provider\/token\.actions\.githubusercontent\.com$/),
        allowed:
            "`arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com` with the account's number",
        remedy: "aws iam list-open-id-connect-providers shows it; pulumi config rm oidcProviderArn to make one",
    },
};

/** Every fault of the settings; the values may be used only without. */
export function check(given: Readonly<Record<string, unknown>>): { settings: BootstrapSettings; faults: Fault[] } {
    const faults = Object.entries(rules).flatMap(([key, { schema, allowed, remedy }]) =>
        schema.safeParse(given[key]).success ? [] : [fault(key, JSON.stringify(given[key] ?? ""), allowed, remedy)],
    );
    const settings = given as unknown as BootstrapSettings;
    if (faults.length === 0) {
        const { environments, pullRequestPreviews } = settings;
        const { allowed, remedy } = rules.pullRequestPreviews;
        faults.push(
            ...pullRequestPreviews
                .filter((name) => !environments.includes(name))
                .map((name) => fault("pullRequestPreviews", name, `${allowed}: ${environments.join(", ")}`, remedy)),
        );
    }
    return { settings, faults };
}

/**
 * Reads the configuration of the bootstrap stack.
 *
 * @throws RunError that names every fault
 */
export function readSettings(): BootstrapSettings {
    const config = new pulumi.Config();
    const { settings, faults } = check({
        githubRepository: config.get("githubRepository"),
        environments: config.getObject("environments"),
        pullRequestPreviews: config.getObject("pullRequestPreviews"),
        oidcProviderArn: config.get("oidcProviderArn"),
    });
    refuse(pulumi.getStack(), faults);
    const { environments, pullRequestPreviews } = settings;
    return { ...settings, pullRequestPreviews: pullRequestPreviews.length > 0 ? pullRequestPreviews : environments };
}
