import { z } from "zod";

/** How a step of the smoke test ended; a line of its report for programs. */
export const stepReport = z.object({
    name: z.string(),
    seconds: z.number(),
    ok: z.boolean(),
    detail: z.string(),
});
export type StepReport = z.output<typeof stepReport>;

/** What looks whether there is a server at all, before the client starts. */
export const tunnelStep = { name: "tunnel", title: "The tunnel is open" } as const;

/** In the order of `smoke.py`, which makes the reports. */
export const clientSteps: readonly { readonly name: string; readonly title: string }[] = [
    { name: "client", title: "Start the client" },
    { name: "experiment", title: "Create an experiment" },
    { name: "run", title: "Create a run" },
    { name: "parameter", title: "Log a parameter" },
    { name: "metric", title: "Log a metric" },
    { name: "tag", title: "Set a tag" },
    { name: "small-up", title: "Upload the small artifact" },
    { name: "small-down", title: "Download the small artifact" },
    { name: "large-up", title: "Upload the large artifact" },
    { name: "large-down", title: "Download the large artifact" },
    { name: "search", title: "Search for the run" },
    { name: "delete-artifacts", title: "Delete the artifacts" },
    { name: "delete-run", title: "Delete the run" },
    { name: "delete-experiment", title: "Delete the experiment" },
];

/** Whether every step was made, and went well. */
export const passed = (reports: readonly StepReport[]): boolean =>
    [tunnelStep, ...clientSteps].every(({ name }) => reports.some((report) => report.name === name && report.ok));

/** What the test leaves in the server, for people; S3 holds nothing of it where all went well. */
export function leftovers(reports: readonly StepReport[]): string[] {
    const of = (name: string) => reports.find((report) => report.name === name);
    const [made, run, artifacts, deletedRun, deleted] = [
        ...["experiment", "run", "delete-artifacts", "delete-run", "delete-experiment"].map(of),
    ];
    if (!made?.ok) {
        return [];
    }
    const [name] = made.detail.split(", ");
    if (deleted?.ok && artifacts?.ok !== false && deletedRun?.ok !== false) {
        return [
            "What was deleted stays in the database, hidden, until the server collects it (setting garbageCollectionDays; " +
                "with 0, the default, for good). S3 holds nothing of it.",
        ];
    }
    return [
        ...(artifacts?.ok ? [] : [`Artifacts of run ${run?.ok ? run.detail : "unknown"} may be left in S3.`]),
        ...(deleted?.ok ? [] : [`The experiment "${name}" is left. A smoke test in an hour or later removes it.`]),
    ];
}
