/** One thing that is wrong with the settings, in the words that the user sees. */
export type Fault = string;

export const fault = (property: string, got: unknown, allowed: string, remedy: string): Fault =>
    `${property}: got ${typeof got === "string" ? got : JSON.stringify(got)}; allowed: ${allowed}; remedy: ${remedy}`;
