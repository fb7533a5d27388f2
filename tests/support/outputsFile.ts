import { writeFileSync } from "node:fs";
import { evaluateStack, valuesOf } from "./stack";

/** Writes what `pulumi stack output --json` prints for the real program with these settings. Returns every output as it is. */
export async function writeOutputs(
    file: string,
    settings: Record<string, unknown>,
    showSecrets = false,
): Promise<Record<string, unknown>> {
    const { outputs } = await evaluateStack(settings);
    const printed = Object.entries(outputs).map(([name, { value, secret }]) => [
        name,
        secret && !showSecrets ? "[secret]" : value,
    ]);
    writeFileSync(file, JSON.stringify(Object.fromEntries(printed)));
    return valuesOf(outputs);
}
