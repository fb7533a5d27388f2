import {
    DescribeInstancesCommand,
    DescribeRouteTablesCommand,
    type Instance,
    type RouteTable,
} from "@aws-sdk/client-ec2";
import { DescribeInstanceInformationCommand } from "@aws-sdk/client-ssm";
import { attachRoleCommand } from "../../handover/existingInstance";
import { whySleeping } from "../../settings/runningHours";
import { look } from "./awsAnswers";
import { type Check, failed, type Finding, ok } from "./check";
import { type Context, once } from "./context";

// The instance from AWS's side. Teammates may not look there: an operator's profile sees it.

/** Absent where there is none of this id. */
const instanceOf = once(async ({ aws: { ec2 }, outputs: { instanceId } }): Promise<Instance | undefined> => {
    try {
        const answer = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [instanceId] }));
        return answer.Reservations?.[0]?.Instances?.[0];
    } catch (error) {
        if ((error as Error).name === "InvalidInstanceID.NotFound") {
            return undefined;
        }
        throw error;
    }
});

const lookAtInstance = (context: Context, judge: (instance: Instance | undefined) => Finding) =>
    look(context, "ec2:DescribeInstances", instanceOf(context), judge);

async function judgeState(context: Context): Promise<Finding> {
    const sleeping = whySleeping(context.outputs.runningHours, context.now);
    const finding = await lookAtInstance(context, (instance) => {
        const { instanceId, region, stack } = context.outputs;
        const state = instance?.State?.Name ?? "terminated";
        if (state === "running") {
            return ok(`${instanceId} is running`);
        }
        return ["terminated", "shutting-down"].includes(state)
            ? failed(
                  `${instanceId} ${instance ? `is ${state}` : "does not exist"}`,
                  `read the outputs again, for it may be replaced; else, operators: pulumi up --stack ${stack}`,
              )
            : failed(
                  `${instanceId} is ${state}${sleeping ? `: ${sleeping}` : ""}`,
                  `${sleeping ? "wait; or, " : ""}operators: aws ec2 start-instances --region ${region} --instance-ids ${instanceId}`,
              );
    });
    // Whoever may not look is told what the clock says.
    return finding.verdict === "not visible" && sleeping
        ? { ...finding, evidence: `${finding.evidence}; at this time it should be stopped: ${sleeping}` }
        : finding;
}

const judgeRole = (context: Context) =>
    lookAtInstance(context, (instance) => {
        const { instanceId, instanceProfileName, region } = context.outputs;
        const attached = instance?.IamInstanceProfile?.Arn?.split("/").at(-1);
        return attached === instanceProfileName
            ? ok(attached)
            : failed(
                  `${instanceId} has ${attached ? `the instance profile ${attached}` : "no instance profile"}, not ${instanceProfileName}`,
                  attached
                      ? "operators: pulumi up; for an existing instance, aws ec2 replace-iam-instance-profile-association"
                      : attachRoleCommand(instanceId, instanceProfileName, region),
              );
    });

function judgeSessionManager(context: Context): Promise<Finding> | Finding {
    const { accessMode, instanceId } = context.outputs;
    if (accessMode === "ssh") {
        return ok("not needed: the tunnel goes over SSH");
    }
    const Filters = [{ Key: "InstanceIds", Values: [instanceId] }];
    const answer = context.aws.ssm.send(new DescribeInstanceInformationCommand({ Filters }));
    return look(context, "ssm:DescribeInstanceInformation", answer, ({ InstanceInformationList = [] }) => {
        const { PingStatus, AgentVersion } = InstanceInformationList[0] ?? {};
        return PingStatus === "Online"
            ? ok(`online, agent ${AgentVersion}`)
            : failed(
                  PingStatus
                      ? `${instanceId} is known, but ${PingStatus}`
                      : `Session Manager does not know ${instanceId}`,
                  "wait three minutes after a start; else the role (instance-role) or the way out (outbound-route) is missing",
              );
    });
}

/** Of the instance's subnet: its own, or else the main one of the network. */
async function routesOf({ aws: { ec2 } }: Context, { SubnetId, VpcId }: Instance): Promise<RouteTable | undefined> {
    const tables = async (...filters: [Name: string, value: string | undefined][]) => {
        const Filters = filters.map(([Name, value]) => ({ Name, Values: [value ?? ""] }));
        return (await ec2.send(new DescribeRouteTablesCommand({ Filters }))).RouteTables ?? [];
    };
    const [own] = await tables(["association.subnet-id", SubnetId]);
    return own ?? (await tables(["vpc-id", VpcId], ["association.main", "true"]))[0];
}

const judgeRoute = (context: Context) =>
    look(
        context,
        "ec2:DescribeInstances and ec2:DescribeRouteTables",
        instanceOf(context).then(async (instance) => ({
            instance,
            table: instance && (await routesOf(context, instance)),
        })),
        ({ instance, table }) => {
            const route = table?.Routes?.find(({ DestinationCidrBlock }) => DestinationCidrBlock === "0.0.0.0/0");
            const target =
                route?.GatewayId ?? route?.NatGatewayId ?? route?.TransitGatewayId ?? route?.NetworkInterfaceId;
            const place = `route table ${table?.RouteTableId ?? "(none)"} of subnet ${instance?.SubnetId}`;
            if (!target || route?.State !== "active") {
                return failed(
                    target
                        ? `${place}: 0.0.0.0/0 leads to ${target}, which is gone`
                        : `${place} has no route for 0.0.0.0/0`,
                    "operators: a route to an internet gateway or a NAT gateway, or another subnet (subnetId)",
                );
            }
            return target.startsWith("igw-") && !instance?.PublicIpAddress
                ? failed(
                      `0.0.0.0/0 leads to ${target}, but the instance has no public address`,
                      "operators: an Elastic IP address for the instance, or a subnet with a NAT gateway (subnetId)",
                  )
                : ok(`0.0.0.0/0 leads to ${target}`);
        },
    );

export const instanceChecks: readonly Check[] = [
    {
        id: "instance",
        title: "The instance runs",
        looksFor: "an instance that is stopped, gone or replaced",
        remedy: "start it, or read the outputs again",
        after: ["account"],
        run: judgeState,
    },
    {
        id: "instance-role",
        title: "The server's role is attached to it",
        looksFor: "another instance profile than the stack's, or none",
        remedy: "`attachRoleCommand`, or `pulumi up`",
        after: ["instance"],
        run: judgeRole,
    },
    {
        id: "session-manager",
        title: "Session Manager sees it",
        looksFor: "an instance whose agent is not online (not needed with SSH)",
        remedy: "wait three minutes after a start; then look at role and route",
        after: ["instance"],
        run: judgeSessionManager,
    },
    {
        id: "outbound-route",
        title: "It has a way out to the internet",
        looksFor: "a subnet without a working default route, or an internet gateway without a public address",
        remedy: "operators: a route to an internet or NAT gateway",
        after: ["instance"],
        run: judgeRoute,
    },
];
