// Parts of pages that a command writes, each between two markers that name it.

/** Which part, and the command that writes it, such as `npm run docs`. */
export interface Part {
    readonly name: string;
    readonly command: string;
}

const markers = ({ name, command }: Part) =>
    [`<!-- ${name}: written by ${command} -->`, `<!-- end of ${name} -->`] as const;

/** What stands between the markers, and what before and after them. */
export function split(page: string, part: Part): { before: string; text: string; after: string } {
    const [begin, end] = markers(part);
    const [before, rest] = page.split(begin);
    const [text, after] = rest?.split(end) ?? [];
    if (after === undefined) {
        throw new Error(`the page needs the lines ${begin} and ${end}`);
    }
    return { before, text: text.trim(), after };
}

/** The page with another text between the markers. */
export function withPart(page: string, part: Part, text: string): string {
    const [begin, end] = markers(part);
    const { before, after } = split(page, part);
    return `${before}${begin}\n\n${text}\n\n${end}${after}`;
}
