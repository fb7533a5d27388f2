import * as handover from "../handover";
import { run } from "../commands/run";
import { fault } from "../settings/fault";
import { UserError } from "../commands/userError";
import { type Outputs, runCommand, stackCommand } from "../commands/command";
import { Interrupted } from "./connect/ask";
import { choosePort } from "./connect/choosePort";
import { profileEnvironment } from "./connect/environment";
import { keepUp } from "./connect/keepUp";
import { prepareProfile } from "./connect/profile";
import { remedyOf } from "./connect/reasons";
import { Display, reportTo } from "./connect/report";
import { exitCodes } from "../commands/exitCodes";
import { localPortOf, portOption } from "./localPort";
import type { StackOutputs } from "../commands/outputs";
import { isCliVersion1, missingTools, neededTools, remedyHere, requireTools } from "./tools";

// From the outputs of a stack to MLflow at a local port: the profile, the tunnel, and the tunnel again when it drops.

interface Options {
    readonly yes?: true;
    readonly port?: number;
}

/** Opens the stack's tunnel: program and arguments. */
function tunnelWords(outputs: StackOutputs, localPort: number): string[] {
    const { accessMode, sshAddress, stack, instanceId, profileName: profile, region } = outputs;
    if (accessMode === "ssm") {
        return handover.sessionManagerWords({ instanceId, profile, region, localPort });
    }
    const [ssh, ...words] = handover.sshWords({ address: sshAddress ?? "", name: `mlflow-${stack}`, localPort });
    // Nobody is asked anything, for nobody may be there; a host that is gone is noticed soon; and no connection is shared
    // that would outlive this one.
    return [ssh, "-o", "BatchMode=yes", "-o", "ConnectTimeout=10", "-S", "none", ...words];
}

/** The profile, where it is needed or can be had: with SSH and artifacts through the server, it is for nothing but a look into S3. */
async function profile(outputs: StackOutputs, yes: boolean, signal: AbortSignal): Promise<string> {
    const optional = outputs.accessMode === "ssh" && outputs.artifactMode === "proxied";
    if (optional && missingTools(["aws"]).length > 0) {
        return `Profile ${outputs.profileName}: not looked at, for there is no AWS CLI; this stack's MLflow needs none.`;
    }
    return prepareProfile(outputs, yes, signal);
}

async function adviceOnCli(): Promise<string[]> {
    const { stdout, stderr } = await run(["aws", "--version"], { env: profileEnvironment() });
    return isCliVersion1(stdout || stderr) ? [`AWS CLI 1 ends in July 2027; AWS CLI 2: ${remedyHere("aws")}`] : [];
}

async function connect(read: Outputs, { yes, port: own }: Options, signal: AbortSignal): Promise<void> {
    const display = new Display();
    let outputs = await read();
    signal.throwIfAborted();
    requireTools(neededTools(outputs));
    const localPort = await choosePort(own ?? localPortOf(outputs), signal);
    display.line(await profile(outputs, yes === true, signal));
    if (outputs.accessMode === "ssm") {
        (await adviceOnCli()).forEach((line) => display.line(line));
    }
    const exportLines = handover.clientEnvironment({ ...outputs, localPort, profile: outputs.profileName });
    const way = outputs.accessMode === "ssm" ? `Session Manager, ${outputs.instanceId}` : `SSH, ${outputs.sshAddress}`;
    display.line(`Opening the tunnel of stack ${outputs.stack} (${way}) ...`);
    try {
        await keepUp({
            port: localPort,
            words: async (askAgain) => {
                outputs = askAgain ? await read() : outputs;
                return tunnelWords(outputs, localPort);
            },
            giveUp: (reason, said) => {
                const remedy = remedyOf(said, outputs);
                if (remedy) {
                    throw new UserError(fault("tunnel", reason, "a session of this stack", remedy), exitCodes.failed);
                }
            },
            report: reportTo(display, () => outputs, handover.trackingUri(localPort), exportLines),
            signal,
        });
    } finally {
        display.clear();
    }
}

/** Runs until it is interrupted; that is its proper end. */
async function untilInterrupted(action: (signal: AbortSignal) => Promise<void>): Promise<number> {
    const interruption = new AbortController();
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
        process.on(signal, () => interruption.abort());
    }
    try {
        await action(interruption.signal);
    } catch (error) {
        if (!interruption.signal.aborted && !(error instanceof Interrupted)) {
            throw error;
        }
    }
    console.log("Ended.");
    return exitCodes.done;
}

void runCommand(
    stackCommand<Options>(
        "connect",
        "Writes the AWS profile of a stack, opens the tunnel to its MLflow and keeps it up until Ctrl-C.",
        (outputs, options) => untilInterrupted((signal) => connect(outputs, options, signal)),
    )
        .option("--yes", "write the profile without asking")
        .addOption(portOption),
);
