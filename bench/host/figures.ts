import { mkdirSync, rmSync } from "node:fs";
import { memoryOf } from "./memory";
import { settle } from "./processes";
import { type Rates, ratesOf } from "./requests";
import { call, type Database, type Kind, type Server, type Surroundings } from "./servers";
import { type Transfers, transfersOf } from "./transfers";

/** What one round shows of a server with SQLite. */
export interface Visit {
    /** MB, at rest after some requests. */
    readonly memory: number;
    readonly processes: number;
    /** Seconds to the first answered search: with a new database, and with that of the start before. */
    readonly firstStart: number;
    readonly secondStart: number;
    readonly rates: Rates;
    /** Absent in rounds without. */
    readonly transfers?: Transfers;
}

/** Lays a server out, measures it, and leaves nothing of it. No other server runs meanwhile. */
export async function visit(
    kind: Kind,
    folder: string,
    surroundings: Surroundings,
    files: Record<string, string> | undefined,
): Promise<Visit> {
    return inFolder(folder, async () => {
        const installation = kind(folder, surroundings);
        const first = await during(await installation.start(), async (server) => {
            await someRequests(server.port);
            await settle(server.processes);
            const found = server.processes();
            const rest = { memory: memoryOf(found), processes: found.length, firstStart: server.secondsToHealthy };
            return { ...rest, rates: await ratesOf(surroundings.python, server.port) };
        });
        const second = await during(await installation.start(), async (server) => {
            const secondStart = server.secondsToHealthy;
            if (!files) {
                return { secondStart };
            }
            await settle(server.processes);
            return { secondStart, transfers: await transfersOf(files, surroundings, server) };
        });
        return { ...first, ...second };
    });
}

/** The rates of a server with a database that it finds empty. */
export async function ratesWith(
    database: Database,
    kind: Kind,
    folder: string,
    surroundings: Surroundings,
): Promise<Rates> {
    return inFolder(folder, async () =>
        during(await kind(folder, surroundings, database).start(), async (server) => {
            await settle(server.processes);
            return ratesOf(surroundings.python, server.port);
        }),
    );
}

async function inFolder<T>(folder: string, action: () => Promise<T>): Promise<T> {
    mkdirSync(folder);
    try {
        return await action();
    } finally {
        rmSync(folder, { recursive: true, force: true });
    }
}

async function during<T>(server: Server, action: (server: Server) => Promise<T>): Promise<T> {
    try {
        return await action(server);
    } finally {
        await server.stop();
    }
}

/** As many at a time as reach every worker. */
async function someRequests(port: number): Promise<void> {
    for (let time = 0; time < 5; time++) {
        const calls = Array.from({ length: 16 }, () => call(port, "experiments/search", { max_results: 1 }));
        await Promise.all(calls);
    }
}
