import { accessSync, constants, readFileSync, statSync } from "node:fs";
import * as path from "node:path";
import { UserError } from "../commands/userError";
import { fault } from "../settings/fault";
import { exitCodes } from "../commands/exitCodes";
import type { StackOutputs } from "../commands/outputs";

// The programs that a teammate needs beside Node.js, and how each is installed where.

export const tools = {
    aws: "AWS CLI 2",
    "session-manager-plugin": "Session Manager plugin",
    ssh: "an SSH client",
} as const;
export type Tool = keyof typeof tools;

export const systems = {
    macos: "macOS",
    debian: "Debian, Ubuntu",
    amazonLinux2023: "Amazon Linux 2023",
    amazonLinux2: "Amazon Linux 2",
} as const;
export type System = keyof typeof systems;

export const architectures = ["x64", "arm64"] as const;
export type Architecture = (typeof architectures)[number];

/** As AWS names the architectures in its files. */
const cliFile = { x64: "x86_64", arm64: "aarch64" };
const pluginFolder = { x64: "64bit", arm64: "arm64" };

const plugins = "https://s3.amazonaws.com/session-manager-downloads/plugin/latest";
const cliFromZip = (installUnzip: string, architecture: Architecture) =>
    `${installUnzip} && curl -fsSo awscli.zip https://awscli.amazonaws.com/awscli-exe-linux-${cliFile[architecture]}.zip ` +
    "&& unzip -q awscli.zip && sudo ./aws/install";

const lines: Record<System, Record<Tool, (architecture: Architecture) => string>> = {
    macos: {
        aws: () => "brew install awscli",
        "session-manager-plugin": () => "brew install --cask session-manager-plugin",
        ssh: () => "brew install openssh",
    },
    debian: {
        aws: (architecture) => cliFromZip("sudo apt-get install -y curl unzip", architecture),
        "session-manager-plugin": (architecture) =>
            `curl -fsSO ${plugins}/ubuntu_${pluginFolder[architecture]}/session-manager-plugin.deb ` +
            "&& sudo dpkg -i session-manager-plugin.deb",
        ssh: () => "sudo apt-get install -y openssh-client",
    },
    amazonLinux2023: {
        aws: () => "sudo dnf install -y awscli-2",
        "session-manager-plugin": (architecture) =>
            `sudo dnf install -y ${plugins}/linux_${pluginFolder[architecture]}/session-manager-plugin.rpm`,
        ssh: () => "sudo dnf install -y openssh-clients",
    },
    amazonLinux2: {
        aws: (architecture) => cliFromZip("sudo yum install -y unzip", architecture),
        "session-manager-plugin": (architecture) =>
            `sudo yum install -y ${plugins}/linux_${pluginFolder[architecture]}/session-manager-plugin.rpm`,
        ssh: () => "sudo yum install -y openssh-clients",
    },
};

/** For a shell; ready to paste. */
export const installLine = (tool: Tool, system: System, architecture: Architecture): string =>
    lines[system][tool](architecture);

const processors = { x64: "x86", arm64: "ARM" };

/** How tools are installed, by system: in one entry where both architectures take the same lines. */
export function installsOf(needed: readonly Tool[]): { readonly system: string; readonly lines: string[] }[] {
    return (Object.keys(systems) as System[]).flatMap((system) => {
        const [first, ...others] = architectures.map((architecture) => ({
            system: `${systems[system]} (${processors[architecture]})`,
            lines: needed.map((tool) => installLine(tool, system, architecture)),
        }));
        const same = others.every(({ lines }) => lines.join("\n") === first.lines.join("\n"));
        return same ? [{ system: systems[system], lines: first.lines }] : [first, ...others];
    });
}

/** The tools that a teammate of a stack cannot do without. */
export const neededTools = ({ accessMode, artifactMode }: Pick<StackOutputs, "accessMode" | "artifactMode">): Tool[] =>
    accessMode === "ssm" ? ["aws", "session-manager-plugin"] : artifactMode === "direct" ? ["ssh", "aws"] : ["ssh"];

/** Where it is described, for a system that has no line here. */
const pages: Record<Tool, string> = {
    aws: "https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html",
    "session-manager-plugin":
        "https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-install-plugin.html",
    ssh: "the package openssh-client or openssh-clients of your system",
};

/**
 * The system of a machine, where there are install lines for it.
 *
 * @param platform as Node.js names it
 * @param osRelease the text of `/etc/os-release`, empty where there is none
 */
export function systemOf(platform: string, osRelease: string): System | undefined {
    if (platform === "darwin") {
        return "macos";
    }
    const value = (name: string) => new RegExp(`^${name}=(["']?)(.*)\\1$`, "m").exec(osRelease)?.[2] ?? "";
    const kinds = [value("ID"), ...value("ID_LIKE").split(" ")];
    if (kinds.includes("amzn")) {
        return value("VERSION_ID") === "2" ? "amazonLinux2" : "amazonLinux2023";
    }
    return kinds.includes("debian") || kinds.includes("ubuntu") ? "debian" : undefined;
}

/** How this machine gets a tool: a line to paste, or where to read. */
export function remedyHere(tool: Tool): string {
    const system = systemOf(process.platform, textOf("/etc/os-release"));
    const architecture = architectures.find((name) => name === process.arch);
    return system && architecture ? installLine(tool, system, architecture) : pages[tool];
}

function textOf(file: string): string {
    try {
        return readFileSync(file, "utf8");
    } catch {
        return "";
    }
}

/** The tools that are not in any folder of a search path. */
export const missingTools = (needed: readonly Tool[], searchPath = process.env.PATH ?? ""): Tool[] =>
    needed.filter((tool) => !searchPath.split(path.delimiter).some((folder) => isProgram(path.join(folder, tool))));

function isProgram(file: string): boolean {
    try {
        accessSync(file, constants.X_OK);
        return statSync(file).isFile();
    } catch {
        return false;
    }
}

/** @throws UserError that names every tool that is missing, each with its install line */
export function requireTools(needed: readonly Tool[]): void {
    const missing = missingTools(needed);
    if (missing.length > 0) {
        const faults = missing.map((tool) =>
            fault(tool, "no program of that name on the PATH", tools[tool], remedyHere(tool)),
        );
        throw new UserError(faults.join("\n"), exitCodes.missing);
    }
}

/** Whether `aws --version` speaks of a CLI that gets no updates any more; it still does all that is needed here. */
export const isCliVersion1 = (text: string): boolean => /^aws-cli\/1\./.test(text);
