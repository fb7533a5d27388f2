import { Command, InvalidArgumentError } from "commander";
import { Listr, PRESET_TIMER } from "listr2";
import { outputLines } from "../plan/outputLines";
import { explain } from "../commands/userError";
import { Sandbox, type Step } from "./sandbox";

/** What the emulator cannot do, and so nothing here proves. */
const notProved = [
    "TLS-only bucket policy: left out, because the emulator ignores policy conditions and would deny every object call",
    "policy conditions and the tunnel rights of the client user: the emulator ignores the first and has no Session Manager",
    "the tunnel itself: a forwarder on this machine takes its place; the printed tunnel command needs a real instance",
    "the instance: the emulator only records it; the server's process runs on this machine, without systemd",
];

const port = (text: string): number => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < 1024 || value > 65535 || value === 5000) {
        throw new InvalidArgumentError("allowed: an integer from 1024 to 65535, but not 5000; remedy: --port 5001");
    }
    return value;
};

async function main(options: { once?: true; port: number }): Promise<number> {
    const sandbox = new Sandbox(options.port);
    const interrupted = new Promise<"interrupted">((resolve) => {
        for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
            process.once(signal, () => resolve("interrupted"));
        }
    });
    try {
        if ((await Promise.race([run(sandbox), interrupted])) === "interrupted") {
            console.error("\nInterrupted.");
            // Calls to the ended emulator fail, some of them inside the SDKs as unhandled rejections.
            process.on("uncaughtException", () => undefined);
            return 130;
        }
        print(sandbox);
        if (!options.once) {
            console.log(`\nMLflow is at ${sandbox.stack.output("trackingUri")} until you press Ctrl-C.`);
            await interrupted;
            console.log("\nStopping.");
        }
        return 0;
    } catch (error) {
        console.error(`\n${explain(error)}`);
        return 1;
    } finally {
        await sandbox.stop();
    }
}

const never = new Promise<string>(() => undefined);

/** Runs every step, shows its progress, and ends at the first that fails. */
async function run(sandbox: Sandbox): Promise<"finished"> {
    const tasks = [...sandbox.steps, ...sandbox.proofs].map((step: Step) => ({
        title: step.title,
        task: async (_: unknown, task: { title: string; output: string }) => {
            const result = await step.run().catch((error: unknown) => {
                if (sandbox.isStopping) {
                    return never; // what fails because everything is being ended has nothing to report
                }
                throw error;
            });
            task.title = `${step.title}: ${result}`;
        },
    }));
    await new Listr(tasks, {
        registerSignalListeners: false,
        rendererOptions: { timer: PRESET_TIMER, collapseErrors: false, showErrorMessage: false },
        fallbackRendererOptions: { timer: PRESET_TIMER },
    }).run();
    return "finished";
}

function print(sandbox: Sandbox): void {
    console.log("\nOutputs of the stack:\n");
    console.log(outputLines(sandbox.stack.evaluation.outputs).join("\n"));
    console.log("\nNot proved here:\n");
    notProved.forEach((text) => console.log(`  - ${text}`));
    console.log(`\nProof: ${sandbox.proofs.length} passed, 0 failed`);
}

void new Command("sandbox")
    .description("Runs the whole stack on this machine, without an AWS account, and proves that it works.")
    .option("--once", "end after the proof, with exit code 0, or 1 where it failed")
    .option("--port <port>", "local port of the server", port, 5001)
    .action(async (options: { once?: true; port: number }) => {
        process.exitCode = await main(options);
    })
    .parseAsync();
