/** Milliseconds in which a signal is the echo of the one before: npm passes on what the terminal has sent to every process. */
const echo = 1_000;

/** What a signal means to a command. */
export type Meaning = "end" | "echo" | "leave";

/** Tells the first wish to end from its echo, and from the second one. */
export class Interrupts {
    private first: number | undefined;

    /** @param now milliseconds of a clock that only goes forward */
    hear(now: number): Meaning {
        if (this.first === undefined) {
            this.first = now;
            return "end";
        }
        return now - this.first < echo ? "echo" : "leave";
    }
}
