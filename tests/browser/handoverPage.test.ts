import assert from "node:assert";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, type BrowserContextOptions, chromium, type Page as Tab } from "playwright-core";
import { page } from "../../handover/page";
import { htmlOf } from "../../teammate/handover/html";
import { pageOf } from "../../teammate/handover/pageOf";
import { parseOutputs } from "../../teammate/outputs";
import { repository, temporaryFolder } from "../support/sandbox";
import { evaluateStack } from "../support/stack";

// The handover page of the real program, opened from a file in a real browser. Not proved: other browsers than Chromium.

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const executablePath = (process.env.PATH ?? "")
    .split(path.delimiter)
    .flatMap((folder) => names.map((name) => path.join(folder, name)))
    .find((file) => existsSync(file));

describe("the handover page in a browser (skipped without Chromium)", function () {
    this.timeout(120_000);
    let folder: string | undefined;
    let browser: Browser | undefined;
    let address: string;
    let verifyCommands: string;

    before(async function () {
        if (!executablePath) {
            this.skip();
        }
        folder = temporaryFolder();
        const { outputs } = await evaluateStack({}, { name: "dev" });
        const plain = Object.entries(outputs).map(([name, { value }]) => [name, value] as const);
        const parsed = parseOutputs(Object.fromEntries(plain));
        verifyCommands = parsed.profileVerifyCommands;
        const file = path.join(folder, "page.html");
        writeFileSync(file, htmlOf(page(pageOf(parsed, true)), "MLflow of dev"));
        address = pathToFileURL(file).href;
        browser = await chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] });
    });
    after(async () => {
        await browser?.close();
        if (folder) {
            rmSync(folder, { recursive: true, force: true });
        }
    });

    /** Opens the page, and fails where it says or asks for anything. */
    async function opened(options: BrowserContextOptions, look: (tab: Tab) => Promise<void>): Promise<void> {
        const context = await browser!.newContext(options);
        const said: string[] = [];
        try {
            const tab = await context.newPage();
            tab.on("console", (message) => said.push(message.text()));
            tab.on("pageerror", (error) => said.push(error.message));
            tab.on("request", (request) => said.push(request.url()));
            await tab.goto(address);
            await look(tab);
            assert.deepStrictEqual(said, [address]);
        } finally {
            await context.close();
        }
    }

    const ground = (tab: Tab) => tab.evaluate<string>("getComputedStyle(document.body).backgroundColor");

    it("shows every step, and asks for nothing else", () =>
        opened({ viewport: { width: 1000, height: 900 } }, async (tab) => {
            assert.strictEqual(await tab.title(), "MLflow of dev");
            assert.strictEqual(await tab.locator("h1").innerText(), "MLflow of dev");
            assert.deepStrictEqual(await tab.locator("h2").allInnerTexts(), [
                "The short way",
                "1. Make your AWS profile, once",
                "2. Open the tunnel, every time",
                "3. Tell your code where MLflow is",
                "4. Log your first run",
                "Artifacts",
                "When something fails",
                "Install the programs",
            ]);
            mkdirSync(path.join(repository, "test-artifacts"), { recursive: true });
            await tab.screenshot({ path: path.join(repository, "test-artifacts/handover-page.png"), fullPage: true });
        }));

    it("selects the whole of a block by one click, as it is to be pasted", () =>
        opened({}, async (tab) => {
            await tab.locator("pre", { hasText: "get-caller-identity" }).click();
            assert.strictEqual((await tab.evaluate<string>("String(getSelection())")).trim(), verifyCommands.trim());
        }));

    it("leads to the programs by its link", () =>
        opened({}, async (tab) => {
            await tab.getByRole("link", { name: "install the programs" }).click();
            const top = await tab.locator("h2", { hasText: "Install the programs" }).boundingBox();
            assert.ok(top && top.y >= 0 && top.y < 400, JSON.stringify(top));
        }));

    it("fits a phone, and is dark where that is wanted", async () => {
        const phone = { viewport: { width: 360, height: 740 } };
        let light = "";
        await opened({ ...phone, colorScheme: "light" }, async (tab) => {
            assert.strictEqual(await tab.evaluate<number>("document.documentElement.scrollWidth"), 360);
            light = await ground(tab);
        });
        await opened({ ...phone, colorScheme: "dark" }, async (tab) => assert.notStrictEqual(await ground(tab), light));
    });

    it("runs no script, whoever puts it there", async () => {
        const context = await browser!.newContext();
        const tab = await context.newPage();
        await tab.goto(address);
        const ran = await tab.evaluate<string>(`
            const script = document.createElement("script");
            script.textContent = "document.title = 'run'";
            document.body.append(script);
            document.title`);
        await context.close();
        assert.strictEqual(ran, "MLflow of dev");
    });
});
