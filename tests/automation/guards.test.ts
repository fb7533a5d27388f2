import assert from "node:assert";
import { isOlder } from "../../automation/engine";
import {
    copiedSettingsFaults,
    destroyFaults,
    movedFaults,
    type Place,
    placeFaults,
    workTreeFaults,
} from "../../automation/guards";

// What `npm run stack` asks before anything is read or made. Pure: that it does ask is in mistakes.test.ts and protected.test.ts.

describe("the guards", () => {
    const place: Place = {
        ...{ stack: "prod", region: "us-west-1", environmentRegion: undefined },
        ...{ account: "123456789012", allowedAccounts: ["123456789012"], protect: true },
    };
    const properties = (faults: readonly string[]) => faults.map((text) => text.split(";")[0]);

    it("let the right caller pass", () => {
        assert.deepStrictEqual(placeFaults(place), []);
        assert.deepStrictEqual(placeFaults({ ...place, environmentRegion: "us-west-1" }), []);
        assert.deepStrictEqual(placeFaults({ ...place, allowedAccounts: [], protect: false }), []);
    });

    it("say all that is wrong at once", () => {
        const wrong = { ...place, account: "210987654321", environmentRegion: "eu-west-1" };
        assert.deepStrictEqual(properties(placeFaults(wrong)), [
            "account: got 210987654321",
            "AWS_REGION: got eu-west-1",
        ]);
        assert.deepStrictEqual(properties(placeFaults({ ...place, allowedAccounts: [] })), [
            "aws:allowedAccountIds: got nothing",
        ]);
    });

    it("know where a stack is deployed", () => {
        const deployed = { accountId: "210987654321", region: "eu-west-1" };
        assert.deepStrictEqual(properties(movedFaults(place, deployed)), [
            "account: got 123456789012",
            "aws:region: got us-west-1",
        ]);
        assert.deepStrictEqual(movedFaults(place, {}), []);
        assert.deepStrictEqual(movedFaults(place, { accountId: place.account, region: place.region }), []);
    });

    it("know a settings file that was copied", () => {
        const salt = { encryptionsalt: "v1:salt" };
        const named = { config: { "mlflow-aws:bucketName": "bucket", "mlflow-aws:workers": 3 } };
        const port = { config: { "mlflow-aws:localPort": 5002 } };
        const faults = (prod: object, dev: object) => properties(copiedSettingsFaults("prod", { prod, dev }));
        assert.deepStrictEqual(faults({ ...salt, ...named }, { ...salt, ...named }), [
            "encryptionsalt: got the one of stack dev",
            "bucketName: got bucket, which is also that of stack dev",
        ]);
        assert.deepStrictEqual(faults(port, port), ["localPort: got 5002, which is also that of stack dev"]);
        assert.deepStrictEqual(faults(port, { config: { "mlflow-aws:localPort": 5003 } }), []);
        assert.deepStrictEqual(faults({ config: { "mlflow-aws:workers": 3 } }, named), []);
        assert.deepStrictEqual(faults({}, {}), []);
    });

    it("deploy to a protected stack what is in the history", () => {
        assert.deepStrictEqual(workTreeFaults("prod", true, []), []);
        assert.deepStrictEqual(workTreeFaults("dev", false, ["index.ts"]), []);
        assert.deepStrictEqual(properties(workTreeFaults("prod", true, ["index.ts"])), [
            "work tree: got 1 changed: index.ts",
        ]);
        assert.deepStrictEqual(properties(workTreeFaults("prod", true, undefined)), ["work tree: got no git checkout"]);
    });

    it("destroy no protected stack", () => {
        assert.deepStrictEqual(destroyFaults("dev", false), []);
        assert.deepStrictEqual(properties(destroyFaults("prod", true)), [
            "destroy: got stack prod, which is protected",
        ]);
    });

    it("know an older engine", () => {
        const older = ["3.229.9", "2.999.0", "3.100.0"].map((version) => isOlder(version, "3.230.0"));
        const newer = ["3.230.0", "3.230.1", "4.0.0", "3.1000.0", "3.230.0-dev.1"].map((version) =>
            isOlder(version, "3.230.0"),
        );
        assert.deepStrictEqual([...new Set(older), ...new Set(newer)], [true, false]);
    });
});
