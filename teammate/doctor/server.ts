import type { Answer } from "../ask";
import { ask } from "./ask";
import { type Check, failed, type Finding, ok } from "./check";
import { oneLine } from "../../commands/oneLine";
import { type Context, once } from "./context";

// The server itself, and what it keeps.

/** What the server knows of an experiment. */
export interface Experiment {
    readonly name: string;
    readonly artifact_location: string;
}

interface Page {
    readonly experiments?: readonly Experiment[];
    readonly next_page_token?: string;
}

const search = (context: Context, body: object): Promise<Answer> =>
    ask(context, { method: "POST", path: "/api/2.0/mlflow/experiments/search", body });

const pageSize = 1000;

/** All that are not deleted. */
export const experiments = once(async (context): Promise<readonly Experiment[]> => {
    const all: Experiment[] = [];
    for (let token: string | undefined = ""; token !== undefined && !context.signal.aborted;) {
        const body = { max_results: pageSize, ...(token && { page_token: token }) };
        const { status, text } = await search(context, body);
        if (status !== 200) {
            throw new Error(`experiments: HTTP ${status}: ${oneLine(text, 120)}`);
        }
        const page = JSON.parse(text) as Page;
        all.push(...(page.experiments ?? []));
        token = page.next_page_token || undefined;
    }
    return all;
});

/** `/health` says OK without a database: only a question about what is stored there reaches it. */
async function judgeDatabase(context: Context): Promise<Finding> {
    const { status, text } = await search(context, { max_results: 1 });
    return status === 200
        ? ok(`it answers (${context.outputs.backendKind})`)
        : failed(
              `a search for experiments: HTTP ${status}: ${oneLine(text, 200)}`,
              "operators, on the host: sudo /opt/mlflow/host/bin/mlflow-health, then journalctl -u mlflow",
          );
}

async function judgeVersion(context: Context): Promise<Finding> {
    const { mlflowVersion, stack } = context.outputs;
    const { status, text } = await ask(context, { path: "/version" });
    const version = status === 200 ? oneLine(text, 40) : `HTTP ${status}`;
    return version === mlflowVersion
        ? ok(version)
        : failed(
              `the server says ${version}, the outputs ${mlflowVersion}: another server, or old outputs`,
              `end the tunnel, then npm run connect -- ${stack}; a file for --outputs: ask for a new one`,
          );
}

export const serverChecks: readonly Check[] = [
    {
        id: "database",
        title: "The database behind it answers",
        looksFor: "a search for experiments that fails: `/health` alone says OK without a database",
        remedy: "operators, on the host: `mlflow-health`, `journalctl -u mlflow`",
        after: ["host-header"],
        run: judgeDatabase,
    },
    {
        id: "server-version",
        title: "The server is of the version that the outputs say",
        looksFor: "another version: a tunnel to another server, or old outputs",
        remedy: "end the tunnel, then `npm run connect -- <stack>`",
        after: ["http"],
        run: judgeVersion,
    },
];
