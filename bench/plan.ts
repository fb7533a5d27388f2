import { spawnSync } from "node:child_process";
import { root, writePart } from "./page";
import { median, table } from "./table";

// How long an evaluation takes, as a ratio to what no program with these two SDK packages can be without: their import. Both
// run in turn, so that a machine that is busy for a while is busy for both. Writes its part of docs/benchmarks.md.

const rounds = 9;

/** The whole commands, as a person runs them. */
const commands = {
    "bare import of the two SDK packages": ["node", "-e", 'require("@pulumi/pulumi"); require("@pulumi/aws")'],
    "`npm run plan -- dev`": ["npm", "run", "--silent", "plan", "--", "dev"],
    "`npm run plan -- prod --json`": ["npm", "run", "--silent", "plan", "--", "prod", "--json"],
};

function seconds([program, ...words]: string[]): number {
    const start = process.hrtime.bigint();
    const { status, stderr } = spawnSync(program, words, { cwd: root, encoding: "utf8" });
    if (status !== 0) {
        throw new Error(`${program} ${words.join(" ")}: ${stderr}`);
    }
    return Number(process.hrtime.bigint() - start) / 1e9;
}

const times: Record<string, number[]> = Object.fromEntries(Object.keys(commands).map((name) => [name, []]));
for (let round = -1; round < rounds; round++) {
    for (const [name, command] of Object.entries(commands)) {
        const taken = seconds(command);
        if (round >= 0) {
            times[name].push(taken); // the first round only warms up
        }
    }
}

const [base] = Object.keys(commands);
const rows = Object.entries(times).map(([name, taken]) => {
    const ratio = median(taken.map((value, round) => value / times[base][round]));
    return [name, median(taken).toFixed(2), ratio.toFixed(2)];
});
writePart(
    "plan",
    [
        `Median of ${rounds} rounds, whole commands, Node ${process.versions.node}. Seconds differ between machines; ratios hold.`,
        table(["Command", "Seconds", "Ratio to the bare import"], rows),
    ].join("\n\n"),
);
