import assert from "node:assert";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { type EngineScene, type Settings, type StackProject, withEngineScene } from "../support/engineScene";
import { unlessEngine } from "../support/engine";
import { repository } from "../support/sandbox";
import { withPack } from "./packRun";

// The pack in a real engine, on the real program: it starts as `--policy-pack policies`, passes what the checkout's own settings make,
// and stops a stack that breaks a rule before anything is made. AWS is the emulator; what each rule finds is in the tests beside.

const own = (stack: string): Settings =>
    (parse(readFileSync(path.join(repository, `Pulumi.${stack}.yaml`), "utf8")) as { config: Settings }).config;

describe(`the pack on this program, in an engine${unlessEngine}`, function () {
    this.timeout(300_000);
    let scene: EngineScene;
    let project: StackProject;

    withEngineScene(async (given) => {
        scene = given;
        project = await scene.project({ dev: own("dev"), prod: own("prod") });
    });
    beforeEach(() => scene.forget());

    const made = () => scene.provider.deeds.filter(({ operation }) => operation === "create").length;

    for (const stack of ["dev", "prod"]) {
        it(`finds nothing in ${stack}, neither before it is made nor when all is known`, async () => {
            const { status, output, said } = await withPack(project.project, ["preview"], stack, "policies");
            assert.deepStrictEqual([status, said], [0, []], output);
            const up = await project.up(stack, "--policy-pack", "policies");
            assert.strictEqual(up.status, 0, up.output);
            assert.match(up.output, /^Policies:\n\s+✅ mlflow-aws@v1\.0\.0 \(local: policies\)\n\n/m);
            assert.ok(made() > 0);
        });
    }

    it("shows what is advisory, and goes on", async () => {
        const quick = await scene.project({ dev: { serverS3Rights: "full" } });
        const { status, output, said } = await withPack(quick.project, ["preview"], "dev", "policies");
        assert.deepStrictEqual(
            [status, said],
            [0, ["advisory full-access-is-for-a-quick-start mlflow-dev-server-s3-full-access"]],
            output,
        );
    });

    it("stops preview and update of a stack that somebody opens to the world, before anything is made", async () => {
        const opened = await scene.project({ dev: {} });
        const { folder } = opened.project;
        renameSync(path.join(folder, "index.ts"), path.join(folder, "stack.ts"));
        writeFileSync(
            path.join(folder, "index.ts"),
            `import * as aws from "@pulumi/aws";
             import program from "./stack";
             const range = { cidrIpv4: "0.0.0.0/0", ipProtocol: "tcp", fromPort: 22, toPort: 22, securityGroupId: "sg-0123456789abcdef0" };
             export = async () => {
                 const outputs = await program();
                 new aws.vpc.SecurityGroupIngressRule("open", range);
                 return outputs;
             };`,
        );
        const { status, output, said } = await withPack(opened.project, ["preview"], "dev", "policies");
        assert.deepStrictEqual(said, ["mandatory no-ingress-from-the-world open"], output);
        assert.notStrictEqual(status, 0);
        assert.match(output, /cidrIpv4: got 0\.0\.0\.0\/0; allowed: IPv4 ranges of \/8 or narrower, .*\(EC2\.18, /);
        const up = await opened.up("dev", "--policy-pack", "policies");
        assert.notStrictEqual(up.status, 0);
        assert.strictEqual(made(), 0);
    });
});
