import assert from "node:assert";
import { rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import type { BrowserContextOptions, Page as Tab } from "playwright-core";
import { page } from "../../handover/page";
import { htmlOf } from "../../teammate/handover/html";
import { pageOf } from "../../teammate/handover/pageOf";
import { parseOutputs } from "../../commands/outputs";
import { browserProgram, WatchedBrowser } from "../support/browser";
import { temporaryFolder } from "../support/sandbox";
import { evaluateStack, valuesOf } from "../support/stack";

// The handover page of the real program, opened from a file in a real browser. Not proved: other browsers than Chromium.

describe("the handover page in a browser (skipped without Chromium)", function () {
    this.timeout(120_000);
    let folder: string | undefined;
    let browser: WatchedBrowser | undefined;
    let address: string;
    let verifyCommands: string;

    before(async function () {
        if (!browserProgram) {
            this.skip();
        }
        folder = temporaryFolder();
        const { outputs } = await evaluateStack({}, { name: "dev" });
        const parsed = parseOutputs(valuesOf(outputs));
        verifyCommands = parsed.profileVerifyCommands;
        const file = path.join(folder, "page.html");
        writeFileSync(file, htmlOf(page(pageOf(parsed, true)), "MLflow of dev"));
        address = pathToFileURL(file).href;
        browser = await WatchedBrowser.start(folder);
    });
    after(async () => {
        await browser?.stop();
        if (folder) {
            rmSync(folder, { recursive: true, force: true });
        }
    });

    /** Opens the page, and fails where it complains or asks for anything else. */
    async function opened(
        name: string,
        options: BrowserContextOptions,
        look: (tab: Tab) => Promise<void>,
    ): Promise<void> {
        const complaints = await browser!.visit(
            { name: `handover-${name}`, allowed: address, options },
            async (tab) => {
                await tab.goto(address);
                await look(tab);
            },
        );
        assert.deepStrictEqual(complaints, []);
    }

    const ground = (tab: Tab) => tab.evaluate<string>("getComputedStyle(document.body).backgroundColor");

    it("shows every step, and asks for nothing else", () =>
        opened("page", { viewport: { width: 1000, height: 900 } }, async (tab) => {
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
        }));

    it("selects the whole of a block by one click, as it is to be pasted", () =>
        opened("selected", {}, async (tab) => {
            await tab.locator("pre", { hasText: "get-caller-identity" }).click();
            assert.strictEqual((await tab.evaluate<string>("String(getSelection())")).trim(), verifyCommands.trim());
        }));

    it("leads to the programs by its link", () =>
        opened("install", {}, async (tab) => {
            const heading = tab.locator("h2", { hasText: "Install the programs" });
            const top = async () => (await heading.boundingBox())!.y;
            assert.ok((await top()) > 1000, "it must be out of sight before");
            await tab.getByRole("link", { name: "install the programs" }).click();
            // The page's own policy refuses what Playwright would wait with.
            for (const deadline = Date.now() + 10_000; Date.now() < deadline && (await top()) >= 400;) {
                await tab.waitForTimeout(50);
            }
            const end = await top();
            assert.ok(end > -1 && end < 400, `${end} px from the window's top`); // the browser scrolls to whole pixels
        }));

    it("fits a phone, and is dark where that is wanted", async () => {
        const phone = { viewport: { width: 360, height: 740 } };
        let light = "";
        await opened("phone", { ...phone, colorScheme: "light" }, async (tab) => {
            assert.strictEqual(await tab.evaluate<number>("document.documentElement.scrollWidth"), 360);
            light = await ground(tab);
        });
        await opened("phone-dark", { ...phone, colorScheme: "dark" }, async (tab) =>
            assert.notStrictEqual(await ground(tab), light),
        );
    });

    it("runs no script, whoever puts it there", async () => {
        let title: string | undefined;
        const [complaint, ...others] = await browser!.visit(
            { name: "handover-script", allowed: address },
            async (tab) => {
                await tab.goto(address);
                title = await tab.evaluate<string>(`
                const script = document.createElement("script");
                script.textContent = "document.title = 'run'";
                document.body.append(script);
                document.title`);
            },
        );
        assert.strictEqual(title, "MLflow of dev");
        assert.match(complaint, /^console: .*Content Security Policy/);
        assert.deepStrictEqual(others, []);
    });
});
