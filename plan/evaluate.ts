import * as pulumi from "@pulumi/pulumi";
import stackProgram from "../index";
import type { StackConfig } from "./stackConfig";

/** A resource as the program declares it. */
export interface DeclaredResource {
    readonly urn: string;
    readonly type: string;
    readonly name: string;
    /** URN of the parent; absent for the stack itself. */
    readonly parent?: string;
    readonly inputs: Record<string, unknown>;
    readonly protect: boolean;
    readonly deleteBeforeReplace: boolean;
    readonly ignoreChanges: string[];
    /** URNs that it waits for. */
    readonly dependencies: string[];
}

export interface Evaluation {
    /** In the order of their creation, the stack first. */
    readonly resources: DeclaredResource[];
    readonly outputs: Record<string, { readonly value: unknown; readonly secret: boolean }>;
}

/** Answers for AWS: what a resource becomes, and what a look-up finds. */
export type Provider = pulumi.runtime.Mocks;

/** The part of the engine's request that says how a resource is managed. */
interface RegisterRequest {
    getType(): string;
    getName(): string;
    getParent(): string;
    getProtect(): boolean;
    getDeletebeforereplace(): boolean;
    getIgnorechangesList(): string[];
    getDependenciesList(): string[];
}

interface Monitor {
    registerResource(
        request: RegisterRequest,
        callback: (error: unknown, response?: { getUrn(): string }) => void,
    ): Promise<void>;
}

/** What a program's main file exports. */
export type Program = () => Promise<Record<string, unknown>>;

/**
 * Runs the real `index.ts`, or another program, without an engine: nothing is compared with a state, and resources are what the provider says.
 *
 * @throws what the program throws, before it has declared anything or later
 */
export async function evaluate(
    config: StackConfig,
    provider: Provider,
    program: Program = stackProgram,
): Promise<Evaluation> {
    const inputs = new Map<string, Record<string, unknown>>();
    const resources: DeclaredResource[] = [];
    const failures: unknown[] = [];
    const onRejection = (reason: unknown) => failures.push(reason);

    // What fails inside the SDK is reported as an unhandled rejection; the engine's runner listens in the same way.
    const listeners = process.listeners("unhandledRejection");
    process.removeAllListeners("unhandledRejection").on("unhandledRejection", onRejection);
    try {
        await pulumi.runtime.setMocks(
            {
                call: (args) => provider.call(args),
                newResource: (args) => {
                    inputs.set(`${args.type} ${args.name}`, args.inputs as Record<string, unknown>);
                    return provider.newResource(args);
                },
            },
            config.project,
            config.stack,
        );
        pulumi.runtime.setAllConfig(config.values, config.secretKeys);
        const monitor = pulumi.runtime.getMonitor() as unknown as Monitor;
        const register = monitor.registerResource.bind(monitor);
        monitor.registerResource = (request, callback) =>
            register(request, (error, response) => {
                if (response) {
                    resources.push(describe(request, response.getUrn(), inputs));
                }
                callback(error, response);
            });

        let exported: Record<string, unknown> = {};
        const outputs = await pulumi.runtime
            .runInPulumiStack(async () => (exported = await program()))
            .then(() => known(exported))
            .catch((error) => failures.unshift(error));
        await pulumi.runtime.disconnect();
        if (failures.length > 0) {
            throw failures[0];
        }
        return { resources, outputs: outputs as Evaluation["outputs"] };
    } finally {
        process.removeAllListeners("unhandledRejection");
        listeners.forEach((listener) => process.on("unhandledRejection", listener));
    }
}

/** The mocks count the stack among the parents' types; the engine does not. */
const engineUrn = (urn: string) => urn.replace("::pulumi:pulumi:Stack$", "::");

const describe = (
    request: RegisterRequest,
    urn: string,
    inputs: Map<string, Record<string, unknown>>,
): DeclaredResource => ({
    urn: engineUrn(urn),
    type: request.getType(),
    name: request.getName(),
    parent: request.getParent() ? engineUrn(request.getParent()) : undefined,
    inputs: inputs.get(`${request.getType()} ${request.getName()}`) ?? {},
    protect: request.getProtect(),
    deleteBeforeReplace: request.getDeletebeforereplace(),
    ignoreChanges: request.getIgnorechangesList(),
    dependencies: request.getDependenciesList().map(engineUrn),
});

/** The values of the outputs that exist, and whether the engine would store them encrypted. */
async function known(exported: Record<string, unknown>): Promise<Evaluation["outputs"]> {
    const outputs: Record<string, { value: unknown; secret: boolean }> = {};
    for (const [name, given] of Object.entries(exported)) {
        const output = pulumi.output(given) as pulumi.Output<unknown> & { promise(): Promise<unknown> };
        const value = await output.promise();
        if (value !== undefined) {
            outputs[name] = { value, secret: await pulumi.isSecret(output) };
        }
    }
    return outputs;
}
