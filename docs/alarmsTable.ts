import { alarmTable, duration } from "../components/alarmTable";
import { withPart } from "./part";
import { markdownTable } from "./table";

/** With every part that a stack may have. */
const rules = alarmTable({
    dailyBackup: true,
    sleeps: false,
    database: { identifier: "", storageGib: 1, maxConnections: 1 },
});

const alarmsTable = (): string =>
    markdownTable(
        ["Alarm", "What is wrong", "For how long", "What to do"],
        rules.map((rule) => [`\`${rule.name}\``, rule.wrong, duration(rule), rule.remedy]),
    );

/** The page on monitoring with its table as it should be. */
export const withAlarmsTable = (page: string): string =>
    withPart(page, { name: "alarms", command: "npm run docs" }, alarmsTable());
