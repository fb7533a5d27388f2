import { shellWord } from "../../handover/shell";
import { missingTools, neededTools, remedyHere } from "../tools";
import { type Check, failed, type Finding, ok, warning } from "./check";
import type { Context } from "./context";
import { profileFiles } from "./profileFiles";

// What the shell says in which the client runs.

/** boto3 and the AWS CLI 1 know the first too, and it wins there. */
const profileVariables = ["AWS_DEFAULT_PROFILE", "AWS_PROFILE"];

async function judgeAwsProfile(context: Context): Promise<Finding> {
    const { environment, outputs } = context;
    const direct = outputs.artifactMode === "direct";
    const wanted = `export AWS_PROFILE=${shellWord(outputs.profileName)}`;
    const variable = profileVariables.find((name) => environment[name] !== undefined);
    if (variable === undefined) {
        return direct
            ? failed("AWS_PROFILE is not set, and clients write their artifacts to S3 themselves", wanted)
            : ok("AWS_PROFILE is not set; a client of this server needs none");
    }
    const name = environment[variable]!;
    const unset = `unset ${variable}`;
    const mend = direct ? (variable === "AWS_PROFILE" ? wanted : `${unset}; ${wanted}`) : unset;
    if (name === "") {
        return failed(`${variable} is empty: AWS tools look for a profile without a name (ProfileNotFound)`, mend);
    }
    const files = await profileFiles(context);
    if (!files.names.includes(name)) {
        const known = files.names.length > 0 ? `these know ${files.names.join(", ")}` : "these know none";
        return failed(`${variable} is ${name}, which is no profile of the AWS files; ${known}`, mend);
    }
    if (direct && name !== outputs.profileName) {
        return failed(`${variable} is ${name}, and clients write their artifacts to S3 with it`, mend);
    }
    if (direct && environment.AWS_ACCESS_KEY_ID) {
        return failed(
            `AWS_ACCESS_KEY_ID is set as well, and boto3 takes it instead of ${variable}`,
            "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN",
        );
    }
    return ok(`${variable} is ${name}`);
}

function judgeTrackingUri({ environment, outputs }: Context): Finding {
    const wanted = outputs.trackingUri;
    const given = environment.MLFLOW_TRACKING_URI;
    const remedy = `export MLFLOW_TRACKING_URI=${wanted}`;
    if (!given) {
        return warning("MLFLOW_TRACKING_URI is not set in this shell: a client would log to files of its own", remedy);
    }
    const same = [wanted, wanted.replace("//localhost", "//127.0.0.1")];
    return same.includes(given.replace(/\/+$/, ""))
        ? ok(`MLFLOW_TRACKING_URI is ${given}`)
        : failed(`MLFLOW_TRACKING_URI is ${given}; this stack's is ${wanted}`, remedy);
}

/** As Python's requests, which MLflow's client uses, looks for a proxy, and for who needs none. */
function judgeProxy({ environment, outputs }: Context): Finding {
    const of = (name: string) => environment[name.toLowerCase()] ?? environment[name.toUpperCase()];
    const variable = ["http_proxy", "all_proxy"].find((name) => of(name));
    if (!variable) {
        return ok("no proxy is set for HTTP");
    }
    const { host, hostname } = new URL(outputs.trackingUri);
    const exceptions = (of("no_proxy") ?? "").split(",").map((entry) => entry.trim().replace(/^\*?\./, ""));
    const excepted = exceptions.some((entry) => entry === "*" || (entry !== "" && [host, hostname].includes(entry)));
    return excepted
        ? ok(`${variable} is set, and no_proxy names ${hostname}`)
        : failed(
              `${variable} is set, and no_proxy does not name ${hostname}: a client asks the proxy for this machine's tunnel`,
              "export NO_PROXY=localhost,127.0.0.1 no_proxy=localhost,127.0.0.1",
          );
}

/** A tunnel that is open already needs none of them. */
function judgeTools({ environment, outputs }: Context): Finding {
    const needed = neededTools(outputs);
    const missing = missingTools(needed, environment.PATH ?? "");
    return missing.length === 0
        ? ok(needed.join(", "))
        : warning(`not on the PATH: ${missing.join(", ")}`, missing.map(remedyHere).join("; "));
}

export const laptopChecks: readonly Check[] = [
    {
        id: "aws-profile",
        title: "AWS_PROFILE is a profile that exists, or not set",
        looksFor:
            "`AWS_PROFILE` that is empty or unknown (`ProfileNotFound`); with `artifactMode: direct` also one that is missing or " +
            "another than the stack's, or keys in the environment that win over it",
        remedy: "`unset AWS_PROFILE`; with `direct`, `export AWS_PROFILE=<profileName>`",
        run: judgeAwsProfile,
    },
    {
        id: "tracking-uri",
        title: "MLFLOW_TRACKING_URI is this stack's",
        looksFor: "`MLFLOW_TRACKING_URI` of another address; a warning where it is not set",
        remedy: "paste `clientEnvironment`",
        run: judgeTrackingUri,
    },
    {
        id: "no-proxy",
        title: "Requests to localhost take no proxy",
        looksFor:
            "`http_proxy` or `all_proxy` without `localhost` in `no_proxy`: Python would ask the proxy for the tunnel",
        remedy: "`export NO_PROXY=localhost,127.0.0.1 no_proxy=localhost,127.0.0.1`",
        run: judgeProxy,
    },
    {
        id: "tunnel-tools",
        title: "What opens the tunnel is installed",
        looksFor:
            "a warning where the AWS CLI or the Session Manager plugin, or with SSH an SSH client, is not on the `PATH`",
        remedy: "the install line for the system, which the check says",
        run: judgeTools,
    },
];
