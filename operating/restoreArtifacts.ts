import { Command } from "commander";
import { explain } from "../commands/userError";
import { checkVersioning, clientFor, keptDays, refusal } from "./bucket";
import { report } from "./report";
import { type Request, requestOf } from "./request";
import { restore } from "./restore";

// Brings the artifacts of a moment back from the bucket's versions: the other half of `mlflow-restore`, which brings back the
// database. It needs an operator's rights, for the host has none to old versions.

/** @returns whether everything went well */
async function run(request: Request, apply: boolean): Promise<boolean> {
    try {
        const client = await clientFor(request.bucket);
        await checkVersioning(client, request.bucket);
        const keptFor = await keptDays(client, request);
        const outcome = await restore(client, request, apply);
        console.log(report(request, outcome, apply, keptFor, new Date()).join("\n"));
        return outcome.failures.length === 0;
    } catch (error) {
        throw refusal(error, request);
    }
}

void new Command("restore-artifacts")
    .description(
        "Brings back every artifact that was overwritten or deleted since a moment. Changes nothing without --apply.",
    )
    .argument("<address>", "s3://<bucket>/<prefix>: the stack's output artifactRoot")
    .argument("<moment>", "time with its zone, such as 2026-11-25T10:15:00Z, or as in the name of a backup")
    .option("--apply", "do it, instead of saying what would be done")
    .action(async (address: string, moment: string, { apply = false }: { apply?: boolean }) => {
        try {
            process.exitCode = (await run(requestOf(address, moment, new Date()), apply)) ? 0 : 1;
        } catch (error) {
            console.error(explain(error));
            process.exitCode = 1;
        }
    })
    .parseAsync();
