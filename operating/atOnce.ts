/** Does the work for every item, for this many at the same time; the items are taken only when their turn has come. */
export async function atOnce<Item>(
    count: number,
    items: Iterator<Item> | AsyncIterator<Item>,
    work: (item: Item) => Promise<void>,
): Promise<void> {
    let failed = false;
    const worker = async () => {
        try {
            for (let next = await items.next(); !next.done && !failed; next = await items.next()) {
                await work(next.value);
            }
        } catch (error) {
            failed = true; // the others end what they do, and begin nothing new
            throw error;
        }
    };
    const results = await Promise.allSettled(Array.from({ length: count }, worker));
    const fault = results.find((result) => result.status === "rejected");
    if (fault) {
        throw fault.reason;
    }
}
