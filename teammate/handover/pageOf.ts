import { needsProfile } from "../../handover/pageTroubles";
import type { Page } from "../../handover/page";
import type { StackOutputs } from "../outputs";
import { architectures, installLine, systems, type System, type Tool } from "../tools";

/** Whether the outputs hold the secret that the page can have: there is none of a role, nor where no profile is needed. */
export function secretOf(outputs: StackOutputs): "none" | "there" | "absent" {
    if (outputs.clientRoleArns || !needsProfile(outputs)) {
        return "none";
    }
    return outputs.profileSetupCommands === undefined ? "absent" : "there";
}

const architectureNames = { x64: "x86", arm64: "ARM" } as const;

/** By system, in one entry where both architectures take the same lines. */
function installs({ accessMode, artifactMode }: StackOutputs): Page["installs"] {
    const tools: Tool[] =
        accessMode === "ssm" ? ["aws", "session-manager-plugin"] : artifactMode === "direct" ? ["ssh", "aws"] : ["ssh"];
    return (Object.keys(systems) as System[]).flatMap((system) => {
        const [x86, arm] = architectures.map((architecture) => ({
            system: `${systems[system]} (${architectureNames[architecture]})`,
            lines: tools.map((tool) => installLine(tool, system, architecture)),
        }));
        const same = x86.lines.join("\n") === arm.lines.join("\n");
        return same ? [{ system: systems[system], lines: x86.lines }] : [x86, arm];
    });
}

/** What the page says of a stack; the secret only where it is wanted. */
export function pageOf(outputs: StackOutputs, withSecrets: boolean): Page {
    const identity = outputs.clientRoleArns ? "role" : "user";
    return {
        stack: outputs.stack,
        accountId: outputs.accountId,
        profileName: outputs.profileName,
        profileConfigSnippet: outputs.profileConfigSnippet,
        profileVerifyCommands: outputs.profileVerifyCommands,
        profileSetupCommands: identity === "user" && !withSecrets ? undefined : outputs.profileSetupCommands,
        identity,
        accessMode: outputs.accessMode,
        tunnelCommand: outputs.tunnelCommand,
        localPort: Number(new URL(outputs.trackingUri).port),
        clientEnvironment: outputs.clientEnvironment,
        artifactMode: outputs.artifactMode,
        presignedTransfers: outputs.presignedTransfers,
        mlflowVersion: outputs.mlflowVersion,
        installs: installs(outputs),
    };
}
