import { rmSync } from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { endCommands, runOrFail } from "../commands/run";
import { cleanEnvironment, installedHost } from "../sandbox/tools";
import { explain } from "../commands/userError";
import { postgresqlPrograms } from "../tests/support/postgresql";
import { install, processesOf, temporaryFolder } from "../tests/support/sandbox";
import { startPostgresql } from "./host/databases";
import { ratesWith, visit } from "./host/figures";
import { byInstaller, byPip } from "./host/installs";
import { showsMemory } from "./host/memory";
import { endAll } from "./host/processes";
import { secondsPerCell } from "./host/requests";
import { type Figures, report, requestsOf } from "./host/report";
import { credentials, startS3 } from "./host/s3";
import { defaultMlflow, endServers, proxyd, thisHost } from "./host/servers";
import { makeFiles, transfersOf } from "./host/transfers";
import { writePart } from "./page";

// What this host is, as ratios to the same MLflow as its documentation starts it: at rest, at start, under requests, with large
// artifacts, and in its installation. Both run in turn, never at once, in an order that changes with every round, so that a machine
// that is busy for a while is busy for both. Writes its part of docs/benchmarks.md. Takes about 12 minutes.

const rounds = { sqlite: 3, postgresql: 2, transfers: 2, install: 2 };
const kinds = { own: thisHost, other: defaultMlflow };
const installers = { own: byInstaller, other: byPip };
const sides = (round: number) => (round % 2 === 0 ? (["own", "other"] as const) : (["other", "own"] as const));

const cleanups: (() => Promise<void> | void)[] = [];
const begin = Date.now();
const say = (text: string) => console.error(`${((Date.now() - begin) / 1000).toFixed(0)} s: ${text}`);

async function measure(): Promise<Figures> {
    const python = await install();
    const folder = temporaryFolder();
    cleanups.push(async () => {
        await endAll(() => processesOf(folder));
        rmSync(folder, { recursive: true, force: true });
    });
    const emulator = await startS3(python, folder);
    cleanups.push(() => emulator.stop());
    const { endpoint } = emulator;
    const surroundings = { python, endpoint, credentials };
    const files = makeFiles(folder);
    const own = (what: string) => path.join(folder, what);

    const figures: Figures = {
        sqlite: { own: [], other: [] },
        postgresql: { own: [], other: [] },
        s3: [],
        install: { own: [], other: [] },
    };
    for (let round = 0; round < rounds.sqlite; round++) {
        const sent = round < rounds.transfers ? files : undefined;
        for (const side of sides(round)) {
            say(`SQLite, round ${round + 1}, ${kinds[side].name}`);
            figures.sqlite[side].push(await visit(kinds[side], own(`sqlite-${round}-${side}`), surroundings, sent));
        }
        if (sent) {
            say(`S3 itself, round ${round + 1}`);
            figures.s3.push(await transfersOf(sent, surroundings));
        }
    }
    if (postgresqlPrograms) {
        const postgresql = await startPostgresql(folder, endpoint);
        cleanups.push(postgresql.stop);
        for (let round = 0; round < rounds.postgresql; round++) {
            for (const side of sides(round)) {
                say(`PostgreSQL, round ${round + 1}, ${kinds[side].name}`);
                const database = await postgresql.make(`round_${round}_${side}`);
                const rates = await ratesWith(database, kinds[side], own(`postgresql-${round}-${side}`), surroundings);
                figures.postgresql[side].push(rates);
            }
        }
    }
    for (let round = 0; round < rounds.install; round++) {
        for (const side of sides(round)) {
            say(`installation, round ${round + 1}, ${installers[side].name}`);
            figures.install[side].push(await installers[side](python, own(`install-${round}-${side}`)));
        }
    }
    return figures;
}

async function introduction(): Promise<string> {
    const python = path.join(installedHost, "opt/mlflow/venv/bin/python");
    const asked = "import platform, mlflow; print(f'MLflow {mlflow.__version__}, Python {platform.python_version()}')";
    const { stdout } = await runOrFail("Python", [python, "-c", asked], { env: cleanEnvironment() });
    return [
        `${stdout.trim()}, Node ${process.versions.node}, ${os.availableParallelism()} processors.`,
        `S3 is an emulator on the same machine; PostgreSQL ${postgresqlPrograms ? "is on it too" : "was not found, and is left out"}.`,
        `This host has two workers, behind ${proxyd ? "systemd's forwarder" : "the sandbox's forwarder, whose memory is not counted"}.`,
        `Medians of ${rounds.sqlite} rounds, of ${rounds.postgresql} for PostgreSQL, artifacts and installation;`,
        `${secondsPerCell} s for each row of requests in a round.`,
        "Seconds differ between machines; ratios hold.",
    ].join(" ");
}

async function cleanUp(): Promise<void> {
    endCommands();
    await endServers();
    for (const cleanup of cleanups.splice(0).reverse()) {
        await cleanup();
    }
}

async function main(): Promise<number> {
    if (!showsMemory()) {
        console.error("bench:host: needs Linux, whose /proc shows the memory of processes");
        return 1;
    }
    const interrupted = new Promise<"interrupted">((resolve) => {
        ["SIGINT", "SIGTERM", "SIGHUP"].forEach((signal) => process.once(signal, () => resolve("interrupted")));
    });
    try {
        const figures = await Promise.race([measure(), interrupted]);
        if (figures === "interrupted") {
            process.on("unhandledRejection", () => undefined); // what fails because everything is being ended
            return 130;
        }
        writePart("host", report(await introduction(), figures));
        return requestsOf("own", figures).errors === 0 ? 0 : 1;
    } finally {
        await cleanUp();
    }
}

void main()
    .catch((error: unknown) => {
        console.error(explain(error));
        return 1;
    })
    .then((status) => process.exit(status));
