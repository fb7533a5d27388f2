import type { Evaluation } from "./evaluate";

/** The outputs as a person reads them, secrets masked unless they are wanted. */
export const outputLines = (outputs: Evaluation["outputs"], showSecrets = false): string[] =>
    Object.entries(outputs).map(([name, { value, secret }]) => {
        const plain = typeof value === "string" ? value : JSON.stringify(value);
        const text = secret && !showSecrets ? "[secret]" : plain.trimEnd();
        return text.includes("\n") ? `  ${name}:\n    ${text.replace(/\n/g, "\n    ")}` : `  ${name}: ${text}`;
    });
