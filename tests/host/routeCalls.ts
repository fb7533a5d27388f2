import { api, type TeammateServer } from "../support/teammate";

// Requests for the route test: to each route one that its handler has something to do with.

/** Values for the names that MLflow's requests have, of things that exist. */
export type Known = Record<string, unknown>;

/** Makes one of each thing that other requests need. */
export async function populate(server: TeammateServer): Promise<Known> {
    const experiment_id = await server.makeExperiment("routes");
    const { run_id } = await server.makeRun(experiment_id);
    await server.ask("POST", `${api}/registered-models/create`, { name: "model" });
    const source = `mlflow-artifacts:/${experiment_id}/${run_id}/artifacts/model`;
    await server.ask("POST", `${api}/model-versions/create`, { name: "model", source, run_id });
    const { model } = await server.ask<{ model: { info: { model_id: string } } }>("POST", `${api}/logged-models`, {
        experiment_id,
        name: "logged",
    });
    const { trace_info } = await server.ask<{ trace_info: { request_id: string } }>("POST", `${api}/traces`, {
        experiment_id,
        timestamp_ms: 1,
    });
    const { request_id } = trace_info;
    const { model_id } = model.info;
    const folders = [`${run_id}/artifacts`, `${run_id}/artifacts/model`, `models/${model_id}/artifacts`];
    for (const folder of folders) {
        const target = `/api/2.0/mlflow-artifacts/artifacts/${experiment_id}/${folder}/note.txt`;
        await server.call("PUT", target, { body: "an artifact" });
    }
    return {
        ...{ experiment_id, experiment_ids: [experiment_id], run_id, run_uuid: run_id, model_id },
        ...{ request_id, trace_id: request_id, request_ids: [request_id], trace_ids: [request_id] },
        ...{ experiment_name: "routes", name: "model", version: "1", alias: "champion", source },
        ...{ key: "key", value: "1", tag_key: "key", metric_key: "loss", timestamp: 1, step: 0, path: "note.txt" },
        ...{ artifact_file_path: "note.txt", artifact_path: `${experiment_id}/${run_id}/artifacts/note.txt` },
        ...{
            max_results: 5,
            new_name: "model",
            stage: "Staging",
            status: "FINISHED",
            gateway_path: "api/2.0/endpoints",
        },
        ...{ tags: [{ key: "key", value: "1" }], params: [{ key: "a", value: "b" }], url: "https://127.0.0.1/hook" },
        ...{ events: [{ entity: "REGISTERED_MODEL", action: "CREATED" }], serialized_scorer: "{}", expiration: 60 },
        ...{ filename: "index.html", upload_id: "u", num_parts: 1, parts: [], query: "{ __typename }" },
    };
}

interface Judged {
    readonly method: string;
    readonly path: string;
    readonly verdict: string;
}

/** In an order in which what exists is read and written before it is deleted. */
export function plausible<R extends Judged>(routes: R[], known: Known): (R & { target: string; body?: unknown })[] {
    const turn = ({ method, path }: Judged) =>
        method === "DELETE" || /delete/.test(path) ? 2 : method === "GET" ? 0 : 1;
    return [...routes]
        .sort((one, other) => turn(one) - turn(other))
        .map((route) => {
            const filled = route.path.replace(/\{(\w+)\}/g, (_, name: string) =>
                String((known[name] as string | undefined) ?? "0")
                    .split("/")
                    .map(encodeURIComponent)
                    .join("/"),
            );
            if (route.method !== "GET") {
                return { ...route, target: filled, body: known };
            }
            const query = new URLSearchParams();
            for (const [name, value] of Object.entries(known)) {
                [value]
                    .flat()
                    .filter((one) => typeof one !== "object")
                    .forEach((one) => query.append(name, String(one)));
            }
            return { ...route, target: `${filled}?${query.toString()}` };
        });
}
