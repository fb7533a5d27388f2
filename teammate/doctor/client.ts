import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { type Check, failed, type Finding, notChecked, ok, warning } from "./check";
import { oneLine } from "../../commands/oneLine";
import { type Context, once } from "./context";

// The MLflow client: the Python that runs it, and what is installed there.

const script = `
import importlib.metadata, json
def version(name):
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
print(json.dumps({name: version(name) for name in ("mlflow", "mlflow-skinny", "boto3")}))
`;

type Versions = Partial<Record<"mlflow" | "mlflow-skinny" | "boto3", string | null>>;

interface Client {
    readonly python: string;
    /** Why it does not run; absent where it does. */
    readonly fault?: string;
    readonly mlflow?: string;
    readonly boto3?: string;
}

const client = once(async ({ python = "python3", environment }): Promise<Client> => {
    try {
        const options = { env: { ...environment }, timeout: 15_000 };
        const { stdout } = await promisify(execFile)(python, ["-c", script], options);
        const found = JSON.parse(stdout) as Versions;
        return { python, mlflow: found.mlflow ?? found["mlflow-skinny"] ?? undefined, boto3: found.boto3 ?? undefined };
    } catch (error) {
        return { python, fault: oneLine((error as Error).message, 200) };
    }
});

const other = "--python <path> names the Python that runs the client";

/** Without a client there is nothing to judge, unless the user has named one. */
function noClient({ python }: Context, { python: program, fault }: Client): Finding | undefined {
    if (fault === undefined) {
        return undefined;
    }
    return python === undefined
        ? notChecked(`${program} does not run (${fault})`, other)
        : failed(`${program} does not run (${fault})`, "--python with the path of a Python");
}

const numbers = (version: string) => version.split(".").map(Number);

async function judgeVersion(context: Context): Promise<Finding> {
    const found = await client(context);
    const { python, mlflow } = found;
    if (found.fault !== undefined || !mlflow) {
        return noClient(context, found) ?? notChecked(`${python} has no MLflow`, other);
    }
    const server = context.outputs.mlflowVersion;
    const [major, minor] = numbers(mlflow);
    const [serverMajor, serverMinor] = numbers(server);
    const evidence = `${python} has MLflow ${mlflow}, the server is ${server}`;
    const remedy = `${python} -m pip install mlflow==${server}`;
    if (major !== serverMajor) {
        return failed(evidence, remedy);
    }
    return minor > serverMinor ? warning(`${evidence}: what is new in the client may not work`, remedy) : ok(evidence);
}

async function judgeBoto3(context: Context): Promise<Finding> {
    if (context.outputs.artifactMode === "proxied") {
        return ok("not needed: artifacts go through the server");
    }
    const found = await client(context);
    const { python, boto3 } = found;
    return (
        noClient(context, found) ??
        (boto3
            ? ok(`${python} has boto3 ${boto3}`)
            : failed(
                  `${python} has no boto3, and clients write their artifacts to S3 themselves`,
                  `${python} -m pip install boto3`,
              ))
    );
}

export const clientChecks: readonly Check[] = [
    {
        id: "client-version",
        title: "The client's MLflow suits the server's",
        looksFor: "another major version; a warning for a newer minor one",
        remedy: "install the server's version",
        run: judgeVersion,
    },
    {
        id: "client-boto3",
        title: "The client can write to S3, where it must",
        looksFor: "with `artifactMode: direct`, a Python without boto3 (`ModuleNotFoundError`)",
        remedy: "`pip install boto3`",
        run: judgeBoto3,
    },
];
