import assert from "node:assert";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { unlessEngine } from "../support/engine";
import { type EngineScene, type StackProject, withEngineScene } from "../support/engineScene";
import { assertRepaired, hold, locksOf } from "../support/heldUpdate";
import { processesOf, until } from "../support/sandbox";
import { startStackCommand } from "../support/stackCommand";

// Interrupts at other times than amid an update (interrupted.test.ts), a second one, and a terminal that goes away: a real engine with
// real state and the emulator as AWS. The terminal is closed pipes and a signal, no real one.

describe(`npm run stack, when it is to end${unlessEngine}`, function () {
    this.timeout(300_000);
    let scene: EngineScene;
    let project: StackProject;

    withEngineScene((given) => void (scene = given));

    beforeEach(async () => {
        await scene.forget();
        project = await scene.project({ dev: {} });
    });

    afterEach(() => void (scene.provider.before = () => undefined));

    it("ends cleanly when its terminal goes away", async () => {
        const { reached, goOn } = hold(scene);
        const { child, ended } = startStackCommand(scene, project, ["up", "dev", "--no-health-check"]);
        await reached;
        child.stdout!.destroy();
        child.stderr!.destroy();
        process.kill(child.pid!, "SIGHUP");
        await sleep(500);
        goOn();
        assert.strictEqual((await ended).status, 1);
        await until("its processes are gone", 20, () => processesOf(project.project.folder).length === 0);
        assert.deepStrictEqual(locksOf(project), []);
        assert.match((await project.pulumi("stack", "dev", "--show-urns")).output, /mlflow-dev-host-data/);
    });

    it("leaves at once when it is interrupted twice, and nothing goes on behind its back", async () => {
        const { reached, goOn } = hold(scene);
        const { child, ended } = startStackCommand(scene, project, ["up", "dev", "--no-health-check"]);
        await reached;
        process.kill(child.pid!, "SIGINT");
        await sleep(1_500);
        process.kill(child.pid!, "SIGINT");
        const { status, output } = await ended; // the provider still waits
        assert.strictEqual(status, 1, output);
        assert.match(output, /^Left at once\. If the stack is locked now: npx pulumi cancel --stack dev$/m);
        assert.match(output, /\nFailed on the way: /);
        await until("its processes are gone", 20, () => processesOf(project.project.folder).length === 0);
        assert.deepStrictEqual(locksOf(project), []);
        goOn();
        await assertRepaired(scene, project);
    });

    it("does not begin when it is interrupted before", async () => {
        let asked: () => void;
        let answer: () => void;
        const hasAsked = new Promise<void>((resolve) => (asked = resolve));
        const mayAnswer = new Promise<void>((resolve) => (answer = resolve));
        const sts = createServer((request, response) => {
            request.resume();
            asked();
            void mayAnswer.then(() =>
                response
                    .setHeader("content-type", "text/xml")
                    .end(
                        "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>",
                    ),
            );
        });
        await new Promise<void>((resolve) => sts.listen(0, "127.0.0.1", resolve));
        const AWS_ENDPOINT_URL_STS = `http://127.0.0.1:${(sts.address() as AddressInfo).port}`;
        const words = ["up", "dev", "--no-health-check"];
        const { child, ended } = startStackCommand(scene, project, words, { AWS_ENDPOINT_URL_STS });
        await hasAsked;
        process.kill(child.pid!, "SIGINT");
        await sleep(500);
        answer!();
        const { status, output } = await ended;
        sts.close();
        assert.strictEqual(status, 1, output);
        assert.match(output, /\nFailed: nothing was changed\.\n$/);
        assert.doesNotMatch(output, /^(Previewing|Updating)/m);
        assert.deepStrictEqual(scene.provider.deeds, []);
    });

    it("says that the update is done when it waits for the server", async () => {
        const bin = path.join(project.project.folder, "bin");
        mkdirSync(bin);
        for (const tool of ["aws", "session-manager-plugin"]) {
            writeFileSync(path.join(bin, tool), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
        }
        const PATH = `${bin}:${process.env.PATH}`;
        const { child, ended } = startStackCommand(scene, project, ["up", "dev"], { PATH });
        await new Promise<void>((resolve) =>
            child.stdout!.on("data", (text: string) => void (text.includes("waiting: ") && resolve())),
        );
        process.kill(child.pid!, "SIGINT");
        const { status, output } = await ended;
        assert.strictEqual(status, 1, output);
        assert.match(output, /^interrupted: whether the server works was not found out$/m);
        assert.match(output, /\nThe update is done; what comes after it failed\.\n$/);
    });
});
