import { needsProfile } from "../../handover/pageTroubles";
import type { Page } from "../../handover/page";
import { localPortOf } from "../localPort";
import type { StackOutputs } from "../../commands/outputs";
import { installsOf, neededTools } from "../tools";

/** Whether the outputs hold the secret that the page can have: there is none of a role, nor where no profile is needed. */
export function secretOf(outputs: StackOutputs): "none" | "there" | "absent" {
    if (outputs.clientRoleArns || !needsProfile(outputs)) {
        return "none";
    }
    return outputs.profileSetupCommands === undefined ? "absent" : "there";
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
        localPort: localPortOf(outputs),
        clientEnvironment: outputs.clientEnvironment,
        artifactMode: outputs.artifactMode,
        presignedTransfers: outputs.presignedTransfers,
        mlflowVersion: outputs.mlflowVersion,
        installs: installsOf(neededTools(outputs)),
    };
}
