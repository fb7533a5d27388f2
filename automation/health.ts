import { DescribeInstancesCommand, EC2Client, GetConsoleOutputCommand } from "@aws-sdk/client-ec2";
import { DescribeInstanceInformationCommand, SSMClient } from "@aws-sdk/client-ssm";
import { setTimeout as sleep } from "node:timers/promises";
import { clientOptions } from "../commands/awsClient";
import { oneLine } from "../commands/oneLine";
import type { StackOutputs } from "../commands/outputs";
import { sessionManagerWords } from "../handover/tunnel";
import { ask, type Question } from "../teammate/ask";
import { nextFree } from "../teammate/connect/port";
import { TunnelProcess } from "../teammate/connect/tunnelProcess";
import { requireTools } from "../teammate/tools";
import { whySleeping } from "../settings/runningHours";

// Whether a deployed server works: from AWS's view of the instance to an answer of the database and the bucket.

export interface Health {
    readonly healthy: boolean;
    /** What was seen; where it does not work, why, and the end of the boot log. */
    readonly lines: readonly string[];
}

/** What a healthy server is asked: the same as `mlflow-health` on the host asks (host/mlflow_host/health.py). */
const questions: Readonly<Record<string, Question>> = {
    server: { path: "/health" },
    database: { method: "POST", path: "/api/2.0/mlflow/experiments/search", body: { max_results: 1 } },
    bucket: { path: "/api/2.0/mlflow-artifacts/artifacts?path=health" },
};

/** Minutes: a new host installs packages and MLflow, and an older schema is upgraded. */
export const defaultPatience = 15;
const interval = 5_000;
/** For one attempt to open the tunnel, as long as `npm run connect` gives it: the AWS CLI alone may take seconds on a busy machine. */
const openingPatience = 25_000;
const bootLines = 30;

/** @throws UserError that names the programs which the check needs and this machine lacks */
export const requireHealthTools = (): void => requireTools(["aws", "session-manager-plugin"]);

/** Whether this machine can reach the server: an SSH tunnel needs a teammate's key, which a deployment does not have. */
export const canReach = ({ accessMode }: Pick<StackOutputs, "accessMode">): boolean => accessMode === "ssm";

/**
 * Waits until the instance runs, its agent is online and the server, its database and its bucket answer through Session Manager.
 * An existing instance is not asked: its role and the host's files come to it by hand, after the update. Nor is one that its running
 * hours have stopped: an update does not wake it.
 *
 * @param report says what is waited for, as it changes
 * @param minutes after which it counts as not healthy
 */
export async function checkHealth(
    outputs: StackOutputs,
    report: (line: string) => void,
    signal: AbortSignal,
    minutes: number,
): Promise<Health> {
    if (outputs.attachRoleCommand) {
        const byHand =
            "is not the stack's own: attachRoleCommand and installHostCommand, then npm run doctor checks it";
        return { healthy: true, lines: [`health: not checked: instance ${outputs.instanceId} ${byHand}`] };
    }
    const host = new Host(outputs);
    const deadline = Date.now() + minutes * 60_000;
    let told = "";
    let reason = "";
    try {
        while (Date.now() < deadline && !signal.aborted && !host.isGone) {
            const found = await host.look(signal);
            if (Array.isArray(found)) {
                return { healthy: true, lines: found };
            }
            if (host.sleeps) {
                return { healthy: true, lines: [`health: not checked: ${host.sleeps}`] };
            }
            reason = found;
            // Ports and ids of attempts alone are no news.
            if (withoutNumbers(reason) !== told) {
                report(`waiting: ${reason}`);
                told = withoutNumbers(reason);
            }
            if (!host.isGone) {
                await sleep(interval, undefined, { signal }).catch(() => undefined);
            }
        }
        if (signal.aborted) {
            return { healthy: false, lines: [`health: not seen to the end, interrupted: ${reason}`] };
        }
        const end = host.isGone ? "not healthy, and waiting is in vain" : `not healthy within ${minutes} min`;
        return { healthy: false, lines: [`health: ${end}: ${reason}`, ...(await host.bootLog())] };
    } finally {
        await host.close();
    }
}

const withoutNumbers = (text: string): string => text.replace(/\d+/g, "");

class Host {
    private readonly ec2: EC2Client;
    private readonly ssm: SSMClient;
    /** What is said of a host that its hours have stopped: that is as it should be. */
    sleeps: string | undefined;
    private tunnel: { readonly process: TunnelProcess; readonly port: number } | undefined;
    /** It ends, or has ended, for ever. */
    isGone = false;

    constructor(private readonly outputs: StackOutputs) {
        this.ec2 = new EC2Client(clientOptions(outputs.region));
        this.ssm = new SSMClient(clientOptions(outputs.region));
    }

    /** What works, or what is not there yet. */
    async look(signal: AbortSignal): Promise<string[] | string> {
        try {
            return (await this.notRunning()) ?? (await this.notOnline()) ?? (await this.answers(signal));
        } catch (error) {
            return oneLine(`${(error as Error).name}: ${(error as Error).message}`);
        }
    }

    private async notRunning(): Promise<string | undefined> {
        const { instanceId } = this.outputs;
        const found = await this.ec2.send(new DescribeInstancesCommand({ InstanceIds: [instanceId] }));
        const state = found.Reservations?.[0]?.Instances?.[0]?.State?.Name ?? "not there";
        this.isGone = state === "shutting-down" || state === "terminated";
        const why = whySleeping(this.outputs.runningHours, new Date());
        this.sleeps =
            why && (state === "stopped" || state === "stopping")
                ? `instance ${instanceId} is ${state} by its hours: ${why}; aws ec2 start-instances wakes it`
                : undefined;
        return state === "running" ? undefined : `instance ${instanceId} is ${state}`;
    }

    private async notOnline(): Promise<string | undefined> {
        const { instanceId } = this.outputs;
        const Filters = [{ Key: "InstanceIds", Values: [instanceId] }];
        const found = await this.ssm.send(new DescribeInstanceInformationCommand({ Filters }));
        const status = found.InstanceInformationList?.[0]?.PingStatus;
        return status === "Online"
            ? undefined
            : `Session Manager's agent on ${instanceId} is ${status ?? "not known yet"}`;
    }

    private async answers(signal: AbortSignal): Promise<string[] | string> {
        const port = await this.open(signal);
        const lines: string[] = [];
        for (const [part, question] of Object.entries(questions)) {
            // With direct artifacts, clients use the bucket themselves, and the server has no such route.
            if (part === "bucket" && this.outputs.artifactMode === "direct") {
                continue;
            }
            const reason = await this.fault(port, question);
            if (reason) {
                return `${part}: ${reason}`;
            }
            lines.push(`health: ${part}: works`);
        }
        return lines;
    }

    private async fault(port: number, question: Question): Promise<string | undefined> {
        try {
            const { status, text } = await ask(port, question);
            return status === 200 ? undefined : oneLine(`HTTP ${status}: ${text}`);
        } catch (error) {
            const said = this.tunnel?.process.hasEnded ? await this.tunnel.process.ended : (error as Error).message;
            await this.closeTunnel();
            return `no answer through the tunnel (${oneLine(said)})`;
        }
    }

    /** The port of the tunnel, which is opened where it is not open. */
    private async open(signal: AbortSignal): Promise<number> {
        if (!this.tunnel || this.tunnel.process.hasEnded) {
            const { region, instanceId } = this.outputs;
            const port = await nextFree(20_000 + Math.floor(Math.random() * 20_000));
            const words = sessionManagerWords({ instanceId, region, localPort: port });
            this.tunnel = { process: new TunnelProcess(words, process.env), port };
            const deadline = Date.now() + openingPatience;
            while (Date.now() < deadline && !signal.aborted && !this.tunnel.process.hasEnded) {
                await sleep(250);
                if ((await this.isOpen(port)) !== undefined) {
                    break;
                }
            }
        }
        return this.tunnel.port;
    }

    private isOpen = (port: number) => ask(port, questions.server).catch(() => undefined);

    private async closeTunnel(): Promise<void> {
        await this.tunnel?.process.end();
        this.tunnel = undefined;
    }

    /** The end of what the instance wrote to its console. */
    async bootLog(): Promise<string[]> {
        try {
            const InstanceId = this.outputs.instanceId;
            const { Output = "" } = await this.ec2.send(new GetConsoleOutputCommand({ InstanceId, Latest: true }));
            const lines = Buffer.from(Output, "base64").toString("utf8").trimEnd().split(/\r?\n/);
            return ["end of the boot log:", ...lines.slice(-bootLines).map((line) => `  ${oneLine(line)}`)];
        } catch (error) {
            return [oneLine(`the boot log cannot be read: ${(error as Error).message}`)];
        }
    }

    async close(): Promise<void> {
        await this.closeTunnel();
        this.ec2.destroy();
        this.ssm.destroy();
    }
}
