import assert from "node:assert";
import type { ListObjectVersionsCommand, S3Client } from "@aws-sdk/client-s3";
import * as fc from "fast-check";
import { actionOf, type Entry, extended, type History } from "../../operating/history";
import { historiesOf, type Page, pagesOf } from "../../operating/listing";

// What brings one key back to a moment: for every kind of history, and however S3 cuts its listing into pages. Not proved here:
// that S3 lists as it says; restoreArtifacts.test.ts has the emulator do it.

const at = (second: number) => new Date(Date.UTC(2026, 10, 25, 10, 15, second));
const moment = at(10);

/** In the order in which it happened: a version by its content, a deletion by `-`; then the second. */
function entriesOf(key: string, ...events: [content: string, second: number][]): Entry[] {
    return events.map(([content, second], index) => ({
        key,
        versionId: `${key}${index}`,
        isMarker: content === "-",
        isLatest: index === events.length - 1,
        modified: at(second),
        etag: content === "-" ? undefined : content,
        size: content === "-" ? 0 : content.length,
    }));
}

/** Newest first, versions before markers: what the SDK makes of a page. */
const listed = (entries: Entry[]) => {
    const newestFirst = [...entries].reverse();
    return [...newestFirst.filter(({ isMarker }) => !isMarker), ...newestFirst.filter(({ isMarker }) => isMarker)];
};

const historyOf = (entries: Entry[]) =>
    listed(entries).reduce<History | undefined>((history, entry) => extended(history, entry, moment), undefined)!;

/** The action, and the number of the event that it brings back. */
function action(...events: [string, number][]): string {
    const entries = entriesOf("k", ...events);
    const found = actionOf(historyOf(entries));
    return "wanted" in found ? `${found.kind} ${entries.indexOf(found.wanted)}` : found.kind;
}

describe("what brings a key back to a moment", () => {
    for (const [expected, what, ...events] of [
        ["same", "written before", ["a", 5]],
        ["same", "written in the second of the moment", ["a", 10]],
        ["later", "written a second after", ["a", 11]],
        ["same", "overwritten before", ["a", 1], ["b", 5]],
        ["overwritten 0", "overwritten after", ["a", 5], ["b", 11]],
        ["overwritten 1", "overwritten before and after", ["a", 1], ["b", 5], ["c", 11], ["d", 12]],
        ["overwritten 1", "overwritten twice in one second before", ["a", 5], ["b", 5], ["c", 11]],
        ["same", "overwritten by the same", ["a", 5], ["a", 11]],
        ["same", "overwritten and written back", ["a", 5], ["b", 11], ["a", 12]],
        ["deleted 0", "deleted after", ["a", 5], ["-", 11]],
        ["deleted 1", "deleted twice after", ["a", 1], ["b", 5], ["-", 11], ["-", 12]],
        ["overwritten 0", "deleted after, and written anew", ["a", 5], ["-", 11], ["b", 12]],
        ["same", "deleted after, and written back", ["a", 5], ["-", 11], ["a", 12]],
        ["absent", "deleted before", ["a", 1], ["-", 5]],
        ["absent", "deleted in the second of the moment", ["a", 5], ["-", 10]],
        ["absent", "written and deleted in the second of the moment", ["a", 10], ["-", 10]],
        ["same", "deleted and written in the second of the moment", ["a", 5], ["-", 10], ["b", 10]],
        ["later", "deleted before, and written anew after", ["a", 1], ["-", 5], ["b", 11]],
        ["absent", "written and deleted after", ["a", 11], ["-", 12]],
        ["absent", "deleted before, and again after", ["a", 1], ["-", 5], ["b", 11], ["-", 12]],
        ["gone", "deleted after, what it was has expired", ["-", 11]],
        ["gone", "deleted after, what it was has expired, and written anew", ["-", 11], ["b", 12]],
        ["absent", "deleted before, what it was has expired", ["-", 5]],
        // S3's answer no longer tells the order of these two: the object wins.
        ["deleted 0", "written and deleted in one second before, and deleted after", ["a", 5], ["-", 5], ["-", 11]],
        [
            "overwritten 1",
            "deleted and written in one second before, and overwritten after",
            ["-", 5],
            ["a", 5],
            ["b", 11],
        ],
    ] as [string, string, ...[string, number][]][]) {
        it(`${expected}: ${what}`, () => assert.strictEqual(action(...events), expected));
    }

    it("is the same wherever the listing is cut into pages", async () => {
        const event = fc.tuple(fc.constantFrom("a", "b", "cc", "-"), fc.integer({ min: 0, max: 20 }));
        const events = fc.array(event, { minLength: 1, maxLength: 6 });
        const cut = fc.integer({ min: 1, max: 4 });
        await fc.assert(
            fc.asyncProperty(fc.array(events, { maxLength: 5 }), cut, fc.boolean(), async (keys, size, namesNext) => {
                const byKey = keys.map((some, index) =>
                    entriesOf(`key${index}`, ...some.sort(([, one], [, other]) => one - other)),
                );
                const all = byKey.flatMap((entries) => [...entries].reverse());
                const pages: Page[] = [];
                for (let start = 0; start < all.length; start += size) {
                    const entries = all.slice(start, start + size);
                    // S3's reference says the first key that is missing, its practice is the last one listed.
                    const marker = namesNext ? all[start + size] : entries.at(-1);
                    pages.push({
                        entries: listed([...entries].reverse()),
                        unfinishedKey: start + size < all.length ? marker?.key : undefined,
                    });
                }
                const found: History[] = [];
                for await (const history of historiesOf(pages, moment)) {
                    found.push(history);
                }
                const sorted = found.sort((one, other) => (one.now.key < other.now.key ? -1 : 1));
                assert.deepStrictEqual(sorted.map(actionOf), byKey.map(historyOf).map(actionOf));
            }),
        );
    });

    it("asks for the next page by both markers: by the key alone, S3 would leave out its other versions", async () => {
        const asked: unknown[] = [];
        const answers = [{ IsTruncated: true, NextKeyMarker: "artifacts/k", NextVersionIdMarker: "v" }, {}];
        const send = ({ input }: ListObjectVersionsCommand) => {
            asked.push([input.Prefix, input.KeyMarker, input.VersionIdMarker]);
            return Promise.resolve(answers[asked.length - 1]);
        };
        const pages: Page[] = [];
        for await (const page of pagesOf({ send } as unknown as S3Client, {
            bucket: "b",
            prefix: "artifacts",
            moment,
        })) {
            pages.push(page);
        }
        assert.deepStrictEqual(asked, [
            ["artifacts/", undefined, undefined],
            ["artifacts/", "artifacts/k", "v"],
        ]);
        assert.deepStrictEqual(pages, [
            { entries: [], unfinishedKey: "artifacts/k" },
            { entries: [], unfinishedKey: undefined },
        ]);
    });
});
