import { readFileSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import type { EngineEvent } from "@pulumi/pulumi/automation";
import { parse, parseDocument } from "yaml";
import { readProject } from "../../plan/stackConfig";
import { shortType } from "../../plan/tree";
import { anybodysClients } from "../../sandbox/aws/emulatedAws";
import { type Emulator, startEmulator } from "../../sandbox/emulator";
import { TestProvider } from "../engine/provider/provider";
import { type RunningProvider, serve } from "../engine/provider/server";
import { engine, EngineProject, type Outcome } from "./engine";
import { install, temporaryFolder } from "./sandbox";
import { knowSecret } from "./secretScan";

export type Settings = Record<string, unknown>;

/** A change as a preview announces it: `replace aws:ec2:Instance mlflow-dev-host-instance`. */
export type Line = string;

/**
 * The real program, a real engine with real state, and the emulator behind a test provider: what `pulumi` does with them.
 * For the tests of one suite, which are skipped where there is no engine.
 */
export class EngineScene {
    private constructor(
        readonly emulator: Emulator,
        readonly provider: TestProvider,
        readonly running: RunningProvider,
        private readonly folder: string,
    ) {}

    private projects: EngineProject[] = [];

    static async start(): Promise<EngineScene> {
        const python = await install();
        const folder = temporaryFolder();
        const emulator = await startEmulator(python, folder);
        const provider = new TestProvider(anybodysClients(emulator.endpoint, "us-west-1"), knowSecret);
        return new EngineScene(emulator, provider, await serve(provider), folder);
    }

    /** A copy of the project with these stacks, none of which is deployed. */
    async project(stacks: Readonly<Record<string, Settings>>): Promise<StackProject> {
        const project = await EngineProject.create({
            stacks: Object.fromEntries(Object.keys(stacks).map((stack) => [stack, "config: {}\n"])),
            provider: this.running,
        });
        this.projects.push(project);
        const with_ = new StackProject(project);
        for (const [stack, settings] of Object.entries(stacks)) {
            with_.set(stack, settings);
        }
        return with_;
    }

    /** Forgets everything that the emulator holds. */
    async forget(): Promise<void> {
        await fetch(`${this.emulator.endpoint}/moto-api/reset`, { method: "POST" });
        this.provider.deeds.length = 0;
    }

    async stop(): Promise<void> {
        this.projects.forEach((project) => project.remove());
        this.running.stop();
        await this.emulator.stop();
        rmSync(this.folder, { recursive: true, force: true });
    }
}

/** For the tests of a suite: an engine with AWS behind it. */
export function withEngineScene(use: (scene: EngineScene) => Promise<void> | void): void {
    let scene: EngineScene | undefined;
    before(async function () {
        if (!engine) {
            this.skip();
        }
        this.timeout(300_000);
        scene = await EngineScene.start();
        await use(scene);
    });
    after(() => scene?.stop());
}

/** A project whose stacks can be deployed. */
export class StackProject {
    constructor(readonly project: EngineProject) {}

    /** Writes the settings of a stack, in place of those that it has; what `pulumi stack init` wrote stays. */
    set(stack: string, settings: Settings): void {
        const file = path.join(this.project.folder, `Pulumi.${stack}.yaml`);
        const document = parseDocument(readFileSync(file, "utf8"));
        const { name } = readProject();
        const qualified = Object.entries(settings).map(([key, value]) => [
            key.includes(":") ? key : `${name}:${key}`,
            value,
        ]);
        document.set("config", document.createNode(Object.fromEntries(qualified)));
        writeFileSync(file, document.toString());
    }

    /** A value as the stack's file holds it, encrypted. */
    async encrypted(stack: string, setting: string, value: string): Promise<unknown> {
        knowSecret(value);
        const { status, output } = await this.project.run(
            [engine!, "config", "set", "--secret", setting, "--stack", stack, "--non-interactive"],
            {},
            value,
        );
        if (status !== 0) {
            throw new Error(output);
        }
        const text = readFileSync(path.join(this.project.folder, `Pulumi.${stack}.yaml`), "utf8");
        return (parse(text) as { config: Settings }).config[`${readProject().name}:${setting}`];
    }

    up = (stack: string, ...words: string[]): Promise<Outcome> => this.pulumi("up", stack, "--yes", ...words);
    destroy = (stack: string): Promise<Outcome> => this.pulumi("destroy", stack, "--yes");

    pulumi(command: string, stack: string, ...words: string[]): Promise<Outcome> {
        return this.project.pulumi(command, "--stack", stack, ...words);
    }

    /** Without what is secret. */
    async outputs(stack: string): Promise<Record<string, string>> {
        const { stdout } = await this.project.run([engine!, "stack", "output", "--json", "--stack", stack]);
        return JSON.parse(stdout) as Record<string, string>;
    }

    /** What a preview announces, sorted; a replacement is one line. */
    async preview(stack: string, ...words: string[]): Promise<Line[]> {
        const log = path.join(this.project.folder, "events.json");
        const { status, output } = await this.project.run(
            [engine!, "preview", "--stack", stack, "--non-interactive", "--event-log", log, ...words],
            { PULUMI_DEBUG_COMMANDS: "true" },
        );
        if (status !== 0) {
            rmSync(log, { force: true });
            throw new Error(output);
        }
        // Not `--json`: it leaves out what is deleted because what it depends on is replaced.
        const events = readFileSync(log, "utf8").trim().split("\n");
        rmSync(log); // the engine's own talk in it has secrets; `npm run stack` hears it and shows nothing of it
        const steps = events.flatMap((line) => (JSON.parse(line) as EngineEvent).resourcePreEvent ?? []);
        return lines(steps.map(({ metadata: { op, urn } }) => [op, urn]));
    }
}

/** Parts of a replacement, which its `replace` stands for. */
const parts = ["create-replacement", "delete-replaced", "delete-replacement", "remove-pending-replace"];

export function lines(steps: readonly [operation: string, urn: string][]): Line[] {
    const replaced = steps.filter(([operation]) => operation === "replace").map(([, urn]) => urn);
    return (
        steps
            // What goes with what it depends on, and does not come back, is deleted.
            .map(([operation, urn]): [string, string] =>
                operation === "delete-replaced" && !replaced.includes(urn) ? ["delete", urn] : [operation, urn],
            )
            .filter(([operation]) => !["same", "read", "refresh", ...parts].includes(operation))
            .filter(([, urn]) => !typeOf(urn).startsWith("pulumi:providers:"))
            .map(([operation, urn]) => `${operation} ${typeOf(urn)} ${urn.split("::")[3]}`)
            .sort()
    );
}

const typeOf = (urn: string): string => shortType(urn.split("::")[2].split("$").at(-1)!);
