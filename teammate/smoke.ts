import { InvalidArgumentError } from "commander";
import { runCommand, stackCommand, userPath } from "./command";
import { exitCodes } from "./exitCodes";
import { show } from "./smoke/show";
import { leftovers, passed } from "./smoke/steps";
import { SmokeTest } from "./smoke/test";

// Whether the server of a stack does what a teammate needs of it: the real client, through the open tunnel.

interface Options {
    readonly port?: number;
    readonly python?: string;
    readonly json?: true;
}

const port = (text: string): number => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < 1 || value > 65535) {
        throw new InvalidArgumentError("allowed: an integer from 1 to 65535; remedy: leave it out");
    }
    return value;
};

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

void runCommand(
    stackCommand<Options>(
        "smoke",
        "Logs a run through the open tunnel as a teammate's program does, reads everything back, and removes it again.",
        async (outputs, options) => {
            const stack = await outputs();
            const { port = Number(new URL(stack.trackingUri).port) } = options;
            const python = options.python?.includes("/") ? userPath(options.python) : options.python;
            const test = new SmokeTest(stack, { port, python });
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
        .option("--port <port>", "local port of the tunnel, where it is not the stack's own", port)
        .option(
            "--python <python>",
            "Python with mlflow to test with, instead of python3 or one that is installed for it",
        )
        .option("--json", "for programs: one report at the end"),
);
