import assert from "node:assert";
import * as path from "node:path";
import { run } from "../../commands/run";
import { teammateShell } from "../../sandbox/teammateShell";
import { cleanEnvironment, toolFolder } from "../../sandbox/tools";
import type { EnforcedStack } from "./enforced";
import { callsOn, type Group, refusalOf } from "./enforcedCalls";
import { linesOn } from "./enforcedLines";

/** Who tries: a home, which may hold profiles, and variables that choose one of them or are a role's credentials. */
export interface Caller {
    readonly home: string;
    readonly variables: Readonly<Record<string, string>>;
}

export type Verdict = "done" | "refused";

/** Every call of these groups has this end, made with boto3; the difference names those that do not. */
export async function assertWithBoto3(
    scene: EnforcedStack,
    caller: Caller,
    groups: readonly Group[],
    verdict: Verdict,
) {
    const table = callsOn(scene.places);
    const calls = groups.flatMap((group) => table[group]);
    const command = [path.join(toolFolder("emulator"), "python"), path.join(__dirname, "accessProbe.py")];
    const env = cleanEnvironment({
        HOME: caller.home,
        AWS_ENDPOINT_URL: scene.endpoint,
        AWS_MAX_ATTEMPTS: "1",
        ...caller.variables,
    });
    const { status, stdout, stderr } = await run(command, { env, input: JSON.stringify(calls) });
    assert.strictEqual(status, 0, stderr);
    const found = JSON.parse(stdout) as string[];
    const named = calls.map(
        ([service, operation, parameters]) => `${service} ${operation} ${JSON.stringify(parameters)}`,
    );
    assert.deepStrictEqual(
        named.map((name, index) => [name, found[index]]),
        named.map((name, index) => [name, verdict === "done" ? "done" : refusalOf(calls[index])]),
    );
}

/** The same with the AWS CLI, in a shell. */
export async function assertWithCli(scene: EnforcedStack, caller: Caller, groups: readonly Group[], verdict: Verdict) {
    const shell = teammateShell(caller.home, scene.endpoint, caller.variables);
    const table = linesOn(scene.places);
    const lines = groups.flatMap((group) => table[group]);
    const found: [string, string][] = [];
    for (const [text] of lines) {
        const { status, stderr } = await shell(text);
        const [, code] = /An error occurred \((\w+)\)/.exec(stderr) ?? [];
        found.push([text, status === 0 ? "done" : (code ?? stderr)]);
    }
    assert.deepStrictEqual(
        found,
        lines.map(([text, refusedWith]) => [text, verdict === "done" ? "done" : refusedWith]),
    );
}

/** All groups but these. */
export const groupsBut = (scene: EnforcedStack, ...without: readonly Group[]): Group[] =>
    (Object.keys(callsOn(scene.places)) as Group[]).filter((group) => !without.includes(group));
