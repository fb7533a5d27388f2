import assert from "node:assert";
import { knowSecret, secretsIn } from "../support/secretScan";

// That the look for secrets, which goes over all that the suite's commands print and write, would find one.

describe("the look for secrets", () => {
    const known = "a known secret of a test";
    knowSecret(known);

    const found: [title: string, text: string, kinds: number][] = [
        ["one that is known", `before ${known} after`, 1],
        ["a secret access key", "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n", 1],
        ["an address with its password", 'at "postgresql://mlflow:hunter22@192.0.2.5/mlflow"', 1],
        ["a private key", "-----BEGIN OPENSSH PRIVATE KEY-----\n", 1],
        ["no masked address", "postgresql://mlflow:***@192.0.2.5/mlflow", 0],
        ["no hash", "commit 54f1279e0f1279e0f1279e0f1279e0f1279e0f12, sha256-of-forty-characters-with-dashes-1", 0],
        ["no identifier of a key", "AKIARZPUZDIKHTULVYSC", 0],
        ["no path", "/home/ann/work/mlflow/components/ArtifactBucket/x1", 0],
    ];
    for (const [title, text, kinds] of found) {
        it(`finds ${title}`, () => assert.strictEqual(secretsIn(text).length, kinds, secretsIn(text).join()));
    }

    it("does not repeat what it finds", () => assert.ok(!secretsIn(known).join().includes(known)));
});
