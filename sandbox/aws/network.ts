import * as ec2 from "@aws-sdk/client-ec2";
import { retag, tagsOf } from "./ec2Tags";
import { type Clients, type Inputs, type ResourceHandler, tagsFrom, unlessGone } from "./handlers";

// Firewalls and addresses.

const permission = (inputs: Inputs): ec2.IpPermission => ({
    IpProtocol: inputs.ipProtocol,
    FromPort: inputs.fromPort,
    ToPort: inputs.toPort,
    IpRanges: inputs.cidrIpv4 && [{ CidrIp: inputs.cidrIpv4, Description: inputs.description }],
    Ipv6Ranges: inputs.cidrIpv6 && [{ CidrIpv6: inputs.cidrIpv6, Description: inputs.description }],
    UserIdGroupPairs: inputs.referencedSecurityGroupId && [
        { GroupId: inputs.referencedSecurityGroupId, Description: inputs.description },
    ],
});

const securityGroup: ResourceHandler = {
    async create(clients, { name, description, vpcId, tags }, autoName) {
        const { GroupId } = await clients.ec2.send(
            new ec2.CreateSecurityGroupCommand({
                GroupName: name ?? autoName,
                Description: description,
                VpcId: vpcId,
                TagSpecifications: tagsOf("security-group", tags),
            }),
        );
        // As the provider does: a new group starts with nothing, not even AWS's own rule that lets everything out.
        await clients.ec2.send(
            new ec2.RevokeSecurityGroupEgressCommand({
                GroupId,
                IpPermissions: [{ IpProtocol: "-1", IpRanges: [{ CidrIp: "0.0.0.0/0" }] }],
            }),
        );
        return { id: GroupId! };
    },
    update: retag,
    async read({ ec2: client }, id, state) {
        const found = await unlessGone(client.send(new ec2.DescribeSecurityGroupsCommand({ GroupIds: [id] })));
        const [group] = found?.SecurityGroups ?? [];
        return group && { ...state, tags: tagsFrom(group.Tags) };
    },
    delete: ({ ec2: client }, id) => unlessGone(client.send(new ec2.DeleteSecurityGroupCommand({ GroupId: id }))),
};

type Rules = { SecurityGroupRules?: ec2.SecurityGroupRule[] };

/** A rule of a group, in or out. */
const securityGroupRule = (
    authorize: (client: ec2.EC2Client, rule: ec2.AuthorizeSecurityGroupEgressCommandInput) => Promise<Rules>,
    revoke: (client: ec2.EC2Client, rule: ec2.RevokeSecurityGroupEgressCommandInput) => Promise<unknown>,
): ResourceHandler => ({
    async create(clients, inputs) {
        const { SecurityGroupRules } = await authorize(clients.ec2, {
            GroupId: inputs.securityGroupId,
            IpPermissions: [permission(inputs)],
            TagSpecifications: tagsOf("security-group-rule", inputs.tags),
        });
        return { id: SecurityGroupRules![0].SecurityGroupRuleId! };
    },
    async update(clients, id, inputs, old) {
        const rule = { ...ruleRequest(inputs), Description: inputs.description };
        await clients.ec2.send(
            new ec2.ModifySecurityGroupRulesCommand({
                GroupId: inputs.securityGroupId,
                SecurityGroupRules: [{ SecurityGroupRuleId: id, SecurityGroupRule: rule }],
            }),
        );
        await retag(clients, id, inputs, old);
    },
    read: async (clients, id, state) => ((await describeRule(clients, id)) ? state : undefined),
    delete: ({ ec2: client }, id, { securityGroupId }) =>
        unlessGone(revoke(client, { GroupId: securityGroupId, SecurityGroupRuleIds: [id] })),
});

const ruleRequest = (inputs: Inputs): ec2.SecurityGroupRuleRequest => ({
    IpProtocol: inputs.ipProtocol,
    FromPort: inputs.fromPort,
    ToPort: inputs.toPort,
    CidrIpv4: inputs.cidrIpv4,
    CidrIpv6: inputs.cidrIpv6,
    ReferencedGroupId: inputs.referencedSecurityGroupId,
});

async function describeRule({ ec2: client }: Clients, id: string) {
    const question = new ec2.DescribeSecurityGroupRulesCommand({ SecurityGroupRuleIds: [id] });
    const found = await unlessGone(client.send(question));
    return found?.SecurityGroupRules?.find(({ SecurityGroupRuleId }) => SecurityGroupRuleId === id);
}

async function describeAddress({ ec2: client }: Clients, id: string) {
    const found = await unlessGone(client.send(new ec2.DescribeAddressesCommand({ AllocationIds: [id] })));
    return found?.Addresses?.[0];
}

const address: ResourceHandler = {
    async create(clients, { domain, tags }) {
        const { AllocationId, PublicIp } = await clients.ec2.send(
            new ec2.AllocateAddressCommand({ Domain: domain, TagSpecifications: tagsOf("elastic-ip", tags) }),
        );
        return { id: AllocationId!, publicIp: PublicIp };
    },
    update: retag,
    async read(clients, id, state) {
        const found = await describeAddress(clients, id);
        return found && { ...state, tags: tagsFrom(found.Tags) };
    },
    delete: ({ ec2: client }, id) => unlessGone(client.send(new ec2.ReleaseAddressCommand({ AllocationId: id }))),
};

const addressAssociation: ResourceHandler = {
    async create(clients, { allocationId, instanceId }) {
        const { AssociationId } = await clients.ec2.send(
            new ec2.AssociateAddressCommand({ AllocationId: allocationId, InstanceId: instanceId }),
        );
        return { id: AssociationId! };
    },
    async read(clients, _, state) {
        const found = await describeAddress(clients, state.allocationId);
        return found?.InstanceId === state.instanceId ? state : undefined;
    },
    delete: ({ ec2: client }, id) => unlessGone(client.send(new ec2.DisassociateAddressCommand({ AssociationId: id }))),
};

export const networkHandlers: Readonly<Record<string, ResourceHandler>> = {
    "aws:ec2/securityGroup:SecurityGroup": securityGroup,
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": securityGroupRule(
        (client, rule) => client.send(new ec2.AuthorizeSecurityGroupIngressCommand(rule)),
        (client, rule) => client.send(new ec2.RevokeSecurityGroupIngressCommand(rule)),
    ),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": securityGroupRule(
        (client, rule) => client.send(new ec2.AuthorizeSecurityGroupEgressCommand(rule)),
        (client, rule) => client.send(new ec2.RevokeSecurityGroupEgressCommand(rule)),
    ),
    "aws:ec2/eip:Eip": address,
    "aws:ec2/eipAssociation:EipAssociation": addressAssociation,
};
