import { readFileSync, rmSync } from "node:fs";
import * as path from "node:path";
import type { EngineEvent } from "@pulumi/pulumi/automation";
import { engine, type EngineProject, type Outcome } from "../support/engine";

/** What a pack says: `mandatory no-wildcards-in-iam mlflow-dev-server-policy`, sorted. */
export interface PackOutcome extends Outcome {
    readonly said: readonly string[];
}

/** Runs `pulumi preview` or `pulumi up --yes` with a pack. */
export async function withPack(
    project: EngineProject,
    words: readonly string[],
    stack: string,
    pack: string,
): Promise<PackOutcome> {
    const log = path.join(project.folder, "events.json");
    rmSync(log, { force: true });
    const outcome = await project.run(
        [engine!, ...words, "--stack", stack, "--non-interactive", "--event-log", log, "--policy-pack", pack],
        { PULUMI_DEBUG_COMMANDS: "true" },
    );
    const events = readFileSync(log, "utf8")
        .trim()
        .split("\n")
        .flatMap((line) => (JSON.parse(line) as EngineEvent).policyEvent ?? []);
    return {
        ...outcome,
        said: events
            .map(({ enforcementLevel, policyName, resourceUrn }) =>
                [enforcementLevel, policyName, resourceUrn?.split("::").at(-1)].join(" "),
            )
            .sort(),
    };
}
