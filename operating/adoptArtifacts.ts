import { callerAccount } from "../automation/caller";
import { runCommand, stackCommand } from "../commands/command";
import { exitCodes } from "../commands/exitCodes";
import { UserError } from "../commands/userError";
import { fault } from "../settings/fault";
import { clientFor, refusal } from "./bucket";
import { copyAll } from "./adopt/copies";
import { reportDone, reportOf } from "./adopt/report";
import { rights } from "./adopt/rights";
import { selectionOf } from "./adopt/selection";
import { survey } from "./adopt/survey";

// Brings the artifacts that another server's clients logged straight to the bucket to where this server finds them: below its
// artifacts' folder. It needs an operator's rights, for the host has none outside of it. The addresses in the database are changed
// by `mlflow-adopt` on the host, later.

interface Options {
    readonly from?: string;
    readonly run?: true;
}

const command = stackCommand<Options>(
    "adopt-artifacts",
    "Copies what MLflow logged straight to the stack's bucket to below its artifacts' folder. Changes nothing without --run, and " +
        "never deletes or overwrites.",
    async (read, { from, run }) => {
        const outputs = await read();
        const selection = selectionOf(outputs, from);
        const account = await callerAccount(outputs.region, undefined);
        if (account !== outputs.accountId) {
            throw new UserError(
                fault(
                    "account",
                    account,
                    `${outputs.accountId}, which stack ${outputs.stack} is in`,
                    "AWS_PROFILE=<profile of an operator of that account>",
                ),
                exitCodes.refused,
            );
        }
        try {
            const client = await clientFor(selection.bucket);
            const before = await survey(client, selection);
            console.log(reportOf(selection, before).join("\n"));
            if (!run) {
                console.log("Nothing was changed. With --run it is done.");
                return before.conflicts.length > 0 ? exitCodes.failed : exitCodes.done;
            }
            const outcome = await copyAll(client, selection, before.missing);
            const after = await survey(client, selection);
            console.log(reportDone(selection, outcome, after).join("\n"));
            return after.missing.length + after.conflicts.length > 0 ? exitCodes.failed : exitCodes.done;
        } catch (error) {
            throw refusal(error, selection, rights);
        }
    },
);

void runCommand(
    command
        .option(
            "--from <address>",
            "s3://<bucket>/<folder>: take along what lies below it, instead of what MLflow names",
        )
        .option("--run", "do it, instead of saying what would be done"),
);
