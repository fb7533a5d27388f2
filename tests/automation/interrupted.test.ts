import assert from "node:assert";
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { unlessEngine } from "../support/engine";
import { type EngineScene, type StackProject, withEngineScene } from "../support/engineScene";
import { assertRepaired, hold, settled } from "../support/heldUpdate";
import { processesOf, repository, until } from "../support/sandbox";
import { operatorEnvironment, stackCommand, startStackCommand } from "../support/stackCommand";

// Updates that meet each other, are interrupted, or are killed: a real engine with real state and the emulator as AWS. The lock is that
// of a state in files; that of a state in S3 is the same code of the engine, and was not tried.

describe(`an update that does not end by itself${unlessEngine}`, function () {
    this.timeout(300_000);
    let scene: EngineScene;
    let project: StackProject;
    let goOn: (() => void) | undefined;

    withEngineScene((given) => void (scene = given));

    const isComplete = () => assertRepaired(scene, project);
    const holdAt = (resource?: string): Promise<void> => {
        const held = hold(scene, resource);
        goOn = held.goOn;
        return held.reached;
    };

    beforeEach(async () => {
        await scene.forget();
        project = await scene.project({ dev: {} });
    });

    afterEach(() => {
        goOn?.();
        scene.provider.before = () => undefined;
    });

    it("keeps a second one out, with code 6, and is not disturbed", async () => {
        const held = holdAt();
        const first = startStackCommand(scene, project, ["up", "dev", "--no-health-check"]);
        await held;
        const second = await stackCommand(scene, project, ["up", "dev", "--no-health-check"]);
        assert.strictEqual(second.status, 6, second.output);
        assert.match(
            second.output,
            /^stack: got .*currently locked by.*; allowed: one update of a stack at a time; remedy: wait/ms,
        );
        const plain = await project.up("dev");
        assert.notStrictEqual(plain.status, 0);
        assert.match(plain.output, /the stack is currently locked by/);
        goOn!();
        const { status, output } = await first.ended;
        assert.strictEqual(status, 0, output);
        await isComplete();
    });

    const interruptions: [title: string, interrupt: (pid: number) => void][] = [
        ["when it is interrupted", (pid) => process.kill(pid, "SIGINT")],
        [
            "at a terminal, where every process hears of it, and again from npm",
            (pid) => {
                process.kill(-pid, "SIGINT");
                setTimeout(() => process.kill(pid, "SIGINT"), 100);
            },
        ],
    ];
    for (const [title, interrupt] of interruptions) {
        it(`ends cleanly ${title}`, async () => {
            // A bucket without its settings breaks policies: what half of a stack looks like is no news.
            const held = holdAt("mlflow-dev-artifacts-bucket");
            const { child, ended } = startStackCommand(scene, project, ["up", "dev", "--no-health-check"]);
            await held;
            interrupt(child.pid!);
            await sleep(500);
            goOn!();
            const { status, output } = await ended;
            assert.strictEqual(status, 1, output);
            assert.match(output, /^Interrupted: what has begun is brought to its end\./m);
            assert.match(output, /interrupted: what had begun was ended, and the state has what is there/);
            assert.doesNotMatch(output, /^\s+at /m);
            assert.doesNotMatch(output, /^Left|^violation /m);
            await isComplete();
        });
    }

    it("ends cleanly when its GitHub workflow is cancelled", async () => {
        const held = holdAt();
        const { folder } = project.project;
        const stand = path.join(folder, "bin");
        mkdirSync(stand);
        // The health check, which is not reached, asks for them.
        for (const tool of ["aws", "session-manager-plugin"]) {
            writeFileSync(path.join(stand, tool), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
        }
        const child = spawn("bash", [path.join(repository, ".github/scripts/stack.sh"), "up", "dev"], {
            cwd: folder,
            detached: true,
            env: {
                ...project.project.environment,
                ...operatorEnvironment(scene),
                PATH: `${stand}:${process.env.PATH}`,
                RUNNER_TEMP: folder,
                GITHUB_OUTPUT: path.join(folder, "github-output"),
                GITHUB_STEP_SUMMARY: path.join(folder, "job-summary"),
            },
        });
        const ended = new Promise((resolve) => child.once("close", resolve));
        await held;
        child.kill("SIGINT");
        await sleep(500);
        goOn!();
        assert.strictEqual(await ended, 1);
        assert.match(readFileSync(path.join(folder, "job-summary"), "utf8"), /interrupted: what had begun was ended/);
        assert.strictEqual(readFileSync(path.join(folder, "github-output"), "utf8"), "code=1\n");
        await isComplete();
    });

    it("goes on from where it failed on the way", async () => {
        scene.provider.before = ({ operation, name }) => {
            if (operation === "create" && name === "mlflow-dev-host-data") {
                throw new Error("VolumeLimitExceeded: no more volumes");
            }
        };
        const { status, output } = await stackCommand(scene, project, ["up", "dev", "--no-health-check"]);
        assert.strictEqual(status, 1, output);
        assert.match(output, /^stack dev: .*VolumeLimitExceeded: no more volumes/m);
        assert.match(output, /^failed, creating: mlflow-dev-host-data, \d+ s$/m);
        assert.match(
            output,
            /\nFailed on the way: the state has what was done, and the next up goes on from there\.\n$/,
        );
        await isComplete();
    });

    it("leaves a state that the next one repairs when it is killed", async () => {
        const held = holdAt();
        const { child, ended } = startStackCommand(scene, project, ["up", "dev", "--no-health-check"]);
        await held;
        await settled(scene, project);
        process.kill(-child.pid!, "SIGKILL");
        for (const { pid } of processesOf(project.project.folder)) {
            try {
                process.kill(pid, "SIGKILL");
            } catch {
                // It was of the group, and is gone already.
            }
        }
        await ended;
        await until("its processes are gone", 20, () => processesOf(project.project.folder).length === 0);
        scene.provider.before = () => undefined;
        const locked = await stackCommand(scene, project, ["up", "dev", "--no-health-check"]);
        assert.strictEqual(locked.status, 6, locked.output);
        assert.match(locked.output, /if none runs \(it was killed\), npx pulumi cancel --stack dev, then again/);
        const cancelled = await project.pulumi("cancel", "dev", "--yes");
        assert.strictEqual(cancelled.status, 0, cancelled.output);
        await isComplete();
    });
});
