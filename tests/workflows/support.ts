import { readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { repository } from "../support/sandbox";

// The GitHub workflows as their tests read them.

export interface Step {
    readonly id?: string;
    readonly if?: string;
    readonly uses?: string;
    readonly run?: string;
    readonly with?: Readonly<Record<string, unknown>>;
    readonly env?: Readonly<Record<string, string>>;
}

export interface Job {
    readonly if?: string;
    readonly needs?: string;
    readonly environment?: string;
    readonly permissions?: Readonly<Record<string, string>>;
    readonly concurrency?: { readonly group: string; readonly "cancel-in-progress": unknown };
    readonly strategy?: { readonly matrix: { readonly stack: string[] } };
    readonly "timeout-minutes"?: number;
    readonly steps: Step[];
}

export interface Workflow {
    readonly on: Readonly<Record<string, unknown>>;
    readonly permissions?: Readonly<Record<string, string>>;
    readonly concurrency?: object;
    readonly jobs: Readonly<Record<string, Job>>;
}

const read = (file: string) => readFileSync(path.join(repository, file), "utf8");

const texts = (folder: string) =>
    readdirSync(path.join(repository, folder), { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".yml"))
        .sort()
        .map((file) => [path.join(folder, file), read(path.join(folder, file))] as const);

/** By path: the text of every workflow and of every action of this repository. */
export const files = new Map([...texts(".github/workflows"), ...texts(".github/actions")]);

/** By name: every workflow. */
export const workflows = new Map(
    texts(".github/workflows").map(([file, text]) => [path.basename(file, ".yml"), parse(text) as Workflow]),
);

/** The steps of every action of this repository, by its folder. */
export const actions = new Map(
    texts(".github/actions").map(([file, text]) => [
        path.dirname(file),
        (parse(text) as { runs: { steps: Step[] } }).runs.steps,
    ]),
);

/** Every job, with the name of its workflow and its own. */
export const jobs = [...workflows].flatMap(([workflow, { jobs }]) =>
    Object.entries(jobs).map(([name, job]) => ({ name: `${workflow} ${name}`, job })),
);

/** The stacks that a job is for. */
export const stacksOf = (job: Job): string[] =>
    job.strategy?.matrix.stack ?? (job.environment === undefined ? [] : [job.environment]);
