import type { MockCallArgs, MockResourceArgs } from "@pulumi/pulumi/runtime";
import { autoName, hexDigits as hex } from "./autoName";
import type { Provider } from "./evaluate";

// An AWS account that does not exist, for evaluations without a network: every identifier has the form of a real one and
// is the same at every run. It shows what the program declares. It does not know what AWS accepts, and its answers to
// look-ups are those of a new account's default VPC.

const account = "123456789012";
const partition = "aws";

type Computed = (resource: MockResourceArgs, region: string) => { id: string; [output: string]: unknown };

const ec2 = (prefix: string, outputs: Computed = () => ({ id: "" })): Computed => {
    return (resource, region) => ({
        ...outputs(resource, region),
        id: `${prefix}-${hex(resource.type + resource.name, 17)}`,
    });
};

/** IAM's resources are known by their name, and have it in their ARN. */
const iam =
    (kind: string): Computed =>
    (resource) => {
        const name = resource.inputs.name ?? autoName(resource);
        return { id: name, name, arn: `arn:${partition}:iam::${account}:${kind}/${name}` };
    };

/** Resources whose name is their id. */
const named: Computed = (resource) => {
    const name = resource.inputs.name ?? autoName(resource);
    return { id: name, name };
};

/** Resources that only connect others: any id does. */
const connection: Computed = ({ type, name }) => ({ id: hex(type + name, 16) });

const uuid = (text: string) => hex(text, 32).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");

/** What AWS or the engine adds to the inputs of each type that the program uses. */
const computed: Record<string, Computed> = {
    "random:index/randomId:RandomId": ({ name, inputs }) => {
        const digits = hex(name, inputs.byteLength * 2);
        return { id: Buffer.from(digits, "hex").toString("base64url"), hex: digits };
    },
    "random:index/randomPassword:RandomPassword": ({ name, inputs }) => ({
        id: "none",
        result: hex(`${name} password`, inputs.length),
    }),
    "aws:s3/bucket:Bucket": ({ inputs }) => ({ id: inputs.bucket, arn: `arn:${partition}:s3:::${inputs.bucket}` }),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": connection,
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": connection,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": connection,
    "aws:s3/bucketVersioning:BucketVersioning": connection,
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": connection,
    "aws:s3/bucketPolicy:BucketPolicy": connection,
    "aws:s3/bucketObjectv2:BucketObjectv2": ({ inputs }) => ({ id: inputs.key }),
    "aws:iam/role:Role": iam("role"),
    "aws:iam/rolePolicy:RolePolicy": connection,
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": connection,
    "aws:iam/instanceProfile:InstanceProfile": iam("instance-profile"),
    "aws:iam/user:User": iam("user"),
    "aws:iam/group:Group": iam("group"),
    "aws:iam/groupPolicy:GroupPolicy": connection,
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment": connection,
    "aws:iam/userGroupMembership:UserGroupMembership": connection,
    "aws:iam/policy:Policy": iam("policy"),
    "aws:iam/accessKey:AccessKey": ({ name }) => ({
        id: `AKIA${hex(name, 16).toUpperCase()}`,
        createDate: name.endsWith("-a") ? "2026-01-01T00:00:00Z" : "2026-04-01T00:00:00Z",
        secret: Buffer.from(hex(`${name} secret`, 60), "hex").toString("base64"),
    }),
    "aws:ssm/parameter:Parameter": ({ inputs }, region) => ({
        id: inputs.name,
        arn: `arn:${partition}:ssm:${region}:${account}:parameter${inputs.name}`,
    }),
    "aws:sns/topic:Topic": (resource, region) => {
        const arn = `arn:${partition}:sns:${region}:${account}:${resource.inputs.name ?? autoName(resource)}`;
        return { id: arn, arn };
    },
    "aws:sns/topicSubscription:TopicSubscription": ({ inputs, name }) => {
        const arn = `${inputs.topic}:${uuid(name)}`;
        return { id: arn, arn };
    },
    "aws:cloudwatch/metricAlarm:MetricAlarm": ({ inputs }, region) => ({
        id: inputs.name,
        arn: `arn:${partition}:cloudwatch:${region}:${account}:alarm:${inputs.name}`,
    }),
    "aws:cloudwatch/logGroup:LogGroup": ({ inputs }, region) => ({
        id: inputs.name,
        arn: `arn:${partition}:logs:${region}:${account}:log-group:${inputs.name}`,
    }),
    "aws:ec2/vpc:Vpc": ec2("vpc"),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": ec2("sg"),
    "aws:ec2/subnet:Subnet": ec2("subnet"),
    "aws:ec2/internetGateway:InternetGateway": ec2("igw"),
    "aws:ec2/routeTable:RouteTable": ec2("rtb"),
    "aws:ec2/route:Route": connection,
    "aws:ec2/routeTableAssociation:RouteTableAssociation": ec2("rtbassoc"),
    "aws:ec2/vpcEndpoint:VpcEndpoint": ec2("vpce"),
    "aws:ec2/securityGroup:SecurityGroup": ec2("sg"),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": ec2("sgr"),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": ec2("sgr"),
    "aws:ebs/volume:Volume": ec2("vol"),
    "aws:ec2/instance:Instance": (resource, region) => {
        const { id } = ec2("i")(resource, region);
        return { id, arn: `arn:${partition}:ec2:${region}:${account}:instance/${id}` };
    },
    "aws:ec2/volumeAttachment:VolumeAttachment": connection,
    "aws:rds/subnetGroup:SubnetGroup": named,
    "aws:rds/parameterGroup:ParameterGroup": named,
    "aws:rds/instance:Instance": ({ inputs }, region) => ({
        id: `db-${hex(inputs.identifier, 26).toUpperCase()}`,
        address: `${inputs.identifier}.c9akciq32rvx.${region}.rds.amazonaws.com`,
        arn: `arn:${partition}:rds:${region}:${account}:db:${inputs.identifier}`,
    }),
    "aws:ec2/eip:Eip": ec2("eipalloc", () => ({ id: "", publicIp: "198.51.100.7" })),
    "aws:ec2/eipAssociation:EipAssociation": ec2("eipassoc"),
    "aws:scheduler/scheduleGroup:ScheduleGroup": (resource, region) => {
        const name = autoName(resource);
        return {
            id: name,
            name,
            arn: `arn:${partition}:scheduler:${region}:${account}:schedule-group/${name}`,
        };
    },
    "aws:scheduler/schedule:Schedule": (resource) => {
        const name = autoName(resource);
        return { id: `${resource.inputs.groupName}/${name}`, name };
    },
    "aws:budgets/budget:Budget": (resource) => {
        const name = autoName(resource);
        return { id: `${account}:${name}`, name };
    },
};

const isByTags = (filters: { name: string }[]) => filters.some(({ name }) => name.startsWith("tag:"));

/** Where IAM Identity Center keeps the roles that it makes. */
const rolePath = (name: string) =>
    name.startsWith("AWSReservedSSO_") ? "aws-reserved/sso.amazonaws.com/us-east-1/" : "";

/** Answers to look-ups. */
const lookups: Record<string, (inputs: MockCallArgs["inputs"], region: string) => Record<string, unknown>> = {
    "aws:index/getRegion:getRegion": (_, region) => ({ id: region, region }),
    "aws:index/getCallerIdentity:getCallerIdentity": () => ({
        accountId: account,
        arn: `arn:${partition}:iam::${account}:user/operator`,
    }),
    "aws:index/getPartition:getPartition": () => ({ id: partition, partition }),
    "aws:ec2/getVpcs:getVpcs": () => ({ ids: ["vpc-0d1e2f3a4b5c6d7e8"] }),
    "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings": (_, region) => ({
        locations: [`${region}a`, `${region}c`],
    }),
    // Nothing of the stack exists: what has tags to be found by is not there.
    "aws:ec2/getSubnets:getSubnets": ({ filters }) => ({
        ids: isByTags(filters) ? [] : ["subnet-0b1c2d3e4f5a6b7c8", "subnet-0a1b2c3d4e5f6a7b8"],
    }),
    "aws:ec2/getSubnet:getSubnet": ({ id }, region) => ({
        id,
        vpcId: "vpc-0d1e2f3a4b5c6d7e8",
        availabilityZone: `${region}${String(id).startsWith("subnet-0b") ? "c" : "a"}`,
        mapPublicIpOnLaunch: true,
    }),
    "aws:ec2/getInstances:getInstances": () => ({ ids: [], publicIps: [] }),
    "aws:ebs/getEbsVolumes:getEbsVolumes": () => ({ ids: [] }),
    "aws:ebs/getVolume:getVolume": ({ filters }, region) => ({
        id: filters[0].values[0],
        availabilityZone: `${region}a`,
    }),
    "aws:ssm/getParameter:getParameter": ({ name }) => ({ name, insecureValue: `ami-${hex(name, 17)}` }),
    "aws:ec2/getKeyPair:getKeyPair": ({ keyName }) => ({
        keyName,
        publicKey: `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${Buffer.from(hex(keyName, 64), "hex").toString("base64").slice(0, 43)}`,
    }),
    "aws:ec2/getInstance:getInstance": ({ instanceId }, region) => ({
        instanceId,
        arn: `arn:${partition}:ec2:${region}:${account}:instance/${instanceId}`,
        publicIp: "198.51.100.7",
        privateIp: "172.31.5.6",
    }),
    "aws:iam/getRole:getRole": ({ name }) => ({
        name,
        arn: `arn:${partition}:iam::${account}:role/${rolePath(name)}${name}`,
    }),
    "aws:s3/getBucket:getBucket": ({ bucket }, region) => ({
        bucket,
        arn: `arn:${partition}:s3:::${bucket}`,
        bucketRegion: region,
    }),
};

/**
 * @param region region of the stack
 * @throws for a type or a look-up that is not described here, so that a new one cannot pass unnoticed
 */
export function imaginaryAws(region: string): Provider {
    return {
        newResource(resource) {
            // Components exist in the engine alone.
            if (!resource.custom) {
                return { id: "", state: resource.inputs };
            }
            const outputs = computed[resource.type]?.(resource, region);
            if (!outputs) {
                throw new Error(`plan/imaginaryAws.ts does not know the resource type ${resource.type}`);
            }
            return { id: outputs.id, state: { ...resource.inputs, ...outputs } };
        },
        call({ token, inputs }) {
            const answer = lookups[token]?.(inputs, region);
            if (!answer) {
                throw new Error(`plan/imaginaryAws.ts does not know the look-up ${token}`);
            }
            return answer;
        },
    };
}
