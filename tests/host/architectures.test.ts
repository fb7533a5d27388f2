import assert from "node:assert";
import { rmSync } from "node:fs";
import * as path from "node:path";
import { run } from "../../commands/run";
import { cleanEnvironment, installedHost, findPython, installServer } from "../../sandbox/tools";
import { repository, temporaryFolder } from "../support/sandbox";

// The lock file has a wheel of every package for both kinds of instance and the Python that they have: uv resolves it for them,
// against the package registry. Not proved: that the wheels run there.

describe("the server's lock file", function () {
    this.timeout(300_000);
    let folder: string;
    before(async () => {
        await installServer(await findPython());
        folder = temporaryFolder();
    });
    after(() => rmSync(folder, { recursive: true, force: true }));

    const lock = path.join(repository, "host/requirements.lock");
    const install = (platform: string) =>
        run(
            [
                ...[path.join(installedHost, "opt/mlflow/uv/bin/uv"), "pip", "install", "--no-config", "--dry-run"],
                ...["--target", path.join(folder, platform), "--python-platform", platform, "--python-version", "3.12"],
                ...["--require-hashes", "--only-binary", ":all:", "--no-deps", "--requirement", lock],
            ],
            { env: cleanEnvironment({ UV_CACHE_DIR: path.join(folder, "cache") }) },
        );

    // Amazon Linux 2023 has glibc 2.34, which takes wheels for 2.28.
    for (const architecture of ["aarch64", "x86_64"]) {
        it(`can be installed without a compiler on ${architecture}`, async () => {
            const { status, stderr } = await install(`${architecture}-manylinux_2_28`);
            assert.strictEqual(status, 0, stderr);
            assert.match(stderr, /^ \+ mlflow==/m);
            assert.match(stderr, /^ \+ pyarrow==/m);
        });
    }

    it("could not be installed on a system for which a package has no wheel", async () => {
        const { status, stderr } = await install("x86_64-manylinux2014");
        assert.strictEqual(status, 1, "this test would not notice a missing wheel");
        assert.match(stderr, /contourpy==\S+ has no usable wheels/);
    });
});
