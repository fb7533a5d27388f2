import { readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { engine, EngineProject } from "../tests/support/engine";
import { EngineScene, type Settings } from "../tests/support/engineScene";
import { evaluateStack } from "../tests/support/stack";
import { root, writePart } from "./page";
import { median, table } from "./table";

// How much of a preview of the dev stack is this program's own code: what it takes longer than a program that declares the same resources
// from a list, with the same engine, SDK packages and provider. Beside it, a program that declares nothing. All run in turn. Writes
// its part of docs/benchmarks.md. The provider is that of tests/engine, with the emulator behind it: AWS's own answers take longer, and
// are no part of the program.

const rounds = 9;
const aim = 0.2;

const bare = 'import * as pulumi from "@pulumi/pulumi";\nimport "@pulumi/aws";\nimport "@pulumi/random";\n';
const list =
    'import { readFileSync } from "node:fs";\n' +
    'for (const { type, name, inputs } of JSON.parse(readFileSync("resources.json", "utf8"))) {\n' +
    "    new pulumi.CustomResource(type, name, inputs);\n}\n";

async function seconds(project: EngineProject): Promise<number> {
    const start = process.hrtime.bigint();
    const { status, output } = await project.pulumi("preview", "--stack", "dev");
    if (status !== 0) {
        throw new Error(output);
    }
    return Number(process.hrtime.bigint() - start) / 1e9;
}

async function main(): Promise<void> {
    if (!engine) {
        throw new Error("there is no pulumi on the PATH");
    }
    const scene = await EngineScene.start();
    const projects: EngineProject[] = [];
    const project = async (program: string) => {
        projects.push(await EngineProject.create({ program, provider: scene.running }));
        return projects.at(-1)!;
    };
    try {
        const { config } = parse(readFileSync(path.join(root, "Pulumi.dev.yaml"), "utf8")) as { config: Settings };
        const { resources } = await evaluateStack(config, { name: "dev" });
        const declared = resources.filter(({ type }) => /^(aws|random):/.test(type));
        const empty = await project(`${bare}export const nothing = pulumi.output(0);\n`);
        const listed = await project(bare + list);
        writeFileSync(path.join(listed.folder, "resources.json"), JSON.stringify(declared));
        const { project: whole } = await scene.project({ dev: config });
        const times: { empty: number; listed: number; whole: number }[] = [];
        for (let round = -1; round < rounds; round++) {
            const time = { empty: await seconds(empty), listed: await seconds(listed), whole: await seconds(whole) };
            if (round >= 0) {
                times.push(time); // the first round only warms up
            }
        }
        const version = (await whole.pulumi("version")).output.trim();
        const shareOver = (base: "empty" | "listed") =>
            median(times.map((time) => (time.whole - time[base]) / time.whole));
        const percent = (share: number) => `${(share * 100).toFixed(0)} %`;
        const verdict = shareOver("listed") < aim ? "met" : "**missed**";
        const rows = [
            ["a program that imports the SDK packages", "empty", percent(shareOver("empty"))],
            [
                `the same, and declares the ${declared.length} resources from a list`,
                "listed",
                percent(shareOver("listed")),
            ],
            ["the dev stack, first deployment", "whole", ""],
        ] as const;
        writePart(
            "preview",
            [
                `Median of ${rounds} rounds, whole commands, Pulumi ${version}, Node ${process.versions.node}. Seconds differ between machines; ` +
                    "shares hold.",
                table(
                    ["`pulumi preview` of", "Seconds", "Share of the dev stack's preview that is above it"],
                    rows.map(([name, key, share]) => [name, median(times.map((time) => time[key])).toFixed(2), share]),
                ),
                `Share of this program's own code: ${percent(shareOver("listed"))}. Aim: under ${percent(aim)}: ${verdict}.`,
            ].join("\n\n"),
        );
    } finally {
        projects.forEach((one) => one.remove());
        await scene.stop();
    }
}

void main();
