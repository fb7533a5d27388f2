import type { DeclaredResource } from "../evaluate";
import { type Assumptions, hoursPerMonth } from "./assumptions";

type Inputs = DeclaredResource["inputs"];

/** Something that is paid for. */
export interface Item {
    /** For people. */
    readonly what: string;
    /** Where its price stands in `prices.ts`. */
    readonly price: string;
    readonly quantity: number;
    /** Of the quantity, and of the price. */
    readonly unit: string;
    /** The price is for so many units; default 1. */
    readonly per?: number;
}

/** What else of the stack decides about the price of one resource. */
export interface Surroundings {
    readonly assumptions: Assumptions;
    /** Of the month's hours, those in which instance and database run: 0 to 1. */
    readonly running: { readonly host: number; readonly database: number };
    /** A fixed address takes the place of the instance's own. */
    readonly hasFixedAddress: boolean;
}

type Paid = (inputs: Inputs, surroundings: Surroundings) => Item[];

const gb = "GB-month";

const gp3 = (what: string, size: unknown): Item => ({ what, price: "volume", quantity: Number(size), unit: gb });

const address = (what: string, share: number): Item => ({
    what,
    price: "publicAddress",
    quantity: hoursPerMonth * share,
    unit: "h",
});

/** What a resource of each type costs. */
export const paid: Readonly<Record<string, Paid>> = {
    "aws:ec2/instance:Instance": (inputs, { running, hasFixedAddress }) => {
        const { instanceType, rootBlockDevice, associatePublicIpAddress } = inputs as {
            instanceType: string;
            rootBlockDevice: { volumeSize: number };
            associatePublicIpAddress?: boolean;
        };
        return [
            {
                what: `instance ${instanceType}`,
                price: instanceType,
                quantity: hoursPerMonth * running.host,
                unit: "h",
            },
            gp3("root volume, gp3", rootBlockDevice.volumeSize),
            // Lent for as long as the instance runs. A subnet that is given decides by itself: taken for a public one.
            ...(hasFixedAddress || associatePublicIpAddress === false
                ? []
                : [address("public IPv4 address", running.host)]),
        ];
    },
    "aws:ebs/volume:Volume": ({ size }) => [gp3("data volume, gp3", size)],
    // Paid for in use and idle alike.
    "aws:ec2/eip:Eip": () => [address("fixed public IPv4 address", 1)],
    "aws:s3/bucket:Bucket": (_, { assumptions }) => bucketItems(assumptions),
    "aws:rds/instance:Instance": (inputs, { running }) => {
        const { instanceClass, allocatedStorage, multiAz } = inputs as {
            instanceClass: string;
            allocatedStorage: number;
            multiAz?: boolean;
        };
        // The standby in the other zone costs as much as the database itself, and so does its storage.
        const copies = multiAz ? 2 : 1;
        const zones = multiAz ? "two zones" : "one zone";
        return [
            {
                what: `database ${instanceClass}, ${zones}`,
                price: instanceClass,
                quantity: hoursPerMonth * running.database * copies,
                unit: "h",
            },
            {
                what: `database storage, gp3, ${zones}`,
                price: "databaseStorage",
                quantity: Number(allocatedStorage) * copies,
                unit: gb,
            },
        ];
    },
    "aws:cloudwatch/metricAlarm:MetricAlarm": () => [{ what: "alarm", price: "alarm", quantity: 1, unit: "month" }],
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": () => [
        { what: "metric of the log", price: "metric", quantity: 1, unit: "month" },
    ],
    "aws:cloudwatch/logGroup:LogGroup": (_, { assumptions: { logGb } }) => [
        { what: "log, taken in", price: "logs", quantity: logGb, unit: "GB" },
        { what: "log, kept", price: "keptLogs", quantity: logGb, unit: gb },
    ],
    "aws:kms/key:Key": () => [{ what: "key", price: "key", quantity: 1, unit: "month" }],
};

/** Also of an existing bucket: what the stack puts into it is paid for there. */
export const bucketItems = ({ storedGb, writeRequests }: Assumptions): Item[] => [
    { what: "S3: artifacts, older versions, backups", price: "objects", quantity: storedGb, unit: gb },
    {
        what: "S3: requests that write or list",
        price: "objectWrites",
        quantity: writeRequests,
        unit: "requests",
        per: 1000,
    },
];

const configuration = "a part of another resource";
const identities = "IAM asks nothing";
const network = "EC2 asks nothing for it";

/** Types that cost nothing, and why. */
export const free: Readonly<Record<string, string>> = {
    "random:index/randomId:RandomId": "exists in the state alone",
    "random:index/randomPassword:RandomPassword": "exists in the state alone",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": configuration,
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": configuration,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": configuration,
    "aws:s3/bucketVersioning:BucketVersioning": configuration,
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": configuration,
    "aws:s3/bucketPolicy:BucketPolicy": configuration,
    "aws:s3/bucketObjectv2:BucketObjectv2": "a megabyte in the bucket",
    "aws:iam/role:Role": identities,
    "aws:iam/rolePolicy:RolePolicy": identities,
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": identities,
    "aws:iam/instanceProfile:InstanceProfile": identities,
    "aws:iam/user:User": identities,
    "aws:iam/group:Group": identities,
    "aws:iam/groupPolicy:GroupPolicy": identities,
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment": identities,
    "aws:iam/userGroupMembership:UserGroupMembership": identities,
    "aws:iam/policy:Policy": identities,
    "aws:iam/accessKey:AccessKey": identities,
    "aws:rds/subnetGroup:SubnetGroup": configuration,
    "aws:rds/parameterGroup:ParameterGroup": configuration,
    "aws:ssm/parameter:Parameter": "parameters of the standard tier are free",
    "aws:ec2/securityGroup:SecurityGroup": network,
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": network,
    "aws:ec2/vpc:Vpc": network,
    "aws:ec2/subnet:Subnet": network,
    "aws:ec2/internetGateway:InternetGateway": network,
    "aws:ec2/routeTable:RouteTable": network,
    "aws:ec2/route:Route": network,
    "aws:ec2/routeTableAssociation:RouteTableAssociation": network,
    "aws:ec2/vpcEndpoint:VpcEndpoint": "a gateway endpoint is free",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": network,
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": network,
    "aws:ec2/volumeAttachment:VolumeAttachment": configuration,
    "aws:ec2/eipAssociation:EipAssociation": configuration,
    "aws:sns/topic:Topic": "the first 1,000 e-mails a month are free",
    "aws:sns/topicSubscription:TopicSubscription": "the first 1,000 e-mails a month are free",
    "aws:budgets/budget:Budget": "budgets without actions are free",
    "aws:scheduler/scheduleGroup:ScheduleGroup": "EventBridge Scheduler: 14 million calls a month are free",
    "aws:scheduler/schedule:Schedule": "EventBridge Scheduler: 14 million calls a month are free",
};
