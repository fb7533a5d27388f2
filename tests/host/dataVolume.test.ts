import assert from "node:assert";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { findPython, installServer } from "../../sandbox/tools";
import { temporaryFolder, until } from "../support/sandbox";
import { hasXfs, lacksMachines, Machine } from "../support/systemd";

// The host's script and a real block device, with the real programs for file systems; only the serial number, which EC2 gives to
// a volume, comes from a stand-in. Not proved: that EBS attaches the volume, and names it so.

const script = "/opt/mlflow/host/bin/data-volume";
const folderOfServer = "/var/lib/mlflow/server";

describe("the data volume (skipped unless root on Linux, with systemd and XFS)", function () {
    this.timeout(120_000);
    let python: string;
    let folder: string;
    let machine: Machine;

    before(async function () {
        const reason = hasXfs ? await lacksMachines() : "needs mkfs.xfs and a kernel with XFS";
        if (reason) {
            console.log(`    ${reason}`);
            this.skip();
        }
        python = await findPython();
        await installServer(python);
    });
    beforeEach(() => {
        folder = temporaryFolder();
    });
    afterEach(async () => {
        await machine.stop();
        await until("the device is detached", 10, () => !backingFiles().some((file) => file.startsWith(folder)));
        rmSync(folder, { recursive: true, force: true });
    });

    const boot = async (disk?: number, content = "") => {
        machine = new Machine(folder, { python, disk, idle: true });
        if (content) {
            machine.fillDisk(content);
        }
        await machine.booted();
    };
    const mounted = async () =>
        (await machine.run("findmnt", "--noheadings", "--output", "SOURCE,FSTYPE", "/var/lib/mlflow")).stdout
            .trim()
            .split(/\s+/)
            .join(" ");
    const options = async () =>
        (await machine.output("findmnt", "--noheadings", "--output", "OPTIONS", "/var/lib/mlflow")).trim().split(",");
    const write = (file: string) => machine.runAs("mlflow", "sh", "-c", `echo kept >${file}`);
    const mebibytes = async () =>
        Number(await machine.output("sh", "-c", "df --block-size=1M --output=size /var/lib/mlflow | tail -n 1"));

    it("is formatted when it is empty, and mounted so that nothing on it can be run", async () => {
        await boot(512);
        await machine.output(script);
        assert.strictEqual(await mounted(), "/dev/nvme1n1 xfs");
        const found = await options();
        for (const option of ["rw", "nodev", "nosuid", "noexec", "noatime"]) {
            assert.ok(found.includes(option), `${option} is not among ${found.join()}`);
        }
        assert.strictEqual(await machine.output("stat", "--format", "%U:%G %a", folderOfServer), "mlflow:mlflow 750\n");
        assert.strictEqual((await write(`${folderOfServer}/note`)).status, 0);
    });

    it("keeps what it holds when it is mounted again", async () => {
        await boot(512);
        await machine.output(script);
        await write(`${folderOfServer}/note`);
        await machine.output(script);
        await machine.output("umount", "/var/lib/mlflow");
        await machine.output(script);
        assert.strictEqual(await machine.output("cat", `${folderOfServer}/note`), "kept\n");
    });

    it("takes up what the device has grown by, at a mount and while it is mounted", async () => {
        await boot(512);
        await machine.output(script);
        const sizes = [await mebibytes()];
        for (const [size, between] of [
            [640, "umount"],
            [768, "true"],
        ] as const) {
            await machine.growDisk(size);
            await machine.output(between, "/var/lib/mlflow");
            await machine.output(script);
            sizes.push(await mebibytes());
        }
        assert.deepStrictEqual([sizes[1] - sizes[0], sizes[2] - sizes[1]], [128, 128], sizes.join());
    });

    const foreign: Record<string, [command: string, message: RegExp]> = {
        "another file system": ["mkfs.ext4 -q /dev/nvme1n1", /holds TYPE=ext4, not XFS; it is left as it is\n$/],
        "a swap area": ["mkswap --quiet /dev/nvme1n1", /holds TYPE=swap, not XFS; it is left as it is\n$/],
        // One partition in the first sector's table, and the mark at the end of that.
        "a partition table": [
            "printf '\\203\\0\\0\\0\\0\\10\\0\\0\\0\\10\\0\\0' | dd of=/dev/nvme1n1 bs=1 seek=450 status=none; " +
                "printf '\\125\\252' | dd of=/dev/nvme1n1 bs=1 seek=510 status=none",
            /holds PTTYPE=dos, not XFS; it is left as it is\n$/,
        ],
        "something encrypted": [
            "printf 'LUKS\\272\\276\\0\\1' | dd of=/dev/nvme1n1 status=none",
            /holds TYPE=crypto_LUKS, not XFS; it is left as it is\n$/,
        ],
        "what nobody knows": [
            "echo precious | dd of=/dev/nvme1n1 bs=1M seek=9 conv=sync status=none",
            /holds something that is no known file system, or cannot be read; it is left as it is\n$/,
        ],
    };
    for (const [what, [command, message]] of Object.entries(foreign)) {
        it(`is left as it is when it holds ${what}`, async () => {
            await boot(64);
            await machine.output("sh", "-c", command);
            await machine.output("sync");
            const before = await machine.output("sha256sum", "/dev/nvme1n1");
            const { status, stderr } = await machine.run(script);
            assert.strictEqual(status, 1, stderr);
            assert.match(stderr, message);
            assert.strictEqual(await mounted(), "");
            assert.strictEqual(await machine.output("sha256sum", "/dev/nvme1n1"), before);
        });
    }

    it("lets nobody, root neither, write in its place while it is not mounted, before its first mount and after one", async () => {
        await boot(512, "x");
        assert.strictEqual((await machine.run(script)).status, 1);
        const closed = async () => {
            assert.match((await write("/var/lib/mlflow/note")).stderr, /Permission denied/);
            assert.match((await machine.runAs("mlflow", "mkdir", "-p", folderOfServer)).stderr, /Permission denied/);
            assert.match((await machine.run("mkdir", folderOfServer)).stderr, /Operation not permitted/);
        };
        await closed();
        await machine.output("sh", "-c", "dd if=/dev/zero of=/dev/nvme1n1 bs=512 count=1 status=none");
        await machine.output(script);
        await machine.output("umount", "/var/lib/mlflow");
        await closed();
    });

    it("is no part of a host without one: its folder is used as it is", async () => {
        await boot();
        await machine.output(script);
        assert.strictEqual(await mounted(), "");
        assert.strictEqual(await machine.output("stat", "--format", "%a", "/var/lib/mlflow"), "755\n");
        assert.strictEqual((await write(`${folderOfServer}/note`)).status, 0);
    });
});

function backingFiles(): string[] {
    return readdirSync("/sys/block").flatMap((name) => {
        try {
            return [readFileSync(`/sys/block/${name}/loop/backing_file`, "utf8")];
        } catch {
            return []; // no loop device, or nothing is attached
        }
    });
}
