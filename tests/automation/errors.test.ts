import assert from "node:assert";
import { engineError } from "../../automation/errors";

// What `npm run stack` makes of the engine's words. Pure: what a real engine says is in mistakes.test.ts and interrupted.test.ts.

describe("what the engine says", () => {
    const cases: [said: string, code: number, property: string][] = [
        ["error: the stack is currently locked by 1 lock(s).", 6, "stack"],
        ["error: [409] Conflict: Another update is currently in progress.", 6, "stack"],
        ["error: no stack named 'x' found", 5, "stack"],
        ["error: passphrase must be set with PULUMI_CONFIG_PASSPHRASE", 5, "passphrase"],
        [
            "error: getting secrets manager: secrets (code=PermissionDenied): AccessDeniedException: kms:Decrypt",
            5,
            "secrets",
        ],
        ["error: PULUMI_ACCESS_TOKEN must be set for login during non-interactive CLI sessions", 5, "login"],
        ["error: AWS account ID not allowed: 123456789012", 3, "account"],
        ["error: resource x cannot be deleted", 3, "protect"],
        ["error: Stack 'dev' has a value for 'workers' that must be of type 'integer'", 5, "settings"],
        ["error: no valid credential sources for AWS found", 5, "credentials"],
        ["error: spawn /usr/bin/pulumi ENOENT", 8, "pulumi"],
    ];
    for (const [said, code, property] of cases) {
        it(`is code ${code} for ${said}`, () => {
            const { exitCode, message } = engineError("dev", new Error(`code: 255\n stderr: ${said}`), []);
            assert.strictEqual(exitCode, code);
            assert.ok(message.startsWith(`${property}: got ${said}; allowed: `), message);
        });
    }

    it("is code 1 where the program lacks a file of its own", () => {
        const said = "ENOENT: no such file or directory, open 'host/unit'";
        const { exitCode, message } = engineError("dev", new Error("code: 255"), [said]);
        assert.deepStrictEqual([exitCode, message], [1, `stack dev: ${said}`]);
    });

    it("is code 1, whole, where nobody knows it", () => {
        const { exitCode, message } = engineError("dev", new Error("code: 255"), ["quota exceeded", "quota exceeded"]);
        assert.deepStrictEqual([exitCode, message], [1, "stack dev: quota exceeded"]);
    });
});
