import { existsSync, mkdirSync, rmSync } from "node:fs";
import * as http from "node:http";
import type * as net from "node:net";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { repository } from "./sandbox";

// A real browser that reports what its pages complain about, and whatever asks for anything outside of what a test allows.

const folders = (process.env.PATH ?? "").split(path.delimiter);

/** The program, by whatever name it is installed under; undefined where there is none. */
export const browserProgram = ["chromium", "chromium-browser", "google-chrome"]
    .flatMap((name) => folders.map((folder) => path.join(folder, name)))
    .find((file) => existsSync(file));

/** Where screenshots are kept for people; each run overwrites those of the run before. */
const screenshots = path.join(repository, "test-artifacts");

/** Chromium itself asks for accounts, filling in of forms, updates, now and then. A page that asks there is heard all the same. */
const chromiumsOwn = /\.(google|googleapis|gvt1)\.com(:\d+)?$/;

export interface Visit {
    /** Of the screenshot: `<name>.png` at the end of the visit, `<name>-failed.png` where it fails. */
    readonly name: string;
    /** What every address begins with that the page may ask for; ends with a slash. */
    readonly allowed: string;
    readonly options?: BrowserContextOptions;
}

/**
 * Stands for the rest of the world: the browser takes it for its proxy, and gets nothing. It also sees what the pages' own reports
 * leave out: requests of shared workers, and of the browser itself.
 */
class Outside {
    private readonly hosts: string[] = [];
    private readonly server = http.createServer((request, response) => {
        this.hosts.push(new URL(request.url!).host);
        response.writeHead(403).end();
    });

    /** Host and port of each request until now. */
    get asked(): string[] {
        return this.hosts.filter((host) => !chromiumsOwn.test(host));
    }

    async start(): Promise<number> {
        this.server.on("connect", (request: http.IncomingMessage, socket: net.Socket) => {
            this.hosts.push(request.url!);
            socket.on("error", () => undefined).end("HTTP/1.1 403 Forbidden\r\n\r\n");
        });
        await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
        return (this.server.address() as net.AddressInfo).port;
    }

    async stop(): Promise<void> {
        this.server.closeAllConnections();
        await new Promise((resolve) => this.server.close(resolve));
    }
}

export class WatchedBrowser {
    private constructor(
        private readonly browser: Browser,
        private readonly outside: Outside,
    ) {}

    /**
     * @param folder of the test's own, for all that the browser writes
     * @param server host and port that the browser reaches; without it, none
     */
    static async start(folder: string, server = ""): Promise<WatchedBrowser> {
        const outside = new Outside();
        const port = await outside.start();
        const home = path.join(folder, "browser");
        mkdirSync(home);
        const args = [
            `--proxy-server=127.0.0.1:${port}`,
            // Not even other ports of this machine, which are else reached without the proxy.
            `--proxy-bypass-list=<-loopback>;${server}`,
            // Chromium's own sandbox does not work for root.
            ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
        ];
        const env = { PATH: process.env.PATH!, HOME: home, TMPDIR: home };
        const { TMPDIR } = process.env;
        // The only way to say where the profile is to be.
        process.env.TMPDIR = home;
        try {
            const options = { executablePath: browserProgram, args, env };
            return new WatchedBrowser(await chromium.launch(options), outside);
        } catch (error) {
            await outside.stop();
            throw error;
        } finally {
            if (TMPDIR === undefined) {
                delete process.env.TMPDIR;
            } else {
                process.env.TMPDIR = TMPDIR;
            }
        }
    }

    async stop(): Promise<void> {
        await this.browser.close();
        await this.outside.stop();
    }

    /**
     * Looks at pages as a person does who has never been there, and returns what they complained about, each once, in order.
     *
     * @throws what `look` throws, with the complaints until then
     */
    async visit({ name, allowed, options }: Visit, look: (tab: Page) => Promise<void>): Promise<string[]> {
        const [picture, failed] = ["", "-failed"].map((ending) => path.join(screenshots, `${name}${ending}.png`));
        [picture, failed].forEach((file) => rmSync(file, { force: true }));
        const before = this.outside.asked.length;
        const complaints = new Set<string>();
        const context = await this.browser.newContext({ locale: "en-US", ...options });
        try {
            listen(context, allowed, (complaint) => complaints.add(complaint));
            const tab = await context.newPage();
            try {
                await look(tab);
                // What is still under way may fail too. Not "networkidle", which a page with a shared worker never is.
                await sleep(500);
                await tab.screenshot({ path: picture, fullPage: true });
            } catch (error) {
                await tab.screenshot({ path: failed }).catch(() => undefined);
                throw new Error(`${(error as Error).message}\n${[...complaints].join("\n")}`, { cause: error });
            }
        } finally {
            await context.close();
        }
        return [...complaints, ...new Set(this.outside.asked.slice(before).map((host) => `outside: ${host}`))];
    }
}

/** Addresses below the allowed one are given without it, as its port differs from run to run. */
function listen(context: BrowserContext, allowed: string, complain: (complaint: string) => void): void {
    const short = (address: string) => (address.startsWith(allowed) ? address.slice(allowed.length - 1) : address);
    context.on("console", (message) => {
        if (message.type() === "error") {
            complain(`console: ${message.text()} (${short(message.location().url)})`);
        }
    });
    context.on("weberror", (error) => complain(`page error: ${error.error().message}`));
    context.on("request", (request) => {
        const address = request.url().replace(/^blob:/, "");
        if (!address.startsWith(allowed) && !address.startsWith("data:")) {
            complain(`request: ${address}`);
        }
    });
    context.on("requestfailed", (request) => {
        const reason = request.failure()?.errorText;
        // What a page itself cancels, as it no longer needs it, is no failure.
        if (reason !== "net::ERR_ABORTED") {
            complain(`failed: ${request.method()} ${short(request.url())} ${reason}`);
        }
    });
    context.on("response", (response) => {
        if (response.status() >= 400) {
            complain(`answer: ${response.status()} ${response.request().method()} ${short(response.url())}`);
        }
    });
}
