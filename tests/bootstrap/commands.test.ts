import assert from "node:assert";
import { deployCommands, previewCommands } from "./requests/commands";
import { deployer, environmentWith, previewer, refusedAmong } from "./support";

// What the commands of CI need besides the resources: state, secrets, guards and the health check. What they ask for stands in
// requests/commands.ts and is not proved here.

describe("the rights for the commands", () => {
    const environment = environmentWith();

    it("are enough for a preview, which neither locks nor writes", () => {
        assert.deepStrictEqual(refusedAmong(previewer(environment), previewCommands), []);
        assert.strictEqual(refusedAmong(previewer(environment), deployCommands).length, deployCommands.length);
    });

    it("are enough for a deployment", () => {
        assert.deepStrictEqual(refusedAmong(deployer(environment), [...previewCommands, ...deployCommands]), []);
    });

    it("reach an existing instance, whatever tags it has", () => {
        const existing = environmentWith({ existingInstanceId: "i-0123456789abcdef0" });
        const instance = "arn:aws:ec2:us-west-1:123456789012:instance/i-0123456789abcdef0";
        const checked = { "ssm:SessionDocumentAccessCheck": "true" };
        const requests = [
            ["ssm:StartSession", instance, checked],
            ["ec2:GetConsoleOutput", instance],
        ] as const;
        assert.deepStrictEqual(refusedAmong(deployer(existing), requests), []);
        assert.strictEqual(refusedAmong(deployer(environment), requests).length, requests.length);
    });
});
