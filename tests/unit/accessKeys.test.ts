import assert from "node:assert";
import { evaluateStack, type Stack } from "../support/stack";

// The client user's access keys, by the two settings that rotate them: which exist, and which one the outputs hand out. Not
// proved: that IAM makes and removes them so; tests/operating/keys.test.ts does that in the emulator.

type State = "active" | "inactive" | "absent";

const keysOf = (stack: Stack) =>
    stack.all("aws:iam/accessKey:AccessKey").map(({ name, inputs }) => [name, inputs.status]);

const [a, b] = ["mlflow-test-client-access-key-a", "mlflow-test-client-access-key-b"];

describe("the client user's access keys", () => {
    const steps: [accessKeyA: State, accessKeyB: State, keys: [string, string][], handedOut: string][] = [
        ["active", "absent", [[a, "Active"]], "a"],
        [
            "active",
            "active",
            [
                [a, "Active"],
                [b, "Active"],
            ],
            "b", // the newer one
        ],
        [
            "inactive",
            "active",
            [
                [a, "Inactive"],
                [b, "Active"],
            ],
            "b",
        ],
        ["absent", "active", [[b, "Active"]], "b"],
        [
            "active",
            "inactive",
            [
                [a, "Active"],
                [b, "Inactive"],
            ],
            "a",
        ],
    ];
    for (const [accessKeyA, accessKeyB, keys, handedOut] of steps) {
        it(`with a ${accessKeyA} and b ${accessKeyB} are exactly these, and ${handedOut} is handed out`, async () => {
            const stack = await evaluateStack({ accessKeyA, accessKeyB });
            assert.deepStrictEqual(keysOf(stack), keys);
            const listed = stack.output("clientAccessKeys") as { slot: string; id: string; status: string }[];
            assert.deepStrictEqual(
                listed.map(({ slot, status }) => [`mlflow-test-client-access-key-${slot}`, status]),
                keys,
            );
            const { id } = listed.find(({ slot }) => slot === handedOut)!;
            assert.strictEqual(stack.output("clientAccessKeyId"), id);
            const secret = String(stack.output("clientSecretAccessKey"));
            assert.strictEqual(
                stack.output("profileCredentialsSnippet"),
                `[mlflow-test]\naws_access_key_id = ${id}\naws_secret_access_key = ${secret}\n`,
            );
        });
    }

    it("are the newest by IAM's own clock, not by the slot", async () => {
        const stack = await evaluateStack({ accessKeyB: "active" });
        const created = (stack.output("clientAccessKeys") as { slot: string; created: string }[]).map(
            (key) => key.created,
        );
        assert.deepStrictEqual(created, ["2026-01-01T00:00:00Z", "2026-04-01T00:00:00Z"]);
    });

    it("are listed without a secret, and only the secrets are marked", async () => {
        const stack = await evaluateStack({ accessKeyB: "active" });
        assert.strictEqual(stack.outputs.clientAccessKeys.secret, false);
        assert.strictEqual(stack.outputs.clientAccessKeyId.secret, false);
        assert.strictEqual(stack.outputs.clientSecretAccessKey.secret, true);
        const text = JSON.stringify(stack.output("clientAccessKeys"));
        assert.ok(!text.includes(String(stack.output("clientSecretAccessKey"))));
    });
});
