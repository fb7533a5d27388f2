import { type Answer, ask as askThere } from "../ask";

/** Asks for a path; nothing where nobody answers in time. */
export const ask = (port: number, path: string, timeout = 5_000): Promise<Answer | undefined> =>
    askThere(port, { path, signal: AbortSignal.timeout(timeout) }).catch(() => undefined);

/** Whether MLflow answers there: its version, or nothing. */
export async function mlflowAt(port: number): Promise<string | undefined> {
    const [health, version] = await Promise.all([ask(port, "/health"), ask(port, "/version")]);
    const text = version?.text.trim() ?? "";
    return health?.status === 200 && version?.status === 200 && /^\d+\.\d+\.\d+[\w.]*$/.test(text) ? text : undefined;
}
