import { startEmulator } from "../sandbox/emulator";
import { Postgresql } from "./support/postgresql";
import { freePort } from "../sandbox/processes";
void (async () => {
    const folder = "/tmp/w/adopt/pg";
    const port = await freePort();
    const pg = new Postgresql(folder, port);
    await pg.start("mlflow", "pw");
    const emulator = await startEmulator("python3.11", folder);
    console.log(port, emulator.endpoint);
    process.once("SIGTERM", () => { void pg.stop(); void emulator.stop().then(() => process.exit(0)); });
    setInterval(() => undefined, 100000);
})();
