import assert from "node:assert";
import { type Resource, violations } from "../../policies/rule";
import { rules } from "../../policies/rules";

interface Given {
    readonly name?: string;
    readonly protect?: boolean;
    readonly madeFrom?: Resource["madeFrom"];
    /** Default: what is declared. */
    readonly made?: Resource["made"];
}

export const urn = (type: string, name: string) => `urn:pulumi:test::any::${type}::${name}`;

/** A resource that does not exist. */
export const resource = (
    type: string,
    values: Record<string, unknown>,
    { name = "it", protect = false, madeFrom = {}, made = values }: Given = {},
): Resource => ({ urn: urn(type, name), type, values, made, protect, madeFrom });

export const rule = (name: string) => rules.find((known) => known.name === name)!;

/** What a rule finds, without the words that are the same in all its messages: `<name of the resource>: <property>: got <value>`. */
export const found = (name: string, resources: readonly Resource[]): string[] =>
    violations(rule(name), resources).map(
        ({ urn, message }) => `${urn.split("::").at(-1)}: ${message.split("; allowed: ")[0]}`,
    );

interface Cases {
    readonly passes: Readonly<Record<string, Resource | Resource[]>>;
    /** With what is found, of a resource `it` without the name. */
    readonly refuses: Readonly<Record<string, [Resource | Resource[], ...string[]]>>;
}

/** Good and bad resources for one rule. */
export function judges(name: string, { passes, refuses }: Cases): void {
    describe(`the rule ${name}`, () => {
        for (const [title, resources] of Object.entries(passes)) {
            it(`passes ${title}`, () => assert.deepStrictEqual(found(name, [resources].flat()), []));
        }
        for (const [title, [resources, ...expected]] of Object.entries(refuses)) {
            it(`refuses ${title}`, () =>
                assert.deepStrictEqual(
                    found(name, [resources].flat()).map((line) => line.replace(/^it: /, "")),
                    expected,
                ));
        }
    });
}
