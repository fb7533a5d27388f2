import assert from "node:assert";
import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import {
    architectures,
    installLine,
    isCliVersion1,
    missingTools,
    type System,
    systemOf,
    systems,
    type Tool,
    tools,
} from "../../teammate/tools";
import { temporaryFolder } from "../support/sandbox";

// The programs that teammates need, and their install lines. Not proved here: that the lines install something; they are AWS's and
// the systems', and no package manager is asked for anything.

const names = <Name extends string>(record: Record<Name, unknown>) => Object.keys(record) as Name[];

describe("a tool that is missing", () => {
    it("has an install line on every system, for both architectures", () => {
        const files = { x64: /x86_64|64bit/, arm64: /aarch64|arm64/ };
        for (const system of names(systems)) {
            for (const architecture of architectures) {
                for (const tool of names(tools)) {
                    const line = installLine(tool, system, architecture);
                    assert.match(line, /^(brew|sudo|curl) /, `${tool} ${system}`);
                    const other = files[architecture === "x64" ? "arm64" : "x64"];
                    assert.doesNotMatch(line, other, `${tool} ${system} ${architecture}`);
                    if (/https:/.test(line)) {
                        assert.match(line, files[architecture], `${tool} ${system} ${architecture}`);
                    }
                }
            }
        }
    });

    const line = (tool: Tool, system: System) => installLine(tool, system, "arm64");

    it("is installed by these lines", () => {
        const plugins = "https://s3.amazonaws.com/session-manager-downloads/plugin/latest";
        assert.deepStrictEqual(
            names(systems).map((system) => line("session-manager-plugin", system)),
            [
                "brew install --cask session-manager-plugin",
                `curl -fsSO ${plugins}/ubuntu_arm64/session-manager-plugin.deb && sudo dpkg -i session-manager-plugin.deb`,
                `sudo dnf install -y ${plugins}/linux_arm64/session-manager-plugin.rpm`,
                `sudo yum install -y ${plugins}/linux_arm64/session-manager-plugin.rpm`,
            ],
        );
        assert.strictEqual(
            installLine("aws", "amazonLinux2", "x64"),
            "sudo yum install -y unzip && curl -fsSo awscli.zip https://awscli.amazonaws.com/awscli-exe-linux-x86_64.zip " +
                "&& unzip -q awscli.zip && sudo ./aws/install",
        );
    });

    it("is found by the system's own description", () => {
        const releases: [System | undefined, string, string][] = [
            ["macos", "darwin", ""],
            ["debian", "linux", 'NAME="Ubuntu"\nID=ubuntu\nID_LIKE=debian\nVERSION_ID="24.04"\n'],
            ["debian", "linux", 'ID=debian\nVERSION_ID="12"\n'],
            ["debian", "linux", 'ID=linuxmint\nID_LIKE="ubuntu debian"\n'],
            ["amazonLinux2023", "linux", 'NAME="Amazon Linux"\nVERSION_ID="2023"\nID="amzn"\nID_LIKE="fedora"\n'],
            ["amazonLinux2", "linux", 'ID="amzn"\nID_LIKE="centos rhel fedora"\nVERSION_ID="2"\n'],
            [undefined, "linux", "ID=fedora\nVERSION_ID=41\n"],
            [undefined, "linux", ""],
        ];
        for (const [system, platform, text] of releases) {
            assert.strictEqual(systemOf(platform, text), system, text);
        }
    });

    it("is one that no folder of the path has as a program", () => {
        const folder = temporaryFolder();
        try {
            mkdirSync(path.join(folder, "a/ssh"), { recursive: true });
            mkdirSync(path.join(folder, "b"));
            writeFileSync(path.join(folder, "a/aws"), "no program", { mode: 0o644 });
            writeFileSync(path.join(folder, "b/session-manager-plugin"), "#!/bin/sh\n", { mode: 0o755 });
            const search = ["a", "none", "b"].map((name) => path.join(folder, name)).join(path.delimiter);
            assert.deepStrictEqual(missingTools(names(tools), search), ["aws", "ssh"]);
            chmodSync(path.join(folder, "a/aws"), 0o755);
            assert.deepStrictEqual(missingTools(names(tools), search), ["ssh"]);
        } finally {
            rmSync(folder, { recursive: true });
        }
    });

    it("is not the AWS CLI 1, which is known by its version", () => {
        assert.ok(isCliVersion1("aws-cli/1.44.2 Python/3.11.9 Linux/6.1 botocore/1.42.1\n"));
        assert.ok(!isCliVersion1("aws-cli/2.31.10 Python/3.13.7 Linux/6.1 exe/x86_64.ubuntu.24\n"));
    });
});
