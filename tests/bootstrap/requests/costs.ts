import { account, type Asks, each, region, text } from "./request";

const scheduler = (path: string) => `arn:aws:scheduler:${region}:${account}:${path}`;

/** Running hours and the budget. */
export const costs: Readonly<Record<string, Asks>> = {
    "aws:scheduler/scheduleGroup:ScheduleGroup": ({ name }) => {
        const group = scheduler(`schedule-group/${name}-0a1b2c3`);
        return {
            create: each(["scheduler:CreateScheduleGroup", "scheduler:TagResource"], group),
            read: each(["scheduler:GetScheduleGroup", "scheduler:ListTagsForResource"], group),
            update: each(["scheduler:TagResource", "scheduler:UntagResource"], group),
            delete: each(["scheduler:DeleteScheduleGroup"], group),
        };
    },
    "aws:scheduler/schedule:Schedule": ({ name, inputs }) => {
        const schedule = scheduler(`schedule/${text(inputs.groupName)}/${name}-0a1b2c3`);
        const { roleArn } = inputs.target as { roleArn: string };
        const pass = each(["iam:PassRole"], roleArn, { "iam:PassedToService": "scheduler.amazonaws.com" });
        return {
            create: [...each(["scheduler:CreateSchedule"], schedule), ...pass],
            read: each(["scheduler:GetSchedule"], schedule),
            update: [...each(["scheduler:UpdateSchedule"], schedule), ...pass],
            delete: each(["scheduler:DeleteSchedule"], schedule),
        };
    },
    // Budget, notifications and their subscribers are one resource to IAM.
    "aws:budgets/budget:Budget": ({ name }) => {
        const budget = `arn:aws:budgets::${account}:budget/${name}-0a1b2c3`;
        return {
            create: each(["budgets:ModifyBudget", "budgets:TagResource"], budget),
            read: each(["budgets:ViewBudget", "budgets:ListTagsForResource"], budget),
            update: each(["budgets:ModifyBudget", "budgets:TagResource", "budgets:UntagResource"], budget),
            delete: each(["budgets:ModifyBudget"], budget),
        };
    },
};
