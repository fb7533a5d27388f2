import { stackConfig } from "../../plan/stackConfig";
import { check } from "../../settings/check";

// For tests of the settings by themselves, without the SDK: texts go in, as the engine hands them over, faults come out.

/** The settings that Pulumi.yaml alone gives, as texts and without their namespace. */
export const defaults: Readonly<Record<string, string>> = projectSettings();

/** The defaults with other values in place of some; passwords are stored encrypted, as they should be. */
export const checked = (own: Readonly<Record<string, string>>, secretKeys: readonly string[] = ["databasePassword"]) =>
    check({ ...defaults, ...own }, new Set(secretKeys));

/** A key that nobody has the other half of. */
export const publicKey =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFI49Fgy58WJCVw2xdYqb7cqo7xEdmpFlOSKaS/fFIBH somebody@laptop";

function projectSettings(): Record<string, string> {
    const { project, values } = stackConfig("test", {});
    return Object.fromEntries(
        Object.entries(values)
            .filter(([key]) => key.startsWith(`${project}:`))
            .map(([key, text]) => [key.slice(project.length + 1), text]),
    );
}
