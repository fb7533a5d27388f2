import assert from "node:assert";
import { Seen } from "../../policies/seen";
import { unknown } from "../../policies/values";
import { found, urn } from "./cases";

// What the rules get of what the engine shows. That it shows this is in engine.test.ts.

const type = "aws:s3/bucket:Bucket";
const block = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock";
const shown = (of: string, name: string, props: Record<string, unknown>, protect = false) => ({
    urn: urn(of, name),
    type: of,
    props,
    opts: { protect },
    propertyDependencies: {},
});

/** As the SDK guards what is not known. */
const guarded = (props: Record<string, unknown>, ...keys: string[]) =>
    keys.reduce(
        (guard, key) =>
            Object.defineProperty(guard, key, {
                enumerable: true,
                get: () => {
                    throw new Error("not known yet");
                },
            }),
        { ...props },
    );

describe("resources as the rules see them", () => {
    it("are by themselves what the program declares", () => {
        const given = shown(type, "data", guarded({ tags: { a: "b" } }, "bucket"), true);
        const values = { tags: { a: "b" }, bucket: unknown };
        const { urn, type: of } = given;
        assert.deepStrictEqual(new Seen().one(given), {
            urn,
            type: of,
            values,
            made: values,
            protect: true,
            madeFrom: {},
        });
    });

    it("are at the end also what they have become, and know where their inputs come from", () => {
        const seen = new Seen();
        seen.one(shown(block, "block", guarded({}, "bucket")));
        const made = {
            ...shown(block, "block", { bucket: "data", id: "data" }),
            propertyDependencies: { bucket: [{ urn: urn(type, "data") }] },
        };
        const [{ values, made: state, madeFrom }] = seen.all([made]);
        assert.deepStrictEqual([values, state], [{ bucket: unknown }, { bucket: "data", id: "data" }]);
        assert.deepStrictEqual(madeFrom, { bucket: [urn(type, "data")] });
    });

    it("are no longer what they were declared as before", () => {
        const seen = new Seen();
        seen.one(shown(type, "data", { bucket: "old" }));
        seen.one(shown(type, "data", { bucket: "new" }));
        assert.deepStrictEqual(seen.all([shown(type, "data", {})])[0].values, { bucket: "new" });
    });

    it("are not those that the program only reads", () => {
        assert.deepStrictEqual(new Seen().all([shown(type, "somebodys", { bucket: "data" })]), []);
    });

    it("come in one order, whatever the engine's is", () => {
        const seen = new Seen();
        const resources = ["b", "c", "a"].map((name) => shown(type, name, {}));
        resources.forEach((one) => seen.one(one));
        assert.deepStrictEqual(
            seen.all(resources).map(({ urn }) => urn),
            ["a", "b", "c"].map((name) => urn(type, name)),
        );
    });

    it("do not pass by AWS's own choice, known or not", () => {
        const chosen = { policy: "{}", serverSideEncryptionConfiguration: { rule: {} } };
        for (const props of [chosen, guarded({}, ...Object.keys(chosen))]) {
            const seen = new Seen();
            seen.one(shown(type, "data", { bucket: "data" }));
            const resources = seen.all([shown(type, "data", props)]);
            assert.strictEqual(found("bucket-requires-tls", resources).length, 1);
            assert.strictEqual(found("bucket-states-its-encryption", resources).length, 1);
        }
    });
});
