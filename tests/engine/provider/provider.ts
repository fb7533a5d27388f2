import { randomBytes } from "node:crypto";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { lookups, resourceHandlers } from "../../../sandbox/aws/emulatedAws";
import type { Clients, Inputs } from "../../../sandbox/aws/handlers";
import { attributes, nameInputs } from "./attributes";
import { judge } from "./judge";
import { type Properties, unknown } from "./values";

/** A resource that an operation is about. */
export interface Subject {
    readonly type: string;
    readonly name: string;
    readonly id: string;
}

/** What was done to a resource; previews do nothing. */
export interface Deed extends Pick<Subject, "type" | "name"> {
    readonly operation: "create" | "read" | "update" | "delete";
}

/**
 * Answers the engine for `aws` and `random`, by the emulator: what the sandbox does to it, and what the real provider's schema
 * says of changes.
 *
 * It proves what the engine makes of the program's declarations, with real state. It does not prove what AWS accepts, how long it takes,
 * or what the real provider finds different between its state and AWS.
 */
export class TestProvider {
    /** In the order in which they were finished. */
    readonly deeds: Deed[] = [];
    /** Called before each deed: a test may hold it up, or throw. */
    before: (deed: Deed) => Promise<void> | void = () => undefined;

    /** @param onSecret is given what AWS has made up and the schema calls secret */
    constructor(
        public clients: Clients,
        private readonly onSecret: (value: unknown) => void = () => undefined,
    ) {}

    /** @throws as the real provider does, where the caller's account is not one of the allowed ones */
    async configure(variables: Record<string, string>): Promise<void> {
        const allowed = JSON.parse(variables["aws:config:allowedAccountIds"] ?? "[]") as string[];
        if (allowed.length > 0) {
            const { Account } = await this.clients.sts.send(new GetCallerIdentityCommand({}));
            if (!allowed.includes(Account!)) {
                throw new Error(`AWS account ID not allowed: ${Account}`);
            }
        }
    }

    /** The inputs, with a name where none is given: the one that the resource has already. */
    check({ type, name }: Pick<Subject, "type" | "name">, old: Properties, news: Properties): Properties {
        handler(type);
        const input = nameInputs[type];
        return input && news[input] === undefined
            ? { ...news, [input]: old[input] ?? `${name}-${randomBytes(4).toString("hex").slice(0, 7)}` }
            : news;
    }

    readonly judge = judge;

    async create(subject: Omit<Subject, "id">, inputs: Properties, preview: boolean): Promise<{ id: string } & Inputs> {
        const { type, name } = subject;
        if (preview) {
            return { ...unknownOutputs(type), ...inputs, id: "" };
        }
        return this.deed({ operation: "create", type, name }, async () => {
            const made = await handler(type).create(this.clients, inputs, name);
            const state = { ...inputs, ...made };
            attributes[type].secret.forEach((output) => this.onSecret(state[output]));
            return state;
        });
    }

    /** @param old everything that is known of it, and the inputs among it */
    async update(
        { type, name, id }: Subject,
        inputs: Properties,
        old: { state: Properties; inputs: Properties },
        preview: boolean,
    ): Promise<Properties> {
        // Whatever nobody gives stays as AWS has decided it once.
        const decided = Object.entries(old.state).filter(([key]) => !(key in old.inputs));
        const kept = { ...Object.fromEntries(decided), ...inputs };
        if (preview) {
            return kept;
        }
        const { update, read } = handler(type);
        if (!update) {
            throw new Error(`${type} cannot be updated, and nothing that differs replaces it`);
        }
        return this.deed({ operation: "update", type, name }, async () => {
            await update(this.clients, id, inputs, old.state);
            return (await read(this.clients, id, kept)) ?? kept;
        });
    }

    /** What exists now, with the inputs as they would have to be to make it; nothing where it is gone. */
    async read(
        { type, name, id }: Subject,
        state: Properties,
        inputs: Properties,
    ): Promise<{ state: Properties; inputs: Properties } | undefined> {
        return this.deed({ operation: "read", type, name }, async () => {
            const now = await handler(type).read(this.clients, id, state);
            return (
                now && {
                    state: now,
                    inputs: Object.fromEntries(Object.keys(inputs).map((key) => [key, now[key] ?? inputs[key]])),
                }
            );
        });
    }

    async delete({ type, name, id }: Subject, state: Properties): Promise<void> {
        await this.deed({ operation: "delete", type, name }, () => handler(type).delete(this.clients, id, state));
    }

    async invoke(token: string, inputs: Properties): Promise<Properties> {
        if (!lookups[token]) {
            throw new Error(`sandbox/aws does not know the look-up ${token}`);
        }
        return lookups[token](this.clients, inputs);
    }

    private async deed<T>(deed: Deed, action: () => Promise<T>): Promise<T> {
        await this.before(deed);
        const result = await action();
        this.deeds.push(deed);
        return result;
    }
}

function handler(type: string) {
    if (!resourceHandlers[type]) {
        throw new Error(`sandbox/aws does not know the resource type ${type}`);
    }
    return resourceHandlers[type];
}

/** What only AWS decides is not known before it has. */
const unknownOutputs = (type: string): Properties =>
    Object.fromEntries(attributes[type].computed.map((output) => [output, unknown]));
