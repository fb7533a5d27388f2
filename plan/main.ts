import { Command } from "commander";
import { type Evaluation, evaluate } from "./evaluate";
import { imaginaryAws } from "./imaginaryAws";
import { outputLines } from "./outputLines";
import { withSecrets } from "./secrets";
import { stackConfig } from "./stackConfig";
import { drawTree, flatten, treeOf } from "./tree";
import { costLines } from "./cost/costLines";
import { type Estimate, estimate } from "./cost/estimate";
import { explain } from "../commands/userError";
import { describe } from "./words";

// The SDK takes a stack trace of every promise. ts-node's way to render one would cost a quarter of the time.
Reflect.deleteProperty(Error, "prepareStackTrace");

interface Options {
    readonly json?: true;
    readonly showSecrets?: true;
}

const masked = "[secret]";

interface Plan extends Evaluation {
    readonly cost: Estimate;
}

/** Evaluates the real program offline. */
async function plan(stack: string, options: Options): Promise<Plan> {
    const config = stackConfig(stack);
    const region = config.values["aws:region"];
    const { resources, outputs } = await evaluate(config, imaginaryAws(region));
    const inOrder = flatten(treeOf(resources));
    const shown = (value: unknown) => withSecrets(value, (secret) => (options.showSecrets ? secret : masked));
    return {
        resources: inOrder.map((resource) => ({
            ...resource,
            inputs: shown(resource.inputs) as Record<string, unknown>,
        })),
        outputs: Object.fromEntries(
            Object.entries(outputs).map(([name, { value, secret }]) => [
                name,
                { value: secret && !options.showSecrets ? masked : value, secret },
            ]),
        ),
        cost: estimate(inOrder, region),
    };
}

function asJson(stack: string, { resources, outputs, cost }: Plan): string {
    const listed = resources.map(({ urn, type, name, parent, inputs, protect }) => ({
        urn,
        type,
        name,
        parent,
        inputs,
        protect,
    }));
    return JSON.stringify({ stack, resources: listed, outputs, cost }, undefined, 2);
}

function asText(stack: string, { resources, outputs, cost }: Plan): string {
    const created = resources.filter(({ type }) => /^(aws|random):/.test(type)).length;
    const lines = [
        `Stack ${stack}: ${created} resources. Evaluated offline: identifiers are imaginary, and nothing was compared with`,
        "what exists. pulumi preview does that.",
        "",
        ...drawTree(treeOf(resources)),
    ];
    for (const [heading, sentences] of Object.entries(describe(resources))) {
        lines.push("", `${heading}:`, ...sentences.map((sentence) => `  ${sentence}`));
    }
    lines.push("", "Outputs:", ...outputLines(outputs, true), "", ...costLines(cost));
    return lines.join("\n");
}

void new Command("plan")
    .description("Shows what a stack would hold, without network and credentials.")
    .argument("<stack>", "name of the stack: Pulumi.<stack>.yaml holds its settings")
    .option("--json", "machine-readable")
    .option("--show-secrets", "do not mask secret values, which are imaginary here")
    .action(async (stack: string, options: Options) => {
        try {
            const evaluation = await plan(stack, options);
            console.log(options.json ? asJson(stack, evaluation) : asText(stack, evaluation));
        } catch (error) {
            console.error(explain(error));
            process.exitCode = 1;
        }
    })
    .parseAsync();
