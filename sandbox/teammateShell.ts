import { mkdirSync } from "node:fs";
import * as path from "node:path";
import { type Result, run } from "../commands/run";
import { cleanEnvironment, toolFolder } from "./tools";

/**
 * A shell with the real AWS CLI, a home of its own and the address of the emulator: what is pasted into it, runs as printed.
 *
 * @param extra further variables, such as the credentials of a role
 */
export function teammateShell(home: string, endpoint: string, extra: Record<string, string> = {}) {
    mkdirSync(home, { recursive: true });
    const env = cleanEnvironment({
        HOME: home,
        PATH: `${toolFolder("emulator")}${path.delimiter}${process.env.PATH}`,
        AWS_ENDPOINT_URL: endpoint,
        AWS_PAGER: "",
        ...extra,
    });
    return (commands: string): Promise<Result> =>
        run(["bash", "--norc", "-euo", "pipefail"], { env, cwd: home, input: commands });
}
