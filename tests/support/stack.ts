import assert from "node:assert";
import { type DeclaredResource, evaluate, type Evaluation } from "../../plan/evaluate";
import { imaginaryAws } from "../../plan/imaginaryAws";
import { withSecrets } from "../../plan/secrets";
import { stackConfig } from "../../plan/stackConfig";

// Tests run the real index.ts against an AWS account that does not exist. They prove what the program declares; they do not
// prove that AWS accepts it, nor what an update would replace.

/** The stack that the real program declares with these settings. */
export class Stack {
    constructor(private readonly evaluation: Evaluation) {}

    get resources(): readonly DeclaredResource[] {
        return this.evaluation.resources;
    }

    get outputs(): Evaluation["outputs"] {
        return this.evaluation.outputs;
    }

    /** Value of an output that must be there. */
    output(name: string): unknown {
        assert.ok(name in this.outputs, `there is no output ${name}`);
        return this.outputs[name].value;
    }

    /** All resources of a type, such as `aws:iam/user:User`. */
    all(type: string): DeclaredResource[] {
        return this.resources.filter((resource) => resource.type === type);
    }

    /** The only resource of a type. */
    one(type: string): DeclaredResource {
        const found = this.all(type);
        assert.strictEqual(found.length, 1, `${found.length} resources of type ${type}`);
        return found[0];
    }

    /** Inputs of the only resource of a type, with secrets as plain values. */
    inputs(type: string): Record<string, unknown> {
        return withSecrets(this.one(type).inputs, (secret) => secret) as Record<string, unknown>;
    }
}

/** The outputs of an evaluation as plain values, secrets too. */
export const valuesOf = (outputs: Evaluation["outputs"]): Record<string, unknown> =>
    Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value]));

/** How many resources of each type, without components and the stack itself. */
export function counts(stack: Stack): Record<string, number> {
    const found: Record<string, number> = {};
    for (const { type } of stack.resources.filter(({ type }) => /^(aws|random):/.test(type))) {
        found[type] = (found[type] ?? 0) + 1;
    }
    return found;
}

type Lookups = Record<string, (inputs: Record<string, unknown>) => Record<string, unknown>>;

interface Options {
    readonly name?: string;
    /** Keys of the settings whose values are stored encrypted. */
    readonly secretKeys?: string[];
    /** Answers that replace those of the imaginary account, by the look-up's token. */
    readonly lookups?: Lookups;
}

/**
 * Evaluates the real program.
 *
 * @param settings as they would stand in the stack's file, without their namespace; everything else has its default
 */
export async function evaluateStack(settings: Record<string, unknown> = {}, options: Options = {}): Promise<Stack> {
    const { name = "test", secretKeys = ["databasePassword"], lookups = {} } = options;
    const config = stackConfig(name, settings);
    const aws = imaginaryAws(config.values["aws:region"]);
    const provider = {
        newResource: aws.newResource.bind(aws),
        call: (args: Parameters<typeof aws.call>[0]) =>
            lookups[args.token]?.(args.inputs as Record<string, unknown>) ?? aws.call(args),
    };
    const qualified = secretKeys.map((key) => `${config.project}:${key}`);
    return new Stack(await evaluate({ ...config, secretKeys: qualified }, provider));
}

/** The message with which the program refuses these settings. */
export async function refusal(...args: Parameters<typeof evaluateStack>): Promise<string> {
    try {
        await evaluateStack(...args);
    } catch (error) {
        assert.strictEqual((error as Error).constructor.name, "RunError", String((error as Error).stack));
        return (error as Error).message;
    }
    return assert.fail("the settings were accepted");
}
