import { createHash } from "node:crypto";

/** Hex digits that look random and are the same at every run. */
export const hexDigits = (text: string, digits: number): string =>
    createHash("sha256").update(text).digest("hex").slice(0, digits);

/** The engine gives a resource without a name its logical name and seven random hex digits. */
export const autoName = ({ type, name }: { type: string; name: string }): string =>
    `${name}-${hexDigits(type + name, 7)}`;
