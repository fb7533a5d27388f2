import * as path from "node:path";
import { devNull } from "node:os";
import { UserError } from "../../commands/userError";
import { run } from "../../commands/run";
import {
    cleanEnvironment,
    findPython,
    installedHost,
    installServer,
    installTools,
    toolFolder,
} from "../../sandbox/tools";
import { clientVariables } from "../../handover";
import { fault } from "../../settings/fault";
import { exitCodes } from "../../commands/exitCodes";
import { localPortOf } from "../localPort";
import type { StackOutputs } from "../../commands/outputs";

/** What a client must have: boto3 is how it reaches S3 by itself. */
const modulesOf = ({ artifactMode }: StackOutputs) => (artifactMode === "direct" ? ["mlflow", "boto3"] : ["mlflow"]);

/** @returns what is missing; undefined where the program is none */
async function missing(python: string, modules: readonly string[]): Promise<string[] | undefined> {
    const script =
        "import importlib.util, sys\nfor name in sys.argv[1:]: importlib.util.find_spec(name) or print(name)";
    const found = await run([python, "-c", script, ...modules], { env: cleanEnvironment() }).catch(() => undefined);
    return found?.status === 0 ? found.stdout.split("\n").filter(Boolean) : undefined;
}

/**
 * The client of the test: the Python that was named, else the shell's own, as a teammate's program would have it, else the one of
 * the sandbox, which is installed then.
 *
 * @throws UserError when the named one will not do
 */
export async function findClient(named: string | undefined, outputs: StackOutputs): Promise<string> {
    const modules = modulesOf(outputs);
    if (named !== undefined) {
        const lacking = await missing(named, modules);
        if (lacking?.length !== 0) {
            const got = lacking
                ? `${named}, which lacks ${lacking.join(" and ")}`
                : `${named}, which is no Python that runs`;
            const remedy = lacking ? `${named} -m pip install ${lacking.join(" ")}` : "leave --python out";
            throw new UserError(
                fault("--python", got, `a Python with ${modules.join(" and ")}`, remedy),
                exitCodes.missing,
            );
        }
        return named;
    }
    if ((await missing("python3", modules))?.length === 0) {
        return "python3";
    }
    return installed(outputs);
}

/** Only the server's own environment has boto3. */
async function installed({ artifactMode }: StackOutputs): Promise<string> {
    const lock = artifactMode === "direct" ? "host/requirements.lock" : "sandbox/client.lock";
    console.error(
        `python3 of this shell will not do: the client is the one of ${lock}, installed now if it is not yet.`,
    );
    const python = await findPython();
    await installServer(python);
    if (artifactMode === "direct") {
        return path.join(installedHost, "opt/mlflow/venv/bin/python");
    }
    await installTools("client", python);
    return path.join(toolFolder("client"), "python");
}

/**
 * What the stack says that a client needs, and nothing else of this shell: where that is no AWS credentials, there are none to be
 * found. It tries nothing again, and reports to nobody.
 */
export function clientProcessEnvironment(outputs: StackOutputs): NodeJS.ProcessEnv {
    const localPort = localPortOf(outputs);
    const { artifactMode, presignedTransfers, profileName, region, accountId } = outputs;
    const withoutAws = { AWS_CONFIG_FILE: devNull, AWS_SHARED_CREDENTIALS_FILE: devNull };
    return cleanEnvironment({
        ...clientVariables({ localPort, artifactMode, presignedTransfers, profile: profileName, region, accountId }),
        ...(artifactMode === "direct" ? {} : withoutAws),
        AWS_EC2_METADATA_DISABLED: "true",
        MLFLOW_HTTP_REQUEST_MAX_RETRIES: "0",
        MLFLOW_HTTP_REQUEST_TIMEOUT: "60",
        MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR: "false",
        MLFLOW_DISABLE_TELEMETRY: "true",
        DO_NOT_TRACK: "true",
    });
}
