import { tunnelUser } from "../../handover/tunnel";
import type { Answer } from "../ask";
import { ask, listens, portOf } from "./ask";
import { type Check, failed, type Finding, notVisible, ok } from "./check";
import { oneLine } from "../../commands/oneLine";
import type { Context } from "./context";
import { named } from "../portHolder";
import { portHolder } from "./portHolder";

// From this machine to the server.

const connect = ({ outputs }: Context) => `npm run connect -- ${outputs.stack}`;

/** Programs that keep a tunnel open. */
const tunnelPrograms = /session-manager|\bssh\b|start-session/;

async function judgePort(context: Context): Promise<Finding> {
    const address = `localhost:${portOf(context)}`;
    return (await listens(context))
        ? ok(`${named(await portHolder(context))} listens on ${address}`)
        : failed(`nobody listens on ${address}`, `${connect(context)}, and leave it running`);
}

/** Where a tunnel leads, by the command line of what keeps it open: an instance's id, or the host of the tunnel's user. */
export function targetsIn(command: string): string[] {
    const words = command.split(/[^\w.:@-]+/);
    const user = `${tunnelUser}@`;
    return words
        .filter((word) => word.startsWith(user) || /^i-[0-9a-f]{8,17}$/.test(word))
        .map((word) => word.replace(user, ""));
}

async function judgeTarget(context: Context): Promise<Finding> {
    const { accessMode, instanceId, sshAddress } = context.outputs;
    const target = accessMode === "ssh" && sshAddress ? sshAddress : instanceId;
    const holder = await portHolder(context);
    const targets = targetsIn(holder?.command ?? "");
    if (targets.includes(target)) {
        return ok(`${named(holder)} leads to ${target}`);
    }
    return targets.length > 0
        ? failed(
              `${named(holder)} leads to ${targets[0]}, the stack's instance is ${target}`,
              `end it (kill ${holder?.pid}), then ${connect(context)}`,
          )
        : notVisible(`${named(holder)} does not say where it leads`, `look yourself: lsof -i :${portOf(context)}`);
}

const shown = ({ status, text }: Answer) => `HTTP ${status}: ${oneLine(text, 120)}`;

async function judgeHttp(context: Context): Promise<Finding> {
    let evidence: string;
    try {
        const answer = await ask(context, { path: "/health" });
        if (answer.status === 200 && answer.text.trim() === "OK") {
            return ok("/health says OK");
        }
        evidence = `/health: ${shown(answer)}`;
    } catch (error) {
        evidence = `no HTTP answer (${oneLine((error as Error).message)})`;
    }
    const holder = await portHolder(context);
    const isTunnel = tunnelPrograms.test(holder?.command ?? "");
    return failed(
        `${evidence}; ${named(holder)} holds the port`,
        isTunnel
            ? "the tunnel is there, the server behind it is not: wait three minutes; then, operators: journalctl -u mlflow"
            : `end that program, then ${connect(context)}; or choose another localPort`,
    );
}

/** As the client writes it in its address. */
function clientHost({ environment, outputs }: Context): string {
    const given = environment.MLFLOW_TRACKING_URI ?? "";
    return new URL(/^https?:\/\//.test(given) && URL.canParse(given) ? given : outputs.trackingUri).host;
}

async function judgeHost(context: Context): Promise<Finding> {
    const host = clientHost(context);
    const answer = await ask(context, { path: "/api/3.0/mlflow/server-info", host });
    if (answer.status === 200) {
        return ok(`the server answers callers of ${host}`);
    }
    const { trackingUri } = context.outputs;
    return answer.status === 403
        ? failed(`the server answers no callers of ${host}: ${shown(answer)}`, `write the address as ${trackingUri}`)
        : failed(
              `server-info: ${shown(answer)}; not a server of this stack's version`,
              `end what holds the port, then ${connect(context)}`,
          );
}

export const tunnelChecks: readonly Check[] = [
    {
        id: "tunnel-port",
        title: "The tunnel is open",
        looksFor: "a local port on which nobody listens",
        remedy: "`npm run connect -- <stack>`, and leave it running",
        run: judgePort,
    },
    {
        id: "tunnel-target",
        title: "The tunnel leads to the stack's instance",
        looksFor: "a tunnel to another instance: an old one after a replacement, or another stack's",
        remedy: "end it, then `npm run connect -- <stack>`",
        after: ["tunnel-port"],
        run: judgeTarget,
    },
    {
        id: "http",
        title: "HTTP answers through it",
        looksFor: "a port that another program holds, or a tunnel without a server behind it",
        remedy: "end the program that is named; else wait three minutes, then ask an operator",
        after: ["tunnel-port"],
        run: judgeHttp,
    },
    {
        id: "host-header",
        title: "The server takes the address as it is written",
        looksFor: "`Invalid Host header`: `MLFLOW_TRACKING_URI` with another name than `localhost`",
        remedy: "write `http://localhost:<localPort>`",
        after: ["http"],
        run: judgeHost,
    },
];
