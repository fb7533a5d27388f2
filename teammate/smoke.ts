import { runCommand, stackCommand, userPath } from "../commands/command";
import { exitCodes } from "../commands/exitCodes";
import { portOption, withLocalPort } from "./localPort";
import { show } from "./smoke/show";
import { leftovers, passed } from "./smoke/steps";
import { SmokeTest } from "./smoke/test";

// Whether the server of a stack does what a teammate needs of it: the real client, through the open tunnel.

interface Options {
    readonly port?: number;
    readonly python?: string;
    readonly json?: true;
}

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

void runCommand(
    stackCommand<Options>(
        "smoke",
        "Logs a run through the open tunnel as a teammate's program does, reads everything back, and removes it again.",
        async (outputs, options) => {
            const stack = withLocalPort(await outputs(), options.port);
            const python = options.python?.includes("/") ? userPath(options.python) : options.python;
            const test = new SmokeTest(stack, python);
            const interrupt = () => test.interrupt();
            signals.forEach((signal) => process.on(signal, interrupt));
            await show(test.steps, options.json === true);
            await test.end();

            const { reports } = test;
            const good = passed(reports);
            if (options.json) {
                console.log(JSON.stringify({ stack: stack.stack, steps: reports, passed: good }, undefined, 2));
            } else {
                console.log(["", ...leftovers(reports), good ? "Smoke test passed." : "Smoke test failed."].join("\n"));
            }
            return good ? exitCodes.done : exitCodes.failed;
        },
    )
        .addOption(portOption)
        .option(
            "--python <python>",
            "Python with mlflow to test with, instead of python3 or one that is installed for it",
        )
        .option("--json", "for programs: one report at the end"),
);
