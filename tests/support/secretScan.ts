import childProcess, { type ChildProcess } from "node:child_process";
import { lstatSync, readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";

// Looks for secrets in everything that the project's commands print while the tests run, and in the files that they leave in the
// folders of projects. Loaded before the tests (.mocharc.yml); what it finds fails the run. It knows the secrets that the tests have
// made, and what secrets of AWS, addresses with passwords and private keys look like, for those that the commands make themselves.

interface Text {
    /** The command or the file. */
    readonly of: string;
    text: string;
}

const printed: Text[] = [];
/** The name of a file by its text: most are copies of the program's own, in every project. */
const written = new Map<string, string>();
const secrets = new Set<string>();

/** From now on this must not be seen; what was printed before is looked at too. */
export function knowSecret(value: unknown): void {
    if (typeof value === "string" && value.length >= 8) {
        secrets.add(value);
    }
}

/** Commands of the project, and the engine as the tests run it. */
const ours =
    /(automation|plan|sandbox)\/main\.ts|(teammate|operating)\/\w+\.ts|\bnpm (run|start)\b|\bpulumi\b(?! stack output)|\/stack\.sh\b/;
/** Asked for secrets by a test, in so many words. */
const askedFor = /--(show|with)-secrets\b/;

const notHexadecimal = /[g-zG-Z]/;
const looks: readonly [kind: string, pattern: RegExp, really: (found: string) => boolean][] = [
    [
        "a secret access key",
        /(?<![\w/+=-])[A-Za-z0-9/+]{40}(?![\w/+=-])/g,
        (found) => notHexadecimal.test(found) && /[A-Z]/.test(found) && /[a-z]/.test(found) && /\d/.test(found),
    ],
    ["an address with its password", /(?<!\w)\w+:\/\/[^\s:/@"']+:[^\s/@"'*[{<$]+@/g, () => true],
    ["a private key", /-----BEGIN [A-Z ]*PRIVATE KEY-----/g, () => true],
];

/** What is secret in a text, without itself. */
export function secretsIn(text: string): string[] {
    const known = [...secrets]
        .filter((secret) => text.includes(secret))
        .map((secret) => `a known secret of ${secret.length} characters`);
    const unknown = looks.flatMap(([kind, pattern, really]) =>
        [...text.matchAll(pattern)].filter(([found]) => really(found)).map(({ index }) => `${kind} at ${index}`),
    );
    return [...known, ...unknown];
}

/** Reads what is in a project's folder, before it is removed. */
export function readWritten(folder: string, except: (file: string) => boolean): void {
    for (const entry of readdirSync(folder)) {
        const file = path.join(folder, entry);
        const found = lstatSync(file);
        if (found.isSymbolicLink() || except(file)) {
            continue;
        }
        if (found.isDirectory()) {
            readWritten(file, except);
        } else if (found.isFile() && found.size < 8_000_000) {
            written.set(readFileSync(file, "utf8"), path.basename(file));
        }
    }
}

/** Hears what a child prints, without taking it from whoever else listens. */
function listen(child: ChildProcess, of: string): void {
    const text: Text = { of, text: "" };
    printed.push(text);
    for (const stream of [child.stdout, child.stderr]) {
        if (stream) {
            const push = stream.push.bind(stream);
            stream.push = (chunk: Buffer | null, ...rest) => {
                text.text += chunk === null ? "" : chunk.toString("utf8");
                return push(chunk, ...rest);
            };
        }
    }
}

const isOurs = (command: string) => ours.test(command) && !askedFor.test(command);

const commandOf = (args: readonly unknown[]) =>
    [args[0], ...(Array.isArray(args[1]) ? (args[1] as string[]) : [])].join(" ");

const { spawn, spawnSync } = childProcess;
childProcess.spawn = ((...args: Parameters<typeof spawn>) => {
    const child = spawn(...args);
    if (isOurs(commandOf(args))) {
        listen(child, commandOf(args));
    }
    return child;
}) as typeof spawn;
childProcess.spawnSync = ((...args: Parameters<typeof spawnSync>) => {
    const result = spawnSync(...args);
    if (isOurs(commandOf(args))) {
        printed.push({ of: commandOf(args), text: `${String(result.stdout)}${String(result.stderr)}` });
    }
    return result;
}) as typeof spawnSync;

export const mochaHooks = {
    /** Once in a run, and once for each file of tests where those run side by side. */
    afterAll(this: Mocha.Context) {
        // As long as it takes: it is the length of what was printed and written.
        this.timeout(0);
        const commands = printed.splice(0);
        const files = [...written].map(([text, of]) => ({ of, text }));
        written.clear();
        const found = [...commands, ...files].flatMap(({ of, text }) =>
            secretsIn(text).map((what) => `${of.slice(0, 200)}: ${what}`),
        );
        if (commands.length + files.length > 0) {
            console.log(
                `  secrets: ${commands.length} commands and ${files.length} different files, looked through for ${secrets.size} known ones and ` +
                    `${looks.length} kinds: ${found.length} found`,
            );
        }
        if (found.length > 0) {
            throw new Error(`secrets were printed or written:\n${[...new Set(found)].join("\n")}`);
        }
    },
};
