import type { StackOutputs } from "../../commands/outputs";
import { meaningOf } from "./reasons";
import type { Report } from "./keepUp";

const seconds = (value: number) => `${value.toFixed(1)} s`;
const clock = () => new Date().toTimeString().slice(0, 8);

/** Lines for people; at a terminal the last of them says how it is now, and is replaced. */
export class Display {
    private hasStatus = false;

    constructor(private readonly stream: NodeJS.WriteStream = process.stdout) {}

    /** A line that stays. */
    line(text: string): void {
        this.clear();
        this.stream.write(`${text}\n`);
    }

    /** A line until the next one; nothing but at a terminal. */
    status(text: string): void {
        if (this.stream.isTTY) {
            this.clear();
            this.stream.write(text.slice(0, this.stream.columns - 1));
            this.hasStatus = true;
        }
    }

    clear(): void {
        if (this.hasStatus) {
            this.stream.write("\r\x1b[2K");
            this.hasStatus = false;
        }
    }
}

/** What is said about the tunnel, and once what to do with it. */
export function reportTo(display: Display, outputs: () => StackOutputs, address: string, exportLines: string): Report {
    let drops = 0;
    return {
        up: (version, took, dropped) => {
            if (dropped === undefined) {
                display.line(
                    [
                        `MLflow ${version} answers (${seconds(took)}): ${address}`,
                        "",
                        exportLines,
                        "Ctrl-C ends the tunnel.",
                    ].join("\n"),
                );
            } else {
                drops++;
                display.line(
                    `${clock()} Connected again after ${seconds(took)}. It had dropped: ${meaningOf(dropped, outputs())}`,
                );
            }
            display.status(`Up since ${clock()}${drops > 0 ? `, connected again ${drops} times` : ""}`);
        },
        down: (reason) => display.status(`Dropped: ${reason}. Connecting again...`),
        waiting: (reason, pause) =>
            display.line(`${clock()} Not connected: ${meaningOf(reason, outputs())}. Next attempt in ${pause} s`),
    };
}
