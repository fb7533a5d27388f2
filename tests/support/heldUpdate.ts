import assert from "node:assert";
import { readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { EngineScene, StackProject } from "./engineScene";
import { until } from "./sandbox";
import { stackCommand } from "./stackCommand";

// What tests of updates share that do not end by themselves.

export interface Hold {
    /** Resolves when the provider waits. */
    readonly reached: Promise<void>;
    /** Ends what the provider waits for. */
    goOn(this: void): void;
}

/** The provider waits before it makes this resource. */
export function hold({ provider }: EngineScene, resource = "mlflow-dev-host-data"): Hold {
    let goOn!: () => void;
    const wait = new Promise<void>((resolve) => (goOn = resolve));
    const reached = new Promise<void>((resolve) => {
        provider.before = async ({ operation, name }) => {
            if (operation === "create" && name === resource) {
                resolve();
                await wait;
            }
        };
    });
    return { reached, goOn };
}

/** That the next update makes what is missing, and nothing differs then. */
export async function assertRepaired(scene: EngineScene, project: StackProject): Promise<void> {
    scene.provider.before = () => undefined;
    const { status, output } = await stackCommand(scene, project, ["up", "dev", "--no-health-check"]);
    assert.strictEqual(status, 0, output);
    assert.deepStrictEqual(await project.preview("dev", "--refresh"), []);
    assert.strictEqual((await stackCommand(scene, project, ["drift", "dev"])).status, 0);
}

/** Waits until everything but what is held is made, and is in the state. What is made in the moment of a kill is not known to it. */
export async function settled({ provider }: EngineScene, { project }: StackProject): Promise<void> {
    for (let before = -1; before !== provider.deeds.length; await sleep(3_000)) {
        before = provider.deeds.length;
    }
    const state = () => readFileSync(path.join(project.folder, ".pulumi/stacks/mlflow-aws/dev.json"), "utf8");
    await until("the state has what was made", 60, () => {
        const text = state();
        return provider.deeds.every(({ name }) => text.includes(`::${name}"`));
    });
}

/** Files of the locks that a state in files holds. */
export const locksOf = ({ project }: StackProject): string[] =>
    readdirSync(path.join(project.folder, ".pulumi/locks"), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ name }) => name);
