import type { Evaluation } from "./evaluate";

/** The outputs as a person reads them, secrets masked unless they are wanted. */
export const outputLines = (outputs: Evaluation["outputs"], showSecrets = false): string[] =>
    Object.entries(outputs).map(([name, { value, secret }]) => {
        const text = secret && !showSecrets ? "[secret]" : String(value).trimEnd();
        return text.includes("\n") ? `  ${name}:\n    ${text.replace(/\n/g, "\n    ")}` : `  ${name}: ${text}`;
    });
