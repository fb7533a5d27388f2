import type { Rights } from "./rights";

/** Running hours and the budget. */
export const costRights = {
    "aws:scheduler/scheduleGroup:ScheduleGroup": {
        read: { scheduleGroup: ["scheduler:GetScheduleGroup", "scheduler:ListTagsForResource"] },
        change: {
            scheduleGroup: [
                "scheduler:CreateScheduleGroup",
                "scheduler:DeleteScheduleGroup",
                "scheduler:TagResource",
                "scheduler:UntagResource",
            ],
        },
    },
    "aws:scheduler/schedule:Schedule": {
        read: { schedules: ["scheduler:GetSchedule"] },
        change: {
            schedules: ["scheduler:CreateSchedule", "scheduler:UpdateSchedule", "scheduler:DeleteSchedule"],
            passedHoursRole: ["iam:PassRole"],
        },
    },
    "aws:budgets/budget:Budget": {
        read: { budget: ["budgets:ViewBudget", "budgets:ListTagsForResource"] },
        change: { budget: ["budgets:ModifyBudget", "budgets:TagResource", "budgets:UntagResource"] },
    },
} as const satisfies Record<string, Rights>;
