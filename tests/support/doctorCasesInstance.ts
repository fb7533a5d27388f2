import * as ec2 from "@aws-sdk/client-ec2";
import { defaultRoute, managed, managedDenied } from "./doctorAws";
import type { Case, DoctorScene } from "./doctorScene";
import { shownSleepingHours, whyItSleeps } from "./sleepingHours";

/** In the default network, and with no address outside it. */
async function startPrivateInstance(clients: DoctorScene["stack"]["clients"]): Promise<string> {
    const { Images } = await clients.ec2.send(new ec2.DescribeImagesCommand({}));
    const { Subnets } = await clients.ec2.send(new ec2.DescribeSubnetsCommand({}));
    const { Instances } = await clients.ec2.send(
        new ec2.RunInstancesCommand({
            ImageId: Images![0].ImageId,
            InstanceType: "t4g.nano",
            NetworkInterfaces: [{ DeviceIndex: 0, SubnetId: Subnets![0].SubnetId, AssociatePublicIpAddress: false }],
            MinCount: 1,
            MaxCount: 1,
        }),
    );
    return Instances![0].InstanceId!;
}

/** What AWS shows of the instance, and hides. */
export async function instanceCases({ outputs, stack: { clients } }: DoctorScene): Promise<Case[]> {
    const privateInstance = await startPrivateInstance(clients);
    const { instanceId, instanceProfileName, region, stack, profileName } = outputs;
    const operator = { profile: "operator" };
    const unseen = (id: string, action: string): Case => ({
        id,
        when: "the profile may not look",
        verdict: "not visible",
        evidence: new RegExp(`^profile ${profileName} has no right to ${action}$`),
        remedy: `an operator sees it: npm run doctor -- ${stack} --profile <operator's profile>`,
    });
    const InstanceIds = [instanceId];
    const wait =
        "wait three minutes after a start; else the role (instance-role) or the way out (outbound-route) is missing";
    return [
        {
            id: "instance",
            when: "it runs",
            verdict: "ok",
            evidence: new RegExp(`^${instanceId} is running$`),
            ...operator,
        },
        {
            id: "instance",
            when: "it is stopped",
            verdict: "failed",
            evidence: new RegExp(`^${instanceId} is stopped$`),
            remedy: `operators: aws ec2 start-instances --region ${region} --instance-ids ${instanceId}`,
            ...operator,
            prepare: async () => {
                await clients.ec2.send(new ec2.StopInstancesCommand({ InstanceIds }));
                return () => clients.ec2.send(new ec2.StartInstancesCommand({ InstanceIds }));
            },
        },
        {
            id: "instance",
            when: "its hours have stopped it",
            verdict: "failed",
            evidence: new RegExp(`^${instanceId} is stopped: ${whyItSleeps}$`),
            remedy: `wait; or, operators: aws ec2 start-instances --region ${region} --instance-ids ${instanceId}`,
            outputs: { runningHours: shownSleepingHours },
            ...operator,
            prepare: async () => {
                await clients.ec2.send(new ec2.StopInstancesCommand({ InstanceIds }));
                return () => clients.ec2.send(new ec2.StartInstancesCommand({ InstanceIds }));
            },
        },
        {
            id: "instance",
            when: "it runs outside of its hours",
            verdict: "ok",
            evidence: new RegExp(`^${instanceId} is running$`),
            outputs: { runningHours: shownSleepingHours },
            ...operator,
        },
        {
            id: "instance",
            when: "it should be stopped, and the profile may not look",
            verdict: "not visible",
            evidence: new RegExp(
                `^profile ${profileName} has no right to ec2:DescribeInstances; at this time it should be stopped: ${whyItSleeps}$`,
            ),
            outputs: { runningHours: shownSleepingHours },
            remedy: `an operator sees it: npm run doctor -- ${stack} --profile <operator's profile>`,
        },
        {
            id: "instance",
            when: "it is replaced",
            verdict: "failed",
            evidence: /^i-0fedcba9876543210 does not exist$/,
            remedy: `read the outputs again, for it may be replaced; else, operators: pulumi up --stack ${stack}`,
            outputs: { instanceId: "i-0fedcba9876543210" },
            ...operator,
        },
        unseen("instance", "ec2:DescribeInstances"),

        {
            id: "instance-role",
            when: "it is",
            verdict: "ok",
            evidence: new RegExp(`^${instanceProfileName}$`),
            ...operator,
        },
        {
            id: "instance-role",
            when: "another is",
            verdict: "failed",
            evidence: new RegExp(`has the instance profile ${instanceProfileName}, not another-profile$`),
            remedy: "operators: pulumi up; for an existing instance, aws ec2 replace-iam-instance-profile-association",
            outputs: { instanceProfileName: "another-profile" },
            ...operator,
        },
        {
            id: "instance-role",
            when: "none is",
            verdict: "failed",
            evidence: new RegExp(`^${instanceId} has no instance profile, not ${instanceProfileName}$`),
            remedy:
                `aws ec2 associate-iam-instance-profile --region ${region} --instance-id ${instanceId} ` +
                `--iam-instance-profile Name=${instanceProfileName}`,
            ...operator,
            prepare: async () => {
                const Filters = [{ Name: "instance-id", Values: InstanceIds }];
                const associations = await clients.ec2.send(
                    new ec2.DescribeIamInstanceProfileAssociationsCommand({ Filters }),
                );
                const { AssociationId } = associations.IamInstanceProfileAssociations![0];
                await clients.ec2.send(new ec2.DisassociateIamInstanceProfileCommand({ AssociationId }));
                const back = { InstanceId: instanceId, IamInstanceProfile: { Name: instanceProfileName } };
                return () => clients.ec2.send(new ec2.AssociateIamInstanceProfileCommand(back));
            },
        },
        unseen("instance-role", "ec2:DescribeInstances"),

        {
            id: "session-manager",
            when: "it is online",
            verdict: "ok",
            evidence: /^online, agent 3\.3\.0$/,
            standIns: managed({ InstanceId: instanceId, PingStatus: "Online", AgentVersion: "3.3.0" }),
            ...operator,
        },
        {
            id: "session-manager",
            when: "the connection is lost",
            verdict: "failed",
            evidence: new RegExp(`^${instanceId} is known, but ConnectionLost$`),
            remedy: wait,
            standIns: managed({ InstanceId: instanceId, PingStatus: "ConnectionLost" }),
            ...operator,
        },
        {
            id: "session-manager",
            when: "it is not known",
            verdict: "failed",
            evidence: new RegExp(`^Session Manager does not know ${instanceId}$`),
            remedy: wait,
            standIns: managed(),
            ...operator,
        },
        {
            id: "session-manager",
            when: "the tunnel goes over SSH",
            verdict: "ok",
            evidence: /^not needed: the tunnel goes over SSH$/,
            outputs: { accessMode: "ssh" },
        },
        { ...unseen("session-manager", "ssm:DescribeInstanceInformation"), standIns: managedDenied },

        {
            id: "outbound-route",
            when: "there is none",
            verdict: "failed",
            evidence: /^route table rtb-\w+ of subnet subnet-\w+ has no route for 0\.0\.0\.0\/0$/,
            remedy: "operators: a route to an internet gateway or a NAT gateway, or another subnet (subnetId)",
            ...operator,
        },
        {
            id: "outbound-route",
            when: "it leads to an internet gateway",
            verdict: "ok",
            evidence: /^0\.0\.0\.0\/0 leads to igw-\w+$/,
            ...operator,
            prepare: async () => {
                const { Vpcs } = await clients.ec2.send(
                    new ec2.DescribeVpcsCommand({ Filters: [{ Name: "is-default", Values: ["true"] }] }),
                );
                const VpcId = Vpcs![0].VpcId!;
                const Filters = [{ Name: "vpc-id", Values: [VpcId] }];
                const { RouteTables } = await clients.ec2.send(new ec2.DescribeRouteTablesCommand({ Filters }));
                const { InternetGateway } = await clients.ec2.send(new ec2.CreateInternetGatewayCommand({}));
                const InternetGatewayId = InternetGateway!.InternetGatewayId!;
                const [{ RouteTableId }] = RouteTables!;
                const route = { RouteTableId, DestinationCidrBlock: "0.0.0.0/0" };
                await clients.ec2.send(new ec2.AttachInternetGatewayCommand({ InternetGatewayId, VpcId }));
                await clients.ec2.send(new ec2.CreateRouteCommand({ ...route, GatewayId: InternetGatewayId }));
                return () => clients.ec2.send(new ec2.DeleteRouteCommand(route));
            },
        },
        {
            id: "outbound-route",
            when: "it leads to a NAT gateway that is gone",
            verdict: "failed",
            evidence: /^route table rtb-1 of subnet subnet-\w+: 0\.0\.0\.0\/0 leads to nat-1, which is gone$/,
            remedy: "operators: a route to an internet gateway or a NAT gateway, or another subnet (subnetId)",
            standIns: defaultRoute("<natGatewayId>nat-1</natGatewayId>", "blackhole"),
            ...operator,
        },
        {
            id: "outbound-route",
            when: "it leads to an internet gateway, and the instance has no public address",
            verdict: "failed",
            evidence: /^0\.0\.0\.0\/0 leads to igw-1, but the instance has no public address$/,
            remedy: "operators: an Elastic IP address for the instance, or a subnet with a NAT gateway (subnetId)",
            standIns: defaultRoute("<gatewayId>igw-1</gatewayId>", "active"),
            outputs: { instanceId: privateInstance },
            ...operator,
        },
        unseen("outbound-route", "ec2:DescribeInstances and ec2:DescribeRouteTables"),
    ];
}
