import type { StackOutputs } from "../../commands/outputs";

// What has to change in a teammate's AWS profile, and whether it may. Nothing here reads or writes a file.

type Section = Readonly<Record<string, string | undefined>>;
export type ProfileFile = "config" | "credentials";

/** The sections of one profile in the two files; absent where there is none. */
export type Existing = Readonly<Partial<Record<ProfileFile, Section>>>;

/** One line of a file. */
export interface Change {
    readonly file: ProfileFile;
    readonly key: string;
    /** Absent where the line is new. */
    readonly from?: string;
    /** Absent where it is a secret that is still to be asked for. */
    readonly to?: string;
}

/** What a profile should be: of the stack's user, or of a role. */
export type Wanted =
    | {
          readonly kind: "user";
          readonly region: string;
          readonly keyId: string;
          /** Absent where the outputs came without secrets. */
          readonly secret?: string;
          /** Of every key of the user. */
          readonly ownKeyIds: readonly string[];
      }
    | {
          readonly kind: "role";
          readonly lines: readonly (readonly [key: string, value: string])[];
          readonly arns: readonly string[];
      };

export type Plan =
    | { readonly kind: "nothing" }
    | { readonly kind: "write"; readonly changes: readonly Change[] }
    /** May be written only if this key turns out to be of the stack's user, or of nobody. */
    | { readonly kind: "whose"; readonly keyId: string; readonly changes: readonly Change[] }
    /** It is somebody else's. */
    | { readonly kind: "refuse"; readonly reason: string };

/** The lines of the printed section; comments are for people. */
export const linesOf = (snippet: string): [string, string][] =>
    snippet.split("\n").flatMap((line) => {
        const [, key, value] = /^([a-z_]+) = (.*)$/.exec(line) ?? [];
        return key === undefined ? [] : [[key, value]];
    });

export function wantedProfile(outputs: StackOutputs): Wanted {
    const { region, clientAccessKeyId: keyId, clientSecretAccessKey: secret, clientAccessKeys = [] } = outputs;
    return keyId === undefined
        ? { kind: "role", lines: linesOf(outputs.profileConfigSnippet), arns: outputs.clientRoleArns ?? [] }
        : { kind: "user", region, keyId, secret, ownKeyIds: [keyId, ...clientAccessKeys.map(({ id }) => id)] };
}

export const planProfile = (existing: Existing, wanted: Wanted): Plan =>
    wanted.kind === "user" ? planForUser(existing, wanted) : planForRole(existing, wanted);

/** Other ways to credentials than a long-lived key. AWS tools try some of them before a key, some after it. */
const otherWays = [
    ...["role_arn", "source_profile", "credential_source", "credential_process", "web_identity_token_file"],
    ...["sso_session", "sso_start_url", "sso_account_id", "sso_role_name", "login_session", "aws_session_token"],
];

const secretKey = "aws_secret_access_key";

/** Why a profile is somebody else's, where it has another way; a value is shown only where it can hold no secret. */
function otherWaysOf(found: Section): string | undefined {
    const shown = otherWays
        .filter((key) => key in found)
        .map((key) => (/^(role_arn|sso_account_id|sso_role_name)$/.test(key) ? `${key} = ${found[key]}` : key));
    return shown.length === 0 ? undefined : `it gets its credentials by ${shown.join(", ")}`;
}

function planForUser(existing: Existing, wanted: Wanted & { kind: "user" }): Plan {
    const found: Section = { ...existing.config, ...existing.credentials };
    const otherWay = otherWaysOf(found);
    if (otherWay) {
        return { kind: "refuse", reason: otherWay };
    }
    const { aws_access_key_id: keyId, aws_secret_access_key: secret } = found;
    const change = (file: ProfileFile, key: string, to: string | undefined): Change => {
        const from = existing[file]?.[key];
        return { file, key, ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
    };
    const sameKey = keyId === wanted.keyId;
    const sameSecret = sameKey && secret !== undefined && [undefined, secret].includes(wanted.secret);
    const changes = [
        ...(found.region === wanted.region ? [] : [change("config", "region", wanted.region)]),
        // How the CLI prints is the teammate's own business.
        ...(found.output === undefined ? [change("config", "output", "json")] : []),
        ...(sameKey ? [] : [change("credentials", "aws_access_key_id", wanted.keyId)]),
        ...(sameSecret ? [] : [change("credentials", secretKey, wanted.secret)]),
    ];
    if (keyId === undefined) {
        return additionsOnly(changes);
    }
    if (!wanted.ownKeyIds.includes(keyId)) {
        return { kind: "whose", keyId, changes };
    }
    return needed(changes);
}

/** A profile that leads to one of the stack's roles is left as it is, but for its region: there are several ways to a role. */
function planForRole(existing: Existing, { lines, arns }: Wanted & { kind: "role" }): Plan {
    const found: Section = { ...existing.config, ...existing.credentials };
    if (found.aws_access_key_id !== undefined) {
        return { kind: "refuse", reason: `it has a key, ${found.aws_access_key_id}` };
    }
    const wanted = Object.fromEntries(lines);
    const change = (key: string): Change => {
        const from = existing.config?.[key];
        return { file: "config", key, ...(from !== undefined && { from }), to: wanted[key] };
    };
    const leadsToRole =
        arns.includes(found.role_arn ?? "") ||
        (wanted.sso_role_name !== undefined &&
            ["sso_account_id", "sso_role_name"].every((key) => found[key] === wanted[key]));
    if (leadsToRole) {
        return needed(found.region === wanted.region ? [] : [change("region")]);
    }
    const otherWay = otherWaysOf(found);
    return otherWay
        ? { kind: "refuse", reason: otherWay }
        : additionsOnly(
              Object.keys(wanted)
                  .filter((key) => found[key] !== wanted[key])
                  .map(change),
          );
}

const needed = (changes: readonly Change[]): Plan =>
    changes.length === 0 ? { kind: "nothing" } : { kind: "write", changes };

/** A profile without credentials of its own may serve a program that brings them along: nothing in it is changed. */
function additionsOnly(changes: readonly Change[]): Plan {
    const replaced = changes.filter(({ from }) => from !== undefined);
    return replaced.length === 0
        ? needed(changes)
        : {
              kind: "refuse",
              reason: `it has no credentials, but ${replaced.map(({ key, from }) => `${key} = ${from}`).join(", ")}`,
          };
}

/** What will change, line by line; a secret is never shown. */
export function shownChanges(changes: readonly Change[], files: Readonly<Record<ProfileFile, string>>): string[] {
    const value = ({ key }: Change, text: string | undefined) => (key === secretKey ? "(not shown)" : text);
    return (["config", "credentials"] as const).flatMap((file) => {
        const own = changes.filter((change) => change.file === file);
        const lines = own.map((change) => {
            const to = value(change, change.to);
            return change.from === undefined
                ? `    ${change.key} = ${to}`
                : `    ${change.key} = ${value(change, change.from)} -> ${to}`;
        });
        return own.length === 0 ? [] : [`  ${files[file]}`, ...lines];
    });
}

/** The four answers to `aws configure`; an empty one keeps what is there. */
export const configureAnswers = (changes: readonly Change[], secret: string | undefined): string =>
    ["aws_access_key_id", secretKey, "region", "output"]
        .map((key) => changes.find((change) => change.key === key))
        .map((change) => `${(change?.key === secretKey ? secret : change?.to) ?? ""}\n`)
        .join("");
