import type { EngineEvent } from "@pulumi/pulumi/automation";
import { nameOf, plain } from "./changes";
import { shortType } from "../plan/tree";

const doing: Readonly<Record<string, string>> = {
    create: "creating",
    "create-replacement": "creating its replacement",
    update: "updating",
    delete: "deleting",
    "delete-replaced": "deleting what is replaced",
};

/** Says what happens as it happens, each step with its seconds when it is done. */
export class Progress {
    private readonly started = new Map<string, number>();
    /** What the engine calls an error, in its order. */
    readonly errors: string[] = [];
    readonly events: EngineEvent[] = [];

    /** @param steps whether they are told: a preview does nothing */
    constructor(
        private readonly print: (line: string) => void,
        private readonly steps: boolean,
    ) {}

    readonly onEvent = (event: EngineEvent): void => {
        this.events.push(event);
        const { resourcePreEvent, resOutputsEvent, resOpFailedEvent, diagnosticEvent } = event;
        if (diagnosticEvent?.severity === "error") {
            this.errors.push(plain(diagnosticEvent.message));
        } else if (diagnosticEvent?.severity === "warning") {
            this.print(`warning: ${plain(diagnosticEvent.message)}`);
        }
        if (this.steps && resourcePreEvent) {
            this.begin(resourcePreEvent.metadata);
        }
        const ended = resOutputsEvent ?? resOpFailedEvent;
        if (this.steps && ended) {
            this.end(ended.metadata, resOpFailedEvent !== undefined);
        }
    };

    /** Whether a step was begun. */
    get hasBegun(): boolean {
        return this.started.size > 0;
    }

    private begin({ op, urn, type }: { op: string; urn: string; type: string }): void {
        if (op in doing && !type.startsWith("pulumi:")) {
            this.started.set(`${op} ${urn}`, performance.now());
            this.print(`${doing[op]}: ${nameOf(urn)} (${shortType(type)})`);
        }
    }

    private end({ op, urn }: { op: string; urn: string }, hasFailed: boolean): void {
        const started = this.started.get(`${op} ${urn}`);
        if (started !== undefined) {
            const seconds = Math.round((performance.now() - started) / 1000);
            this.print(`${hasFailed ? "failed" : "done"}, ${doing[op]}: ${nameOf(urn)}, ${seconds} s`);
        }
    }
}
