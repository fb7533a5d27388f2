import { UserError } from "../commands/userError";
import { type StackConfig, stackConfig } from "../plan/stackConfig";
import { check } from "../settings/check";
import { type Fault } from "../settings/fault";
import { isPermissionSetRole } from "../settings/permissionSet";

/** The account that is prepared. */
export interface Home {
    readonly partition: string;
    readonly accountId: string;
}

/** One environment of the account: what its settings file says that its deployment's rights depend on. */
export interface Environment extends Home {
    /** Name of the main program's project, which is the first tag of whatever it makes. */
    readonly project: string;
    /** Name of the stack. */
    readonly stack: string;
    /** First part of its names: `mlflow-<stack>`. */
    readonly name: string;
    readonly region: string;
    /** Name of the bucket that the program makes, `?` standing for the hex digits of a generated one. */
    readonly bucket?: string;
    readonly existingBucket?: string;
    readonly userName: string;
    /** Existing roles of the teammates whose policies AWS lets the program attach. */
    readonly clientRoles: readonly string[];
    /** Those that belong to IAM Identity Center. */
    readonly reservedRoles: readonly string[];
    readonly existingInstance?: string;
    /** The image, where it is not Amazon's own. */
    readonly image?: string;
    readonly vpc?: string;
    readonly subnet?: string;
    /** Whether the program makes a VPC. */
    readonly ownNetwork: boolean;
    readonly protect: boolean;
    readonly forceDestroy: boolean;
}

/**
 * Reads `Pulumi.<stack>.yaml` of each: the names that stand there are the only ones besides `mlflow-<stack>` that rights are
 * given for.
 *
 * @param configOf default: what stands in the file
 * @returns the environments, and everything that is wrong with their files; they may be used only without faults
 */
export function readEnvironments(
    stacks: readonly string[],
    home: Home,
    configOf: (stack: string) => StackConfig = (stack) => stackConfig(stack),
): { environments: Environment[]; faults: Fault[] } {
    const faults: Fault[] = [];
    const environments = stacks.flatMap((stack) => {
        try {
            const read = environmentOf(configOf(stack), home);
            faults.push(...read.faults.map((text) => `Pulumi.${stack}.yaml: ${text}`));
            return read.environment;
        } catch (error) {
            if (!(error instanceof UserError)) {
                throw error;
            }
            faults.push(error.message);
            return [];
        }
    });
    return { environments, faults };
}

/** The environment that has this configuration, and what is wrong with it. */
export function environmentOf(
    { project, stack, values: texts, secretKeys }: StackConfig,
    home: Home,
): { environment: Environment; faults: Fault[] } {
    const own = (key: string) => key.startsWith(`${project}:`);
    const short = (key: string) => key.slice(project.length + 1);
    const { values, faults } = check(
        Object.fromEntries(Object.entries(texts).flatMap(([key, text]) => (own(key) ? [[short(key), text]] : []))),
        new Set(secretKeys.filter(own).map(short)),
    );
    const name = `mlflow-${stack}`;
    const roles = values.clientRoleNames ?? [];
    return {
        faults,
        environment: {
            ...home,
            project,
            stack,
            name,
            region: texts["aws:region"],
            bucket: values.existingBucketName ? undefined : values.bucketName || `${name}-${"?".repeat(16)}`,
            existingBucket: values.existingBucketName || undefined,
            userName: values.clientUserName || `${name}-client`,
            clientRoles: roles.filter((role) => !isPermissionSetRole(role)),
            reservedRoles: roles.filter(isPermissionSetRole),
            existingInstance: values.existingInstanceId || undefined,
            image: values.ami?.startsWith("ami-") ? values.ami : undefined,
            vpc: values.vpcId || undefined,
            subnet: values.subnetId || undefined,
            ownNetwork: Boolean(values.networkCidr),
            protect: values.protect,
            forceDestroy: values.forceDestroy,
        },
    };
}
