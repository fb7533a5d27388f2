import assert from "node:assert";
import * as fc from "fast-check";
import { type Check, failed, ok, warning } from "../../teammate/doctor/check";
import { oneLine } from "../../commands/oneLine";
import { checks } from "../../teammate/doctor/checks";
import type { Context } from "../../teammate/doctor/context";
import { lines, summary } from "../../teammate/doctor/report";
import { runChecks } from "../../teammate/doctor/runChecks";

// Proves: how checks are run and told, whatever they do: their order, what is skipped, time that runs out, errors, and texts that
// others have written. Does not prove what any check finds.
describe("The doctor's report", () => {
    const context = { signal: new AbortController().signal } as Context;
    const check = (id: string, run: Check["run"], ...after: string[]): Check => ({
        ...{ id, title: `Title of ${id}`, looksFor: "", remedy: "" },
        after,
        run,
    });
    const results = (all: Check[], seconds?: number) => Promise.all(runChecks(all, context, seconds));

    it("skips what needs something that failed, and what needs that; a warning stops nothing", async () => {
        const ran: string[] = [];
        const note = (id: string) => () => {
            ran.push(id);
            return ok(id);
        };
        const found = await results([
            check("a", () => failed("broken", "mend it")),
            check("b", note("b"), "a"),
            check("c", note("c"), "b"),
            check("d", () => warning("old", "renew it")),
            check("e", note("e"), "d"),
        ]);
        assert.deepStrictEqual(ran, ["e"]);
        assert.deepStrictEqual(
            found.map(({ id, verdict, evidence }) => [id, verdict, evidence]),
            [
                ["a", "failed", "broken"],
                ["b", "not checked", "needs: Title of a"],
                ["c", "not checked", "needs: Title of b"],
                ["d", "warning", "old"],
                ["e", "ok", "e"],
            ],
        );
    });

    it("names what was left out once, behind the first thing that is to be mended", async () => {
        const found = await results([
            check("a", () => failed("broken", "mend it")),
            check("b", () => ok(""), "a"),
            check("c", () => ok(""), "b"),
            check("d", () => ok("so")),
        ]);
        assert.deepStrictEqual(
            found.map((result) => lines(result)),
            [["✗ Title of a [failed]: broken", "    -> mend it"], [], [], ["✓ Title of d: so"]],
        );
        assert.strictEqual(
            summary(found),
            "- 2 not checked before Title of a: Title of b; Title of c\n\nFailed: 1 ok, 1 failed, 2 not checked",
        );
    });

    it("makes a finding of an error and of time that runs out: no stack trace, no end without a word", async () => {
        const found = await results(
            [
                check("throws", () => {
                    throw new TypeError("x is not\n  a function");
                }),
                check("hangs", () => new Promise(() => undefined)),
            ],
            0.05,
        );
        assert.deepStrictEqual(
            found.map(({ verdict, evidence }) => [verdict, evidence]),
            [
                ["failed", "TypeError, x is not a function"],
                ["failed", "no finding within 0.05 s"],
            ],
        );
    });

    it("begins nothing after Ctrl-C", async () => {
        const interruption = new AbortController();
        interruption.abort();
        const [found] = runChecks([check("a", () => assert.fail("it ran"))], {
            ...context,
            signal: interruption.signal,
        });
        assert.deepStrictEqual((await found).evidence, "interrupted");
    });

    it("keeps whatever others have written on its line, and away from the terminal", () => {
        assert.strictEqual(oneLine("a\r\n\tb\u001b[2Jc\u202ed"), "a b [2Jc d");
        fc.assert(
            fc.property(fc.string({ unit: "binary" }), (text) => {
                assert.doesNotMatch(oneLine(text), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|\s\s|^\s|\s$/u);
                assert.ok(oneLine(text, 10).length <= 11);
            }),
        );
    });

    it("counts, and says what comes of it", () => {
        const result = (verdict: "ok" | "warning" | "failed") => ({ id: "x", title: "X", verdict, evidence: "so" });
        assert.strictEqual(summary([result("ok"), result("ok"), result("warning")]), "\nPassed: 2 ok, 1 warning");
        assert.strictEqual(summary([result("ok"), result("failed")]), "\nFailed: 1 ok, 1 failed");
        assert.deepStrictEqual(lines(result("ok")), ["✓ X: so"]);
        assert.deepStrictEqual(lines({ ...result("failed"), remedy: "do" }), ["✗ X [failed]: so", "    -> do"]);
    });

    it("has checks that come after the ones they need, under names of their own, each with its words for the docs", () => {
        assert.strictEqual(new Set(checks.map(({ id }) => id)).size, checks.length);
        const interruption = new AbortController();
        interruption.abort();
        void runChecks(checks, { ...context, signal: interruption.signal }); // throws where one is not before
        checks.forEach(({ id, looksFor, remedy }) => assert.ok(looksFor && remedy, id));
    });
});
