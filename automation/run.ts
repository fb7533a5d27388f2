import type { Change } from "./changes";
import { Command, type Result, type Surroundings } from "./command";
import { type Guarded, guarded, refuse } from "./guarded";
import { destroyFaults } from "./guards";
import { requireHealthTools } from "./health";
import { useOfKeys } from "./keysInUse";
import { architectureFaults, losses } from "./losses";
import { waitsFor } from "./meaning";
import { counted } from "./summary";

// What `npm run stack` does, command by command.

/** What an update would do; refused where a policy or a guard would refuse the update. */
export async function preview(name: string, accepted: readonly string[], surroundings: Surroundings): Promise<Result> {
    const command = new Command("preview", name, surroundings);
    return command.end(async () => {
        const place = await guarded(name, false);
        const changes = await command.preview(await command.open(place));
        await refuseLosses(changes, accepted, place);
        return [
            "done",
            changes.length === 0 ? "Nothing would change." : `An update would change: ${counted(changes)}.`,
        ];
    });
}

async function refuseLosses(changes: readonly Change[], accepted: readonly string[], { deployed }: Guarded) {
    refuse([...architectureFaults(changes), ...losses(changes, accepted, await useOfKeys(changes, deployed))]);
}

export interface UpOptions {
    readonly accept: readonly string[];
    /** How long the server may take; nothing: it is not asked. */
    readonly healthMinutes: number | undefined;
}

/** Previews, and updates where no policy and no guard refuses; then asks the server whether it works. */
export async function up(
    name: string,
    { accept, healthMinutes }: UpOptions,
    surroundings: Surroundings,
): Promise<Result> {
    const command = new Command("up", name, surroundings);
    return command.end(async () => {
        const place = await guarded(name, true);
        if (healthMinutes !== undefined && place.canBeAsked) {
            requireHealthTools();
        }
        const stack = await command.open(place);
        const changes = await command.preview(stack);
        await refuseLosses(changes, accept, place);
        const started = performance.now();
        await command.up(stack);
        const seconds = Math.round((performance.now() - started) / 1000);
        const done = changes.length === 0 ? "Nothing changed" : `Done in ${seconds} s: ${counted(changes)}`;
        if (healthMinutes === undefined) {
            return ["done", `${done}. Whether the server works was not checked.`];
        }
        if (await command.checkHealth(stack, healthMinutes)) {
            return ["done", `${done}.`];
        }
        const waits = waitsFor(changes);
        return ["unhealthy", `${done}. But the server does not work${waits ? `: it may wait for ${waits}` : ""}.`];
    });
}

/** Compares what exists with what the program and the settings say; changes nothing, not even the state. */
export async function drift(name: string, surroundings: Surroundings): Promise<Result> {
    const command = new Command("drift", name, surroundings);
    return command.end(async () => {
        const place = await guarded(name, false);
        const changes = await command.preview(await command.open(place), { refresh: true });
        return changes.length === 0
            ? ["done", "What exists is what the program says."]
            : ["changes", `What exists differs. An update with a refresh would change: ${counted(changes)}.`];
    });
}

/** Deletes everything that the stack holds, except what is protected. */
export async function destroy(name: string, surroundings: Surroundings): Promise<Result> {
    const command = new Command("destroy", name, surroundings);
    return command.end(async () => {
        const place = await guarded(name, true);
        refuse(destroyFaults(name, place.protect));
        const stack = await command.open(place);
        await command.previewDestroy(stack);
        await command.destroy(stack);
        return ["done", "Destroyed. The data volume left a last snapshot, unless forceDestroy was set."];
    });
}
