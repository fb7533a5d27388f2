import assert from "node:assert";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { changeParts, readParts } from "../../bootstrap/statements";
import { documentsOf, environmentWith, evaluateBootstrap } from "./support";

// Every policy of an environment with default settings, to the letter: a right that is added or taken away is a line of documents/ that
// changes with it. And what holds for all of them, whatever the settings. Not proved: that AWS grants what they say.

const expected = (part: string): unknown =>
    JSON.parse(readFileSync(path.join(__dirname, "documents", `${part}.json`), "utf8"));
const documents = documentsOf(environmentWith());
const everything = documentsOf(
    environmentWith({
        clientRoleNames: ["DataScientist", "AWSReservedSSO_Data_0123456789abcdef"],
        ssoStartUrl: "https://team.awsapps.com/start",
        ssoRegion: "us-east-1",
        existingInstanceId: "i-0123456789abcdef0",
        forceDestroy: true,
    }),
);
const withNetwork = documentsOf(environmentWith({ networkCidr: "10.20.0.0/20" }));

describe("the policies of an environment", () => {
    const parts = ["boundary", ...Object.keys(readParts), ...Object.keys(changeParts)];

    for (const part of parts) {
        it(`have exactly these statements: ${part}`, () => {
            assert.deepStrictEqual(documents[part], expected(part));
        });
    }

    it("have these statements more with a network of the stack's own", () => {
        const before = Object.values(documents).flatMap(({ Statement }) => Statement);
        const more = Object.values(withNetwork)
            .flatMap(({ Statement }) => Statement)
            .filter((statement) => !before.some((known) => isDeepStrictEqual(known, statement)));
        assert.deepStrictEqual(more, expected("own-network"));
    });

    it("are these, and no other", () => assert.deepStrictEqual(Object.keys(documents).sort(), [...parts].sort()));

    it("are what the program makes, with the state bucket that it makes", async () => {
        const stack = await evaluateBootstrap();
        const known = (document: unknown): unknown =>
            JSON.parse(JSON.stringify(document).replace(/(?<=github-mlflow-state-)[0-9a-f]{16}/g, "0123456789abcdef"));
        const made = stack
            .all("aws:iam/policy:Policy")
            .map(({ inputs }) => [String(inputs.name), known(inputs.policy)] as const)
            .filter(([name]) => name.startsWith("github-mlflow-dev-"))
            .map(([name, document]) => [name.replace("github-mlflow-dev-", ""), document]);
        assert.deepStrictEqual(Object.fromEntries(made), documents);
    });
});

describe("no policy of an environment", () => {
    const statements = [documents, everything, withNetwork].flatMap((all) =>
        Object.values(all).flatMap(({ Statement }) => Statement),
    );
    const list = (value: string | string[]) => [value].flat();

    it("names an action with a wildcard", () => {
        const wild = statements
            .flatMap(({ Action }) => Action)
            .filter((action) => !/^[a-z0-9]+:[A-Za-z]+$/.test(action));
        assert.deepStrictEqual(wild, []);
    });

    it("reaches every resource, but for what AWS cannot limit", () => {
        const wild = statements.filter(({ Resource }) => list(Resource).includes("*"));
        assert.deepStrictEqual([...new Set(wild.map(({ Sid }) => Sid))].sort(), [
            "ChangeAnything",
            "PutOwnMetrics",
            "ReadAnything",
            "SessionManagerAgent",
        ]);
        // To end a subscription is to know its ARN, and only those of the stack's topic can be listed.
        const reading = /^(ec2|ssm):Describe|^iam:ListVirtualMFADevices$|^sns:(GetSubscriptionAttributes|Unsubscribe)$/;
        const changing = wild
            .filter(({ Sid }) => !["SessionManagerAgent", "PutOwnMetrics"].includes(Sid))
            .flatMap(({ Action }) => Action)
            .filter((action) => !reading.test(action));
        assert.deepStrictEqual(changing, []);
    });

    it("has two statements of one name, a name that IAM refuses, or anything but Allow", () => {
        for (const document of [...Object.values(documents), ...Object.values(everything)]) {
            const sids = document.Statement.map(({ Sid }) => Sid);
            assert.strictEqual(new Set(sids).size, sids.length);
            sids.forEach((sid) => assert.match(sid, /^[A-Za-z0-9]+$/));
            assert.ok(
                document.Statement.every(({ Effect, Resource }) => Effect === "Allow" && list(Resource).length > 0),
            );
        }
    });

    it("lets a preview do anything but look", () => {
        const actions = Object.keys(readParts).flatMap((part) =>
            everything[part].Statement.flatMap(({ Action }) => Action),
        );
        assert.deepStrictEqual(
            actions.filter((action) => !/:(Get|List|Describe|View)[A-Z]|^kms:Decrypt$/.test(action)),
            [],
        );
        assert.ok(actions.length > 40);
    });
});
