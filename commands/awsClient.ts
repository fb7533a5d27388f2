/** Without these, the SDK prints advice between the lines of a command. */
const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };

/** Of every AWS client: it gives up soon, for a person waits. */
export const clientOptions = (region: string) => ({
    region,
    maxAttempts: 2,
    logger: silent,
    requestHandler: { connectionTimeout: 4_000, requestTimeout: 8_000, throwOnRequestTimeout: true },
});
