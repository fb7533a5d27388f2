import type { PolicyResource, ResourceValidationArgs } from "@pulumi/policy";
import type { Resource } from "./rule";
import { plain, type Values } from "./values";

type Shown = Pick<ResourceValidationArgs, "urn" | "type" | "props"> & { readonly opts: { readonly protect: boolean } };
type ShownInStack = Shown & {
    readonly propertyDependencies: Readonly<Record<string, readonly Pick<PolicyResource, "urn">[]>>;
};

const values = (props: unknown) => plain(props) as Values;

/**
 * The resources of one preview or update, as the engine shows them: first each with its inputs, at the end all with what they have
 * become. The provider fills that with AWS's own choice, such as the encryption of a bucket, so only the inputs say what is declared.
 */
export class Seen {
    private readonly inputs = new Map<string, unknown>();

    one({ urn, type, props, opts }: Shown): Resource {
        this.inputs.set(urn, props);
        return { urn, type, values: values(props), made: values(props), protect: opts.protect, madeFrom: {} };
    }

    /**
     * In the order of their URNs: the engine's changes from run to run. Without those that the program only reads, or that stay because
     * others are the target: they are not declared here.
     */
    all(resources: readonly ShownInStack[]): Resource[] {
        return resources
            .filter(({ urn }) => this.inputs.has(urn))
            .sort((one, other) => (one.urn < other.urn ? -1 : 1))
            .map(({ urn, type, props, opts, propertyDependencies }) => ({
                urn,
                type,
                values: values(this.inputs.get(urn)),
                made: values(props),
                protect: opts.protect,
                madeFrom: Object.fromEntries(
                    Object.entries(propertyDependencies).map(([key, of]) => [key, of.map((one) => one.urn)]),
                ),
            }));
    }
}
