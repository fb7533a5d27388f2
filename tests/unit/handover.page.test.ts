import assert from "node:assert";
import * as fc from "fast-check";
import { marked, type Token } from "marked";
import { codeSpan } from "../../handover/markdown";
import { type Page, page } from "../../handover/page";
import { shellLine } from "../../handover/shell";
import { htmlOf } from "../../teammate/handover/html";

// The page for a new teammate: what it says in each mode, and that no value changes what it is, whatever it contains. Not proved:
// that what it tells people to do works; the commands themselves are in handover.shell.test.ts and in tests/access.

const harmless: Page = {
    stack: "dev",
    accountId: "123456789012",
    profileName: "mlflow-dev",
    profileConfigSnippet: "[profile mlflow-dev]\nregion = us-west-1\n",
    profileVerifyCommands: "aws sts get-caller-identity --profile mlflow-dev\n",
    profileSetupCommands: "aws configure --profile mlflow-dev <<'END_OF_ANSWERS'\nthe-secret\nEND_OF_ANSWERS\n",
    identity: "user",
    accessMode: "ssm",
    tunnelCommand: "aws ssm start-session",
    localPort: 5001,
    clientEnvironment: "export MLFLOW_TRACKING_URI=http://localhost:5001\n",
    artifactMode: "proxied",
    presignedTransfers: true,
    mlflowVersion: "3.17.2",
    installs: [{ system: "macOS", lines: ["brew install awscli", "brew install --cask session-manager-plugin"] }],
};

const role: Partial<Page> = {
    identity: "role",
    profileSetupCommands: "aws configure set role_arn arn:aws:iam::123456789012:role/ml --profile mlflow-dev\n",
};

const headings = (markdown: string) =>
    marked.lexer(markdown).flatMap((token) => (token.type === "heading" ? [String(token.text)] : []));

/** Texts of one kind of token, in their order, whatever they stand in. */
function texts(markdown: string, kind: "code" | "codespan"): string[] {
    const found: string[] = [];
    void marked.walkTokens(marked.lexer(markdown), (token: Token) => {
        if (token.type === kind) {
            found.push(String((token as { text: string }).text));
        }
    });
    return found;
}

describe("the page for a new teammate", () => {
    it("goes from the profile to the first run", () => {
        assert.deepStrictEqual(headings(page(harmless)), [
            "MLflow of `dev`",
            "The short way",
            "1. Make your AWS profile, once",
            "2. Open the tunnel, every time",
            "3. Tell your code where MLflow is",
            "4. Log your first run",
            "Artifacts",
            "When something fails",
            "Install the programs",
        ]);
    });

    it("has every command as it was given, and a program that logs a run", () => {
        const blocks = texts(page(harmless), "code");
        assert.deepStrictEqual(
            blocks.filter((text) => !text.startsWith("import mlflow\n")),
            [
                "npm run connect -- dev",
                "aws configure --profile mlflow-dev <<'END_OF_ANSWERS'\nthe-secret\nEND_OF_ANSWERS",
                "[profile mlflow-dev]\nregion = us-west-1",
                "aws sts get-caller-identity --profile mlflow-dev",
                "aws ssm start-session",
                "export MLFLOW_TRACKING_URI=http://localhost:5001",
                "python3 -m pip install mlflow==3.17.2",
                "npm run doctor -- dev",
                "brew install awscli\nbrew install --cask session-manager-plugin",
            ],
        );
        assert.strictEqual(blocks.length, 10);
    });

    it("warns of the secret where it has one, and says how it comes where it has none", () => {
        const withSecret = page(harmless);
        const without = page({ ...harmless, profileSetupCommands: undefined });
        assert.match(withSecret, /^> \*\*This page holds a secret\*\*/m);
        assert.doesNotMatch(withSecret, /password manager/);
        assert.doesNotMatch(without, /holds a secret|the-secret/);
        assert.match(without, /`profileSetupCommands`\) by a password manager/);
    });

    it("speaks of no key where people have roles", () => {
        const text = page({ ...harmless, ...role });
        assert.doesNotMatch(text, /holds a secret|password manager|does not show it/);
        assert.match(text, /by your own profile `default`/);
        assert.ok(texts(text, "code").includes(role.profileSetupCommands!.trimEnd()));
        const signIn = `aws sso login --profile mlflow-dev\n${harmless.profileVerifyCommands}`;
        assert.match(page({ ...harmless, ...role, profileVerifyCommands: signIn }), /Sign in and try it\. All lines/);
    });

    it("asks for no AWS where SSH reaches the server and the server the artifacts", () => {
        const text = page({ ...harmless, accessMode: "ssh", profileSetupCommands: "the-secret" });
        assert.deepStrictEqual(headings(text).slice(2, 5), [
            "1. Open the tunnel, every time",
            "2. Tell your code where MLflow is",
            "3. Log your first run",
        ]);
        assert.doesNotMatch(text, /the-secret|holds a secret|aws --version|session-manager-plugin --version|step 1/);
        assert.match(text, /an answer to `ssh -V` in a terminal/);
    });

    for (const [mode, presignedTransfers, said, unsaid] of [
        ["proxied", true, /by addresses that the server signs/, /boto3|Models and files go through the server, both/],
        ["proxied", false, /go through the server, both ways/, /boto3|server signs|hangs for minutes: /],
        ["direct", true, /`boto3`, the `AWS_` lines/, /go through the server/],
    ] as const) {
        it(`says how artifacts go (${mode}, ${presignedTransfers ? "signed addresses" : "none signed"})`, () => {
            const text = page({ ...harmless, artifactMode: mode, presignedTransfers });
            assert.match(text, said);
            assert.doesNotMatch(text, unsaid);
            assert.strictEqual(text.includes("mlflow==3.17.2 boto3"), mode === "direct");
        });
    }
});

describe("the page with hostile values", () => {
    const pieces = [
        ..."`'\"\\$<>&|*_#~!-=[]() \n\r\taé\u202e\u2028😀",
        ...["```", "````", "\n```\n", "`` ` ``", "$(id)", "`id`", "</code></pre>", "<script>alert(1)</script>"],
        ...[
            '" onload="x',
            "<img src=x onerror=y>",
            "&lt;",
            "&#60;",
            "-->",
            "<!--",
            "]]>",
            "\n\n# x\n",
            "\n> x",
            "[x](javascript:y)",
        ],
        ...[
            "https://evil.example",
            "www.evil.example",
            "a@evil.example",
            "</title>",
            "</style>",
            "\n    x",
            "| a |\n|---|",
            "\n\n",
        ],
    ];
    const hostile = fc.oneof(
        fc.string({ unit: fc.constantFrom(...pieces), minLength: 1, maxLength: 12 }),
        fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }),
    );
    const pages = fc.record<Page>({
        ...(Object.fromEntries(
            Object.entries(harmless)
                .filter(([, value]) => typeof value === "string")
                .map(([name]) => [name, hostile]),
        ) as unknown as { [Name in keyof Page]: fc.Arbitrary<Page[Name]> }),
        identity: fc.constantFrom("user", "role"),
        accessMode: fc.constantFrom("ssm", "ssh"),
        artifactMode: fc.constantFrom("proxied", "direct"),
        presignedTransfers: fc.boolean(),
        localPort: fc.integer({ min: 1024, max: 65535 }),
        installs: fc.constant(harmless.installs),
    });

    /** As Markdown hands a block on: ends of lines are one character, and the last ones belong to the fence. */
    const inBlock = (text: string) => text.replace(/\r\n|\r/g, "\n").replace(/\n+$/, "");

    it("gives every value back from a code block, and the two in a line from code", () => {
        fc.assert(
            fc.property(pages, (of) => {
                const blocks = texts(page(of), "code").map(inBlock);
                const wanted = [
                    of.tunnelCommand,
                    of.clientEnvironment,
                    shellLine("npm", "run", "doctor", "--", of.stack),
                ];
                if (of.accessMode === "ssm" || of.artifactMode === "direct") {
                    wanted.push(of.profileSetupCommands!, of.profileConfigSnippet, of.profileVerifyCommands);
                }
                for (const text of wanted) {
                    assert.ok(blocks.includes(inBlock(text)), JSON.stringify({ text, blocks }));
                }
                const spans = texts(page(of), "codespan");
                for (const text of [of.stack, of.accountId]) {
                    assert.ok(
                        spans.includes(text.replace(/\r\n|[\r\n\u2028\u2029]/g, " ")),
                        JSON.stringify({ text, spans }),
                    );
                }
            }),
            { numRuns: 500 },
        );
    });

    it("is the same HTML but for what stands between the tags", () => {
        const tags = (of: Page) => htmlOf(page(of), of.stack).match(/<[^>]*>/g);
        fc.assert(
            fc.property(pages, (of) => {
                const { identity, accessMode, artifactMode, presignedTransfers, localPort } = of;
                const modes = { identity, accessMode, artifactMode, presignedTransfers, localPort };
                assert.deepStrictEqual(tags(of), tags({ ...harmless, ...modes }));
            }),
            { numRuns: 500 },
        );
    });

    it("takes no HTML from Markdown, and no title for HTML", () => {
        const html = htmlOf("a <b>c</b>\n\n<script>alert(1)</script>\n", "</title><script>");
        assert.deepStrictEqual(html.match(/<\/?(b|script|title)\b[^>]*>/g), ["<title>", "</title>"]);
    });

    it("keeps code in a line for any text", () => {
        fc.assert(
            fc.property(hostile, (text) => {
                assert.deepStrictEqual(texts(`a ${codeSpan(text)} b`, "codespan"), [
                    text.replace(/\r\n|[\r\n\u2028\u2029]/g, " "),
                ]);
            }),
            { numRuns: 1000 },
        );
    });
});
