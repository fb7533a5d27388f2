import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { Marked } from "marked";

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

const marked = new Marked({
    renderer: {
        // The page's own text has none, so this would be something that a value brought in.
        html: ({ text }) => escaped(text),
        // For links within the page. Headings of the second level have no values in them.
        heading({ tokens, depth, text }) {
            const id = depth === 2 ? ` id="${text.toLowerCase().replace(/[^a-z0-9]+/g, "-")}"` : "";
            return `<h${depth}${id}>${this.parser.parseInline(tokens)}</h${depth}>\n`;
        },
    },
});

/**
 * The page as one file: no script, no request, nothing from outside, and the browser is told to keep it so.
 *
 * @param title for the browser's tab
 */
export function htmlOf(markdown: string, title: string): string {
    const style = readFileSync(path.join(__dirname, "page.css"), "utf8");
    const hash = createHash("sha256").update(style).digest("base64");
    const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
    return [
        "<!doctype html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        `<title>${escaped(title)}</title>`,
        `<style>${style}</style>`,
        "</head>",
        "<body>",
        "<main>",
        `${marked.parse(markdown, { async: false }).trimEnd()}`,
        "</main>",
        "</body>",
        "</html>",
        "",
    ].join("\n");
}
