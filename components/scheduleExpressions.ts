import { type RunningHours, type WeekDay, weekDays, weeklyHours } from "../settings/runningHours";

/**
 * When EventBridge Scheduler acts: `cron(0 7 ? * MON,TUE *)`, in the schedule's own time zone.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 */
export function cronExpression(days: readonly WeekDay[], clock: string): string {
    const [hour, minute] = clock.split(":").map(Number);
    const on = days.length === weekDays.length ? "*" : days.map((day) => day.toUpperCase()).join(",");
    return `cron(${minute} ${hour} ? * ${on} *)`;
}

/** The two of a host: when it is started, and when it is stopped. */
export const scheduleExpressions = ({ days, from, to }: RunningHours): { start: string; stop: string } => ({
    start: cronExpression(days, from),
    stop: cronExpression(days, to),
});

/** Hours of a week between two such expressions; the inverse of `scheduleExpressions`. */
export function weeklyHoursBetween(start: string, stop: string): number {
    const read = (expression: string) => {
        const [, minute, hour, on] = /^cron\((\d+) (\d+) \? \* (\S+) \*\)$/.exec(expression)!;
        const days = weekDays.filter((day) => on === "*" || on.split(",").includes(day.toUpperCase()));
        return { days, clock: `${hour.padStart(2, "0")}:${minute.padStart(2, "0")}` };
    };
    const { days, clock } = read(start);
    return weeklyHours({ days, from: clock, to: read(stop).clock });
}
