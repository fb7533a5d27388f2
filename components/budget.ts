import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { token } from "./token";

export interface BudgetArgs {
    /** USD a month. */
    readonly limit: number;
    /** Who gets the notices. */
    readonly email: string;
    /** Value of the tag `Environment` by which the stack's costs are known. */
    readonly environment: string;
    readonly tags: Record<string, string>;
}

/** When a notice is sent, in percent of the limit. */
const thresholds = [
    { notificationType: "ACTUAL", threshold: 80 },
    { notificationType: "ACTUAL", threshold: 100 },
    { notificationType: "FORECASTED", threshold: 100 },
] as const;

/**
 * Notices when the month's costs come near the limit. It sees what bears the tag `Environment`, once the account that pays has
 * activated that as a cost allocation tag (docs/cost.md), and it stops nothing.
 */
export class Budget extends pulumi.ComponentResource {
    constructor(name: string, args: BudgetArgs, opts?: pulumi.ComponentResourceOptions) {
        super(token("Budget"), name, {}, opts);
        new aws.budgets.Budget(
            `${name}-monthly`,
            {
                budgetType: "COST",
                timeUnit: "MONTHLY",
                limitAmount: String(args.limit),
                limitUnit: "USD",
                // A tag that users give has this prefix in bills.
                costFilters: [{ name: "TagKeyValue", values: [`user:Environment$${args.environment}`] }],
                notifications: thresholds.map(({ notificationType, threshold }) => ({
                    notificationType,
                    threshold,
                    thresholdType: "PERCENTAGE",
                    comparisonOperator: "GREATER_THAN",
                    subscriberEmailAddresses: [args.email],
                })),
                tags: args.tags,
            },
            { parent: this },
        );
        this.registerOutputs({});
    }
}
