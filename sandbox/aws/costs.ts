import * as budgets from "@aws-sdk/client-budgets";
import * as scheduler from "@aws-sdk/client-scheduler";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import {
    type Clients,
    type Handlers,
    type Inputs,
    type ResourceHandler,
    tagList,
    tagsFrom,
    tagsGone,
    unlessGone,
} from "./handlers";

// Running hours and the budget.

const group: ResourceHandler = {
    async create({ scheduler: client }, { name, tags }, autoName) {
        const Name = (name ?? autoName) as string;
        const { ScheduleGroupArn } = await client.send(
            new scheduler.CreateScheduleGroupCommand({ Name, Tags: tagList(tags) }),
        );
        return { id: Name, name: Name, arn: ScheduleGroupArn };
    },
    async update({ scheduler: client }, _, inputs, old) {
        const ResourceArn = old.arn as string;
        const TagKeys = tagsGone(old, inputs);
        if (TagKeys.length > 0) {
            await client.send(new scheduler.UntagResourceCommand({ ResourceArn, TagKeys }));
        }
        await client.send(new scheduler.TagResourceCommand({ ResourceArn, Tags: tagList(inputs.tags) }));
    },
    async read({ scheduler: client }, Name, state) {
        const found = await unlessGone(client.send(new scheduler.GetScheduleGroupCommand({ Name })));
        if (!found) {
            return undefined;
        }
        const { Tags } = await client.send(new scheduler.ListTagsForResourceCommand({ ResourceArn: found.Arn }));
        return { ...state, tags: tagsFrom(Tags) };
    },
    delete: ({ scheduler: client }, Name) =>
        unlessGone(client.send(new scheduler.DeleteScheduleGroupCommand({ Name }))),
};

const scheduleOf = (inputs: Inputs) => ({
    GroupName: inputs.groupName as string,
    ScheduleExpression: inputs.scheduleExpression as string,
    ScheduleExpressionTimezone: inputs.scheduleExpressionTimezone as string,
    FlexibleTimeWindow: { Mode: inputs.flexibleTimeWindow.mode as scheduler.FlexibleTimeWindowMode },
    Target: {
        Arn: inputs.target.arn as string,
        RoleArn: inputs.target.roleArn as string,
        Input: inputs.target.input as string,
        RetryPolicy: {
            MaximumEventAgeInSeconds: inputs.target.retryPolicy.maximumEventAgeInSeconds as number,
            MaximumRetryAttempts: inputs.target.retryPolicy.maximumRetryAttempts as number,
        },
    },
});

/** The provider's id is `<group>/<name>`. */
const placeOf = (id: string) => {
    const [GroupName, Name] = id.split("/");
    return { GroupName, Name };
};

const schedule: ResourceHandler = {
    async create({ scheduler: client }, inputs, autoName) {
        const Name = (inputs.name ?? autoName) as string;
        await client.send(new scheduler.CreateScheduleCommand({ Name, ...scheduleOf(inputs) }));
        return { id: `${inputs.groupName}/${Name}`, name: Name };
    },
    update: ({ scheduler: client }, id, inputs) =>
        client.send(new scheduler.UpdateScheduleCommand({ ...scheduleOf(inputs), Name: placeOf(id).Name })),
    async read({ scheduler: client }, id, state) {
        const found = await unlessGone(client.send(new scheduler.GetScheduleCommand(placeOf(id))));
        return (
            found && {
                ...state,
                scheduleExpression: found.ScheduleExpression,
                scheduleExpressionTimezone: found.ScheduleExpressionTimezone,
                target: { ...state.target, input: found.Target!.Input, roleArn: found.Target!.RoleArn },
            }
        );
    },
    delete: ({ scheduler: client }, id) => unlessGone(client.send(new scheduler.DeleteScheduleCommand(placeOf(id)))),
};

const accountOf = async ({ sts }: Clients) => (await sts.send(new GetCallerIdentityCommand({}))).Account!;

async function createBudget(clients: Clients, inputs: Inputs, BudgetName: string): Promise<string> {
    const AccountId = await accountOf(clients);
    await clients.budgets.send(
        new budgets.CreateBudgetCommand({
            AccountId,
            Budget: {
                BudgetName,
                BudgetType: inputs.budgetType,
                TimeUnit: inputs.timeUnit,
                BudgetLimit: { Amount: inputs.limitAmount, Unit: inputs.limitUnit },
                CostFilters: Object.fromEntries(
                    (inputs.costFilters as { name: string; values: string[] }[]).map(({ name, values }) => [
                        name,
                        values,
                    ]),
                ),
            },
            NotificationsWithSubscribers: (inputs.notifications as Inputs[]).map((notification) => ({
                Notification: {
                    NotificationType: notification.notificationType,
                    ComparisonOperator: notification.comparisonOperator,
                    Threshold: notification.threshold,
                    ThresholdType: notification.thresholdType,
                },
                Subscribers: (notification.subscriberEmailAddresses as string[]).map((Address) => ({
                    SubscriptionType: "EMAIL" as const,
                    Address,
                })),
            })),
        }),
    );
    return `${AccountId}:${BudgetName}`;
}

const budgetAt = (id: string) => {
    const [AccountId, BudgetName] = id.split(":");
    return { AccountId, BudgetName };
};

const budget: ResourceHandler = {
    async create(clients, inputs, autoName) {
        const name = (inputs.name ?? autoName) as string;
        return { id: await createBudget(clients, inputs, name), name };
    },
    /** The emulator changes no budget and tags none: it is made anew under the same name. */
    async update(clients, id, inputs) {
        await clients.budgets.send(new budgets.DeleteBudgetCommand(budgetAt(id)));
        await createBudget(clients, inputs, budgetAt(id).BudgetName);
    },
    async read({ budgets: client }, id, state) {
        const found = await unlessGone(client.send(new budgets.DescribeBudgetCommand(budgetAt(id))));
        // AWS answers `25.0` to `25`.
        return found && { ...state, limitAmount: String(Number(found.Budget!.BudgetLimit!.Amount)) };
    },
    delete: ({ budgets: client }, id) => unlessGone(client.send(new budgets.DeleteBudgetCommand(budgetAt(id)))),
};

export const costHandlers: Handlers = {
    resources: {
        "aws:scheduler/scheduleGroup:ScheduleGroup": group,
        "aws:scheduler/schedule:Schedule": schedule,
        "aws:budgets/budget:Budget": budget,
    },
    lookup: {},
};
