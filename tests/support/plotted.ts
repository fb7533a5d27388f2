import assert from "node:assert";
import type { Locator } from "playwright-core";

/** Whether a chart shows these values, one at each step from 0 on. Reads what Plotly drew, which has neither role nor text. */
export async function assertDrawn(chart: Locator, values: readonly number[]): Promise<void> {
    const curve = chart.locator(".scatterlayer .trace").first();
    const marks = curve.locator(".points");
    await marks.locator(`path:nth-child(${values.length})`).waitFor();
    // At once, as a chart that grows moves them all.
    const found = (await marks.innerHTML()).matchAll(/translate\(([\d.]+),([\d.]+)\)/g);
    const drawn = [...found].map(([, x, y]) => [Number(x), Number(y)]);
    assert.strictEqual(drawn.length, values.length);
    const [[left, start], [right, end]] = [drawn[0], drawn.at(-1)!];
    assert.ok(right - left > 100 && Math.abs(end - start) > 100, "a chart that nobody can read");
    const height = (end - start) / (values.at(-1)! - values[0]);
    const width = (right - left) / (values.length - 1);
    const places = values.map((value, step) => [left + width * step, start + height * (value - values[0])]);
    drawn.forEach(([x, y], step) => {
        const distance = Math.hypot(x - places[step][0], y - places[step][1]);
        assert.ok(distance < 0.1, `step ${step} is at ${x}, ${y} instead of ${places[step].join(", ")}`);
    });
    const line = (await curve.locator(".lines path").getAttribute("d"))!;
    assert.ok(line.startsWith(`M${drawn[0].join(",")}L`) && line.endsWith(`L${drawn.at(-1)!.join(",")}`), line);
}
