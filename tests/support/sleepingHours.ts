import { weekDays } from "../../settings/runningHours";

/** The day after tomorrow in UTC: whatever the time, a host with these hours sleeps for as long as a test takes. */
const dayAfterTomorrow = weekDays[(new Date().getUTCDay() + 1) % 7];

export const sleepingHours = `${dayAfterTomorrow} 00:00-23:59`;
/** As the output of the stack says it. */
export const shownSleepingHours = `${sleepingHours} UTC`;
/** What is said of a host that they have stopped. */
export const whyItSleeps = `it runs ${shownSleepingHours}, next from ${dayAfterTomorrow} 00:00`;
