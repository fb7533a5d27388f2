import assert from "node:assert";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { drillsOn } from "../../docs/reliabilityTable";
import { declaredDrills } from "../support/declaredDrills";
import { repository } from "../support/sandbox";

// docs/reliability.md is what the drills have written. Not proved: that its figures are today's.

describe("docs/reliability.md", function () {
    this.timeout(60_000);

    it("has a row for each drill, in its words, and no other (npm run drills)", () => {
        const drills = declaredDrills();
        assert.ok(drills.length > 0);
        assert.strictEqual(new Set(drills).size, drills.length, "two drills have the same name");
        const page = readFileSync(path.join(repository, "docs/reliability.md"), "utf8");
        assert.deepStrictEqual(drillsOn(page), drills);
    });
});
