import assert from "node:assert";
import { Interrupts } from "../../automation/interrupts";

// When a signal is a second Ctrl-C. Pure: what the command does then is in interrupted.test.ts.

describe("a signal to end", () => {
    const meanings = (...times: number[]) => {
        const interrupts = new Interrupts();
        return times.map((time) => interrupts.hear(time));
    };

    it("is heard once, however many pass it on", () => {
        assert.deepStrictEqual(meanings(5_000, 5_000, 5_001, 5_999), ["end", "echo", "echo", "echo"]);
    });

    it("is another wish a second later, also after an echo", () => {
        assert.deepStrictEqual(meanings(0, 1_000), ["end", "leave"]);
        assert.deepStrictEqual(meanings(0, 999, 1_001), ["end", "echo", "leave"]);
    });
});
