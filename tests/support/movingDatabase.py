"""Makes a database by MLflow's own stores at MLFLOW_BACKEND_STORE_URI, with something of everything that a team leaves there.

make              experiments, runs, models, registered models, traces and the rest, then a row for every table that is still empty
measure <runs> <metrics a run>   runs with a parameter, a tag and so many metrics each
"""

import datetime
import math
import os
import sys
import time

import sqlalchemy
from mlflow.entities import (
    AssessmentSource,
    Dataset,
    DatasetInput,
    Expectation,
    Feedback,
    InputTag,
    LoggedModelInput,
    LoggedModelOutput,
    LoggedModelParameter,
    LoggedModelStatus,
    LoggedModelTag,
    Metric,
    Param,
    RunStatus,
    RunTag,
    TraceInfo,
    TraceLocation,
    TraceState,
)
from mlflow.entities.experiment_tag import ExperimentTag
from mlflow.entities.model_registry import ModelVersionTag, RegisteredModelTag
from mlflow.entities.span import create_mlflow_span
from mlflow.entities.webhook import WebhookEvent
from mlflow.store.model_registry.sqlalchemy_store import SqlAlchemyStore as Registry
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore as Tracking
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanContext, Status, StatusCode

ADDRESS = os.environ["MLFLOW_BACKEND_STORE_URI"]
HARD = ["", " ", "é😀 \u2028", "a\tb\nc\r\nd\b\f\v\x01", "\\. \\N \\", "'; DROP TABLE runs; --", "\"quoted\" 'twice'", "x" * 5000]
NUMBERS = [math.nan, math.inf, -math.inf, 0.1, -1e-300, 5e-324, 1.7976931348623157e308, 1e16, -0.0, 123456789.0]
START = 1_700_000_000_000


def make_runs(store: Tracking) -> list[str]:
    experiments = [store.create_experiment(name, tags=[ExperimentTag("k", HARD[2])]) for name in ("vision", "é 'speech'", "gone")]
    runs = []
    for index in range(12):
        experiment = experiments[index % 3]
        parent = [RunTag("mlflow.parentRunId", runs[index - 3])] if index >= 3 else []
        run = store.create_run(experiment, "somebody", START + index, parent, f"run {index} {HARD[2]}").info.run_id
        metrics = [Metric(f"m{number}", value, START + number, number) for number, value in enumerate(NUMBERS)]
        metrics += [Metric("loss", 1 / (step + 2.5), START + step, step * 10**9) for step in range(-2, 30)]
        params = [Param(f"p{number}", text) for number, text in enumerate(HARD)]
        store.log_batch(run, metrics, params, [RunTag(f"t{number}", text) for number, text in enumerate(HARD)])
        if index % 4:
            status = RunStatus.FINISHED if index % 2 else RunStatus.FAILED
            store.update_run_info(run, status, START + 1000 + index, None)
        runs.append(run)
    store.delete_run(runs[3])
    store.delete_experiment(experiments[2])
    return runs


def make_models(store: Tracking, registry: Registry, experiment: str, run: str) -> None:
    dataset = Dataset("rows", "0123abcd", "local", '{"uri": "s3://bucket/rows"}', '{"mlflow_colspec": []}', '{"num_rows": 3}')
    params = [LoggedModelParameter("depth", HARD[4])]
    model = store.create_logged_model(experiment, "net", run, [LoggedModelTag("k", HARD[3])], params, "torch")
    store.finalize_logged_model(model.model_id, LoggedModelStatus.READY)
    store.log_inputs(run, [DatasetInput(dataset, [InputTag("mlflow.data.context", "é")])], [LoggedModelInput(model.model_id)])
    store.log_outputs(run, [LoggedModelOutput(model.model_id, 2**40)])
    metric = Metric(
        "accuracy", 0.5, START, 3, model_id=model.model_id, dataset_name="rows", dataset_digest="0123abcd", run_id=run
    )
    store.log_batch(run, [metric], [], [])
    registry.create_registered_model("detector", [RegisteredModelTag("k", HARD[3])], HARD[5])
    source = f"mlflow-artifacts:/{experiment}/models/{model.model_id}/artifacts"
    for _ in range(3):
        version = registry.create_model_version("detector", source, run, [ModelVersionTag("k", HARD[4])], None, HARD[2])
    registry.set_registered_model_alias("detector", "best", version.version)
    registry.delete_model_version("detector", 1)
    registry.create_webhook("hook", "https://1.1.1.1/hook", [WebhookEvent("registered_model", "created")], secret="s3cret")


def make_traces(store: Tracking, experiment: str, run: str) -> None:
    for index in range(3):
        trace = f"tr-{index:032x}"
        place = TraceLocation.from_experiment_id(experiment)
        spans = []
        for number in (1, 2):
            context = SpanContext(index + 1, number, is_remote=False)
            attributes = {"mlflow.traceRequestId": f'"{trace}"', "mlflow.spanInputs": '{"question": "é😀\\n"}'}
            parent = SpanContext(index + 1, 1, is_remote=False) if number == 2 else None
            times = {"start_time": 10**18 + number, "end_time": 10**18 + 10**9}
            span = ReadableSpan(f"step {number}", context, parent, attributes=attributes, status=Status(StatusCode.OK), **times)
            spans.append(create_mlflow_span(span, trace, "LLM"))
        tags = {"mlflow.traceName": HARD[3], "k": HARD[6]}
        metadata = {"mlflow.sourceRun": run, "mlflow.trace.session": "s", "mlflow.trace.tokenUsage": '{"total_tokens": 12}'}
        store.start_trace(TraceInfo(trace, place, START, TraceState.OK, "{}", HARD[2], trace_metadata=metadata, tags=tags))
        store.log_spans(experiment, spans)
        source = AssessmentSource("HUMAN", "somebody@example.com")
        store.create_assessment(Feedback("good", index == 1, source=source, trace_id=trace, rationale=HARD[3]))
        store.create_assessment(Feedback("score", 0.25, source=source, trace_id=trace, metadata={"k": HARD[2]}))
        store.create_assessment(Expectation("answer", {"text": HARD[2]}, source=source, trace_id=trace))


def value_for(column: sqlalchemy.Column) -> object:
    match column.type:
        case sqlalchemy.Boolean():
            return True
        case sqlalchemy.BigInteger():
            return 2**62 + 1
        case sqlalchemy.Integer():
            return 2**31 - 1
        case sqlalchemy.Float():
            return 0.1
        case sqlalchemy.String():
            return f"{HARD[3]}\\{HARD[2]}"[: column.type.length]
        case sqlalchemy.JSON():
            return {"k": [HARD[2], 1.5, None, True]}
        case sqlalchemy.Date():
            return datetime.date(2026, 2, 28)
        case sqlalchemy.LargeBinary():
            return bytes(range(256))
    raise TypeError(f"{column}: {column.type!r}")


def fill_empty_tables(engine: sqlalchemy.Engine) -> None:
    """MLflow itself writes to some only when jobs, gateways or workspaces are in use."""
    found = sqlalchemy.MetaData()
    found.reflect(engine)
    with engine.begin() as connection:
        for table in found.sorted_tables:
            if connection.execute(sqlalchemy.select(table).limit(1)).first():
                continue
            row = {column.name: value_for(column) for column in table.columns}
            for constraint in table.foreign_key_constraints:
                parent = connection.execute(sqlalchemy.select(constraint.referred_table).limit(1)).mappings().first()
                row.update({element.parent.name: parent[element.column.name] for element in constraint.elements})
            connection.execute(sqlalchemy.insert(table), row)


def make() -> None:
    store, registry = Tracking(ADDRESS, "mlflow-artifacts:/"), Registry(ADDRESS)
    runs = make_runs(store)
    experiment = store.get_experiment_by_name("vision").experiment_id
    make_models(store, registry, experiment, runs[0])
    make_traces(store, experiment, runs[0])
    dataset = store.create_dataset("questions", {"k": HARD[2]}, [experiment])
    store.upsert_dataset_records(dataset.dataset_id, [{"inputs": {"q": HARD[3]}, "expectations": {"a": 1.0}, "tags": {"k": "v"}}])
    store.register_scorer(experiment, "polite", '{"name": "polite"}')
    fill_empty_tables(store.engine)


def measure(runs: str, metrics: str) -> None:
    store = Tracking(ADDRESS, "mlflow-artifacts:/")
    experiment = store.create_experiment("measured")
    for index in range(int(runs)):
        run = store.create_run(experiment, "somebody", START + index, [], f"run {index}").info.run_id
        logged = [Metric(f"loss{step % 4}", 1 / (step + index + 1), START + step, step // 4) for step in range(int(metrics))]
        store.log_batch(run, logged, [Param("rate", str(index / 7))], [RunTag("team", "vision")])
        store.update_run_info(run, RunStatus.FINISHED, int(time.time() * 1000), None)


if __name__ == "__main__":
    command, *words = sys.argv[1:]
    {"make": make, "measure": measure}[command](*words)
