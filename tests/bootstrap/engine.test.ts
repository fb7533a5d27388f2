import assert from "node:assert";
import { cpSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { attributes, type Attributes } from "../engine/provider/attributes";
import { TestProvider } from "../engine/provider/provider";
import { type RunningProvider, serve } from "../engine/provider/server";
import type { Properties } from "../engine/provider/values";
import { engine, EngineProject, unlessEngine } from "../support/engine";
import { repository } from "../support/sandbox";
import { imaginaryProvider } from "./support";

// The bootstrap program on a real engine, with real state: that its folder is a project that the engine takes, that its settings get
// through, and what it prints. What it makes comes from an account that does not exist: nothing of AWS is proved.

const provider = imaginaryProvider("us-west-1");

/** Answers from the imaginary account; whatever was made is as it was. */
class ImaginaryProvider extends TestProvider {
    constructor() {
        super(undefined as never);
    }

    override configure = () => Promise.resolve();
    override check(_: unknown, __: Properties, news: Properties): Properties {
        return news;
    }
    override async create({ type, name }: { type: string; name: string }, inputs: Properties) {
        const { id, state } = await provider.newResource({ type, name, inputs, custom: true });
        return { ...(state as Properties), id: String(id) };
    }
    override async invoke(token: string, inputs: Properties): Promise<Properties> {
        return await provider.call({ token, inputs });
    }
}

describe(`the bootstrap program on an engine${unlessEngine}`, function () {
    this.timeout(300_000);
    // What the test provider knows of types, with those that the main program doesn't make.
    const known = attributes as Record<string, Attributes>;
    const foreign = ["aws:iam/openIdConnectProvider:OpenIdConnectProvider", "aws:kms/key:Key", "aws:kms/alias:Alias"];
    let running: RunningProvider;
    let project: EngineProject;
    const pulumi = (...words: string[]) => project.pulumi("--cwd", "bootstrap", ...words, "--stack", "account");

    before(async function () {
        if (!engine) {
            this.skip();
        }
        for (const type of foreign) {
            known[type] = { replaces: [], computed: [], secret: [] };
        }
        running = await serve(new ImaginaryProvider());
        project = await EngineProject.create({ provider: running, stacks: { dev: "config: {}\n" } });
        cpSync(path.join(repository, "bootstrap"), path.join(project.folder, "bootstrap"), { recursive: true });
        const { status, output } = await project.pulumi("--cwd", "bootstrap", "stack", "init", "account");
        assert.strictEqual(status, 0, output);
    });
    after(() => {
        foreign.forEach((type) => delete known[type]);
        running?.stop();
        project?.remove();
    });

    it("refuses what is wrong in one message, without a stack trace", async () => {
        const { status, output } = await pulumi("preview");
        assert.notStrictEqual(status, 0);
        assert.match(output, /The settings of stack account cannot be used \(2 faults\):/);
        assert.doesNotMatch(output, /\n\s+at /);
    });

    it("is applied, and has nothing to do the second time", async () => {
        writeFileSync(
            path.join(project.folder, "bootstrap/Pulumi.account.yaml"),
            "config:\n  githubRepository: team/mlflow\n  environments: [dev]\n",
        );
        const first = await pulumi("up", "--yes");
        assert.strictEqual(first.status, 0, first.output);
        assert.match(first.output, /\+ 35 created/);
        const second = await pulumi("preview", "--expect-no-changes");
        assert.strictEqual(second.status, 0, second.output);
    });
});
