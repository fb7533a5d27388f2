import { rmSync } from "node:fs";
import { DrillDatabase, databaseParameter, store as storeDatabase, storedDatabase } from "./drillDatabase";
import { DrillHost } from "./drillHost";
import { DrillStore } from "./drillStore";
import { install, temporaryFolder } from "./sandbox";

/** A server under supervision with the emulator's S3, and all that must be cleared away after it. */
export class Scene {
    private constructor(
        readonly folder: string,
        readonly host: DrillHost,
        readonly store: DrillStore,
        readonly database: DrillDatabase | undefined,
        private readonly cleanups: (() => Promise<void> | void)[],
    ) {}

    /** Starts everything, and does not wait until the server answers. */
    static async start(
        options: {
            /** In place of SQLite; `down`: it has ended before the server starts. */
            postgresql?: "up" | "down";
            env?: Record<string, string>;
            /** For a server in another mount namespace, and the folder whose mounts that one has. */
            namespace?: number;
            folder?: string;
        } = {},
    ): Promise<Scene> {
        const python = await install();
        const folder = options.folder ?? temporaryFolder();
        const cleanups: (() => Promise<void> | void)[] = [() => rmSync(folder, { recursive: true, force: true })];
        try {
            const store = await DrillStore.start(python, folder);
            cleanups.push(() => store.stop());
            let database: DrillDatabase | undefined;
            if (options.postgresql) {
                // A folder of its own, as PostgreSQL runs as another user.
                const own = temporaryFolder();
                cleanups.push(() => rmSync(own, { recursive: true, force: true }));
                database = await DrillDatabase.start(own);
                cleanups.push(() => database?.stop());
                await storeDatabase(store.emulator, storedDatabase(database.port));
                if (options.postgresql === "down") {
                    database.crash();
                }
            }
            const host = await DrillHost.start({
                python,
                folder,
                settings: options.postgresql ? { databaseParameter } : {},
                env: { ...store.env, ...options.env },
                namespace: options.namespace,
            });
            cleanups.push(() => host.stop());
            return new Scene(folder, host, store, database, cleanups);
        } catch (error) {
            await clear(cleanups);
            throw error;
        }
    }

    stop(): Promise<void> {
        return clear(this.cleanups);
    }
}

async function clear(cleanups: (() => Promise<void> | void)[]): Promise<void> {
    for (const cleanup of cleanups.reverse()) {
        await cleanup();
    }
}
