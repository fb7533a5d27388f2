import assert from "node:assert";
import { spawnSync } from "node:child_process";
import * as fc from "fast-check";
import { type Key, ruleOf } from "../../settings/rules";

// What tests of pasted commands share: real shells, with functions in place of the commands.

/** How a command was called, and what it could read. */
export interface Call {
    readonly words: string[];
    readonly input: string;
}

/** What a shell prints for a script that it reads from standard input, as other programs would. */
export function run(shell: string, script: string): string {
    const { status, stdout, stderr, error } = spawnSync(shell, ["-s"], { input: script, maxBuffer: 2 ** 28 });
    assert.ifError(error);
    assert.strictEqual(stderr.toString(), "");
    assert.strictEqual(status, 0);
    return stdout.toString();
}

/** Parts that each end with NUL, which no word can contain. */
export function parts(text: string): string[] {
    assert.ok(text.endsWith("\0"), "nothing was printed");
    return text.slice(0, -1).split("\0");
}

/** The calls of some commands in a script; `input` reads the here-document that each call must then have. */
export function calls(commands: string[], script: string, { input = false } = {}): Call[] {
    const read = input ? "cat" : ":";
    const standIns = commands.map((name) => `${name}() { printf '%s\\0' "$#" ${name} "$@"; ${read}; printf '\\0'; }\n`);
    const found: Call[] = [];
    for (const left = parts(run("bash", standIns.join("") + script)); left.length > 0;) {
        const words = left.splice(0, Number(left.shift()) + 1);
        found.push({ words, input: left.shift() ?? assert.fail("a call without an end") });
    }
    return found;
}

/**
 * Texts that the rule of a setting accepts, from all Latin characters that it takes at any place.
 *
 * @param start what every text begins with
 */
export function accepted(key: Key, start = ""): fc.Arbitrary<string> {
    const accepts = (text: string) => ruleOf(key).schema.safeParse(text).success;
    const characters = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code));
    const taken = characters.filter((character) => accepts(`${start}ab${character}ab`));
    assert.ok(taken.length > 30, `${key} takes no more than ${taken.join("")}`);
    return fc
        .string({ unit: fc.constantFrom(...taken), minLength: 1, maxLength: 64 })
        .map((text) => start + text)
        .filter((text) => text !== "" && accepts(text));
}
