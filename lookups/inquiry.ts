import type { Settings } from "../config";
import { type Fault, fault } from "../settings/fault";
import type { Key } from "../settings/rules";

/** Questions about what exists; whatever is wrong with an answer is a fault among those of all the others. */
export class Inquiry {
    constructor(
        protected readonly settings: Settings,
        protected readonly region: string,
        private readonly faults: Fault[],
    ) {}

    /** Something that a setting names: it must exist, and the caller must be allowed to look at it. */
    protected async named<T>(key: Key, got: string, kind: string, query: Promise<T>): Promise<T | undefined> {
        try {
            return await query;
        } catch (error) {
            const reason = String((error as Error).message)
                .replace(/\s+/g, " ")
                .trim();
            this.refuse(
                [key, got, `${kind} that exists in ${this.region} and that you may look at`],
                `correct the name, or use credentials of its account (${reason})`,
            );
            return undefined;
        }
    }

    protected refuse([property, got, allowed]: [string, string, string], remedy: string): void {
        this.faults.push(fault(property, got, allowed, remedy));
    }
}
