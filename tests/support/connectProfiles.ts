import assert from "node:assert";
import { writeFileSync } from "node:fs";
import * as path from "node:path";
import * as iam from "@aws-sdk/client-iam";
import type { ConnectScene } from "./connectScene";

// A teammate's AWS files before and after `npm run connect`.

export const place = (scene: ConnectScene, name: "config" | "credentials"): string =>
    path.join(scene.home, ".aws", name);

/** The texts of the two files; nothing where there is none. */
export const files = (scene: ConnectScene) => [scene.awsFile("config"), scene.awsFile("credentials")] as const;

export const keyLines = (id: string, secret: string): string =>
    `aws_access_key_id = ${id}\naws_secret_access_key = ${secret}\n`;

/** Files with a profile of the stack's name beside another one; without lines there is no section. */
export function giveProfile(scene: ConnectScene, config: string, credentials: string): void {
    const { profileName } = scene.outputs;
    const other = "[profile other]\n# mine\nregion=eu-west-3\n\n";
    writeFileSync(place(scene, "config"), `${other}${config && `[profile ${profileName}]\n${config}`}`);
    writeFileSync(
        place(scene, "credentials"),
        `${credentials && `[${profileName}]\n${credentials}\n`}[other]\naws_access_key_id = AKIAOTHER\n`,
    );
}

/** A key of a user, who is made where there is none. */
export async function newKey(scene: ConnectScene, UserName: string) {
    const client = scene.stack.clients.iam;
    await client.send(new iam.CreateUserCommand({ UserName })).catch(() => undefined);
    const { AccessKey } = await client.send(new iam.CreateAccessKeyCommand({ UserName }));
    return { UserName, AccessKeyId: AccessKey!.AccessKeyId!, secret: AccessKey!.SecretAccessKey! };
}

/** Connects, ends by Ctrl-C, and returns what was said. */
export async function connected(scene: ConnectScene, words: string[], extra?: Record<string, string>): Promise<string> {
    const command = scene.connect(words, extra);
    await command.says(/Ctrl-C ends/);
    assert.strictEqual(await command.interrupt(), 0);
    assert.strictEqual(command.stderr, "");
    return command.stdout;
}

/** Does not connect, and has changed nothing; returns the exit code and what was said. */
export async function refused(
    scene: ConnectScene,
    words: string[],
    extra?: Record<string, string>,
): Promise<[number | null, string]> {
    const before = files(scene);
    const command = scene.connect(words, extra);
    const status = await command.ended;
    assert.deepStrictEqual(files(scene), before, "the files have changed");
    assert.deepStrictEqual(scene.service.started, [], "a session was started");
    assert.doesNotMatch(command.stderr, /\n {4}at /, "a stack trace");
    return [status, command.stderr];
}
