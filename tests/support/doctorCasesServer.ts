import * as path from "node:path";
import { runOrFail } from "../../commands/run";
import { freePort } from "../../sandbox/processes";
import { cleanEnvironment, installedHost } from "../../sandbox/tools";
import { type PortProgram, startPortProgram } from "./doctorPrograms";
import type { Case, DoctorScene } from "./doctorScene";

/** What answers on the local port, and what does not. Programs with the words of a tunnel stand in for tunnels. */
export async function serverCases({
    outputs,
    server,
}: DoctorScene): Promise<{ cases: Case[]; programs: PortProgram[] }> {
    const { stack, instanceId, mlflowVersion, trackingUri } = outputs;
    const connect = `npm run connect -- ${stack}`;
    const plugin = (instance: string) => ["session-manager-plugin", JSON.stringify({ Target: instance })];
    const otherInstance = "i-0fedcba9876543210";
    const [mine, others, overSsh, ftp, web, healthy] = await Promise.all([
        startPortProgram("closes", ...plugin(instanceId)),
        startPortProgram("closes", ...plugin(otherInstance)),
        startPortProgram("closes", "ssh", "-N", "mlflow-tunnel@203.0.113.77"),
        startPortProgram("greets"),
        startPortProgram("web"),
        startPortProgram("healthy"),
    ]);
    const nobody = await freePort();
    const on = (port: number) => ({ trackingUri: `http://localhost:${port}` });
    const endThat = `end that program, then ${connect}; or choose another localPort`;
    const database = path.join(server.folder, "root/var/lib/mlflow/server/mlflow.db");
    const rename = (from: string, to: string) =>
        runOrFail(
            "sqlite3",
            [
                path.join(installedHost, "opt/mlflow/venv/bin/python"),
                ...["-c", "import sqlite3, sys\nsqlite3.connect(sys.argv[1], timeout=20).execute(sys.argv[2])"],
                ...[database, `ALTER TABLE ${from} RENAME TO ${to}`],
            ],
            { env: cleanEnvironment() },
        );

    const cases: Case[] = [
        { id: "tunnel-port", when: "somebody listens", verdict: "ok", evidence: /listens on localhost:\d+$/ },
        {
            id: "tunnel-port",
            when: "nobody listens",
            verdict: "failed",
            evidence: new RegExp(`^nobody listens on localhost:${nobody}$`),
            remedy: `${connect}, and leave it running`,
            outputs: on(nobody),
        },

        {
            id: "tunnel-target",
            when: "it is the stack's",
            verdict: "ok",
            evidence: new RegExp(`^node \\(process \\d+\\) leads to ${instanceId}$`),
            outputs: on(mine.port),
        },
        {
            id: "tunnel-target",
            when: "it is another instance",
            verdict: "failed",
            evidence: new RegExp(`leads to ${otherInstance}, the stack's instance is ${instanceId}$`),
            remedy: `end it (kill ${others.pid}), then ${connect}`,
            outputs: on(others.port),
        },
        ...(["203.0.113.77", "203.0.113.7"] as const).map((sshAddress, index): Case => ({
            id: "tunnel-target",
            when: `it goes over SSH to 203.0.113.77, and should to ${sshAddress}`,
            verdict: (["ok", "failed"] as const)[index],
            evidence: /leads to 203\.0\.113\.77(, the stack's instance is 203\.0\.113\.7)?$/,
            remedy: [undefined, `end it (kill ${overSsh.pid}), then ${connect}`][index],
            outputs: { ...on(overSsh.port), accessMode: "ssh", sshAddress },
        })),
        {
            id: "tunnel-target",
            when: "the program does not say",
            verdict: "not visible",
            evidence: /does not say where it leads$/,
            remedy: `look yourself: lsof -i :${server.port}`,
        },

        { id: "http", when: "MLflow answers", verdict: "ok", evidence: /^\/health says OK$/ },
        {
            id: "http",
            when: "another program holds the port",
            verdict: "failed",
            evidence: new RegExp(`^no HTTP answer \\(.*\\); node \\(process ${ftp.pid}\\) holds the port$`),
            remedy: endThat,
            outputs: on(ftp.port),
        },
        {
            id: "http",
            when: "another web server holds the port",
            verdict: "failed",
            evidence: new RegExp(`^/health: HTTP 404: no such page; node \\(process ${web.pid}\\) holds the port$`),
            remedy: endThat,
            outputs: on(web.port),
        },
        {
            id: "http",
            when: "there is no server behind the tunnel",
            verdict: "failed",
            evidence: /^no HTTP answer \(/,
            remedy: "the tunnel is there, the server behind it is not: wait three minutes; then, operators: journalctl -u mlflow",
            outputs: on(mine.port),
        },

        {
            id: "host-header",
            when: "it is localhost",
            verdict: "ok",
            evidence: /^the server answers callers of localhost:\d+$/,
        },
        {
            id: "host-header",
            when: "it is another name",
            verdict: "failed",
            evidence: /^the server answers no callers of mlflow\.example:5001: HTTP 403: .*Invalid Host header/,
            remedy: `write the address as ${trackingUri}`,
            environment: { MLFLOW_TRACKING_URI: "http://mlflow.example:5001" },
        },
        {
            id: "host-header",
            when: "it is no MLflow",
            verdict: "failed",
            evidence: /^server-info: HTTP 404: no such page; not a server of this stack's version$/,
            remedy: `end what holds the port, then ${connect}`,
            outputs: on(healthy.port),
        },

        { id: "database", when: "it answers", verdict: "ok", evidence: /^it answers \(sqlite\)$/ },
        {
            id: "database",
            when: "it does not",
            verdict: "failed",
            evidence: /^a search for experiments: HTTP 503: .*no such table/,
            remedy: "operators, on the host: sudo /opt/mlflow/host/bin/mlflow-health, then journalctl -u mlflow",
            prepare: async () => {
                await rename("experiments", "hidden");
                return () => rename("hidden", "experiments");
            },
        },

        { id: "server-version", when: "it is the outputs'", verdict: "ok", evidence: new RegExp(`^${mlflowVersion}$`) },
        {
            id: "server-version",
            when: "it is another",
            verdict: "failed",
            evidence: new RegExp(`^the server says ${mlflowVersion}, the outputs 3\\.16\\.1: another server`),
            remedy: `end the tunnel, then npm run connect -- ${stack}; a file for --outputs: ask for a new one`,
            outputs: { mlflowVersion: "3.16.1" },
        },

        {
            id: "old-experiments",
            when: "all are proxied",
            verdict: "ok",
            evidence: /^1 experiments, none of another mode$/,
        },
        {
            id: "old-experiments",
            when: "some point at S3",
            verdict: "warning",
            evidence:
                /^6 of 7 experiments keep their artifacts in S3 \(s3:\/\/\): "old [1-6]", ("old [1-6]", ){3}"old [1-6]" and 1 more$/,
            remedy: "make new experiments, and log there: the old ones need AWS credentials on the client",
            prepare: async () => {
                for (let number = 1; number <= 6; number++) {
                    const id = await server.makeExperiment(`old ${number}`);
                    const change = "UPDATE experiments SET artifact_location = ? WHERE experiment_id = ?";
                    await server.sql(change, `s3://other-bucket/${id}`, id);
                }
                return () => undefined;
            },
        },
        {
            id: "old-experiments",
            when: "the mode is direct, and some are proxied",
            verdict: "warning",
            evidence: /keep their artifacts in the server \(mlflow-artifacts:\): "Default"$/,
            remedy: "make new experiments, and log there: this server moves no artifacts",
            outputs: { artifactMode: "direct" },
        },
    ];
    return { cases, programs: [mine, others, overSsh, ftp, web, healthy] };
}
