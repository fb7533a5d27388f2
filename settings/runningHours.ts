// When a stack's host runs: on some days of the week, from one time to another of the same day, in one time zone.

export const weekDays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"] as const;
export type WeekDay = (typeof weekDays)[number];

export interface RunningHours {
    /** In the order of the week that the text names them in. */
    readonly days: readonly WeekDay[];
    /** `07:00` */
    readonly from: string;
    readonly to: string;
}

const time = "(?:[01]\\d|2[0-3]):[0-5]\\d";
const day = `(?:${weekDays.join("|")})`;
const pattern = new RegExp(`^(?:(${day})(?:-(${day}))? )?(${time})-(${time})$`);

/** Of `Mon-Fri 07:00-19:00`, `Sat 10:00-14:00` or `07:00-19:00` (every day); absent where the text is none of these. */
export function parseRunningHours(text: string): RunningHours | undefined {
    const [matched, first, last = first, from, to] = pattern.exec(text) ?? [];
    return matched === undefined || from >= to ? undefined : { days: daysBetween(first, last), from, to };
}

function daysBetween(first: string | undefined, last: string | undefined): readonly WeekDay[] {
    if (first === undefined) {
        return weekDays;
    }
    const start = weekDays.indexOf(first as WeekDay);
    const count = ((weekDays.indexOf(last as WeekDay) - start + 7) % 7) + 1;
    return Array.from({ length: count }, (_, index) => weekDays[(start + index) % 7]);
}

/** Whether the name is one that the time zone database has, as EventBridge Scheduler wants it (`Europe/Berlin`, `UTC`). */
export function isTimeZone(name: string): boolean {
    if (!/^[A-Za-z][A-Za-z0-9+_/-]{0,49}$/.test(name)) {
        return false;
    }
    try {
        const known = new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone;
        // Intl takes `europe/berlin` for `Europe/Berlin`; the scheduler does not. Another name for the same zone is fine.
        return known === name || known.toLowerCase() !== name.toLowerCase();
    } catch {
        return false;
    }
}

const minutesOf = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));

/** Hours of a week in which it runs. */
export const weeklyHours = ({ days, from, to }: RunningHours): number =>
    (days.length * (minutesOf(to) - minutesOf(from))) / 60;

/** Day and time on the clocks of a time zone. */
function localTime(moment: Date, timeZone: string): { day: WeekDay; clock: string } {
    const parts = new Intl.DateTimeFormat("en-GB", {
        timeZone,
        weekday: "short",
        hour: "2-digit",
        minute: "2-digit",
        hourCycle: "h23",
    }).formatToParts(moment);
    const part = (type: string) => parts.find((found) => found.type === type)!.value;
    return { day: part("weekday") as WeekDay, clock: `${part("hour")}:${part("minute")}` };
}

/** Whether the host runs at the moment. */
export function isRunningAt(hours: RunningHours, timeZone: string, moment: Date): boolean {
    const { day: today, clock } = localTime(moment, timeZone);
    return hours.days.includes(today) && hours.from <= clock && clock < hours.to;
}

/** When it starts next, as people say it: `Mon 07:00`. */
export function nextStart(hours: RunningHours, timeZone: string, moment: Date): string {
    const { day: today, clock } = localTime(moment, timeZone);
    const later = weekDays.indexOf(today) + (clock < hours.from ? 0 : 1);
    const next = Array.from({ length: 7 }, (_, index) => weekDays[(later + index) % 7]).find((candidate) =>
        hours.days.includes(candidate),
    );
    return `${next} ${hours.from}`;
}

/** Minutes that the host may take after the time of `securityUpdates` (host/systemd/mlflow-updates.timer), and for the updates. */
const updateMinutes = 60;

/** Days on which the offset of a zone is that of winter and of summer, whichever is which. */
const seasons = ["2026-01-12", "2026-07-13"];

/**
 * Whether the host runs at a time in UTC, such as `Sun 03:00` or `03:00` (on one day at least), and for as long as updates take,
 * in winter and in summer.
 */
export function coversUpdates(hours: RunningHours, timeZone: string, updates: string): boolean {
    const [, on, clock] = /^(?:(\w{3}) )?(\d\d:\d\d)$/.exec(updates)!;
    return seasons.every((monday) =>
        weekDays.some((candidate, index) => {
            const start = Date.parse(`${monday}T${clock}:00Z`) + index * 86_400_000;
            const runs = (minutes: number) => isRunningAt(hours, timeZone, new Date(start + minutes * 60_000));
            return (on === undefined || candidate === on) && runs(0) && runs(updateMinutes);
        }),
    );
}

/** When a stack runs, as its output `runningHours` says it: `Mon-Fri 07:00-19:00 Europe/Berlin`. */
export const shownHours = (text: string, timeZone: string): string => `${text} ${timeZone}`;

/** What the output says: hours and time zone; absent where it says nothing. */
export function parseShownHours(shown: string | undefined): { hours: RunningHours; timeZone: string } | undefined {
    const [, text, timeZone] = /^(.+) (\S+)$/.exec(shown ?? "") ?? [];
    const hours = text === undefined ? undefined : parseRunningHours(text);
    return hours && isTimeZone(timeZone) ? { hours, timeZone } : undefined;
}

/**
 * Why a stopped host is stopped, where its hours say so: `it runs Mon-Fri 07:00-19:00 UTC, next from Mon 07:00`.
 *
 * @param shown the stack's output `runningHours`
 */
export function whySleeping(shown: string | undefined, now: Date): string | undefined {
    const known = parseShownHours(shown);
    return known && !isRunningAt(known.hours, known.timeZone, now)
        ? `it runs ${shown}, next from ${nextStart(known.hours, known.timeZone, now)}`
        : undefined;
}
