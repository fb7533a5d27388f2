import type { Grants, Rights } from "./rights";

export const tagsOf = (created: boolean): Grants => ({
    ...(created && { tagsOfNew: ["ec2:CreateTags"] }),
    tagsLater: ["ec2:CreateTags", "ec2:DeleteTags"],
});

const firewallRule = (direction: "Ingress" | "Egress"): Rights => ({
    read: { anything: ["ec2:DescribeSecurityGroupRules"] },
    change: {
        firewall: [
            `ec2:AuthorizeSecurityGroup${direction}`,
            `ec2:RevokeSecurityGroup${direction}`,
            "ec2:ModifySecurityGroupRules",
        ],
        firewallRule: [`ec2:AuthorizeSecurityGroup${direction}`, "ec2:ModifySecurityGroupRules"],
        tagsOfNewRule: ["ec2:CreateTags"],
        ...tagsOf(false),
    },
});

/** The instance and what belongs to it. */
export const machineRights = {
    "aws:ec2/securityGroup:SecurityGroup": {
        read: { anything: ["ec2:DescribeSecurityGroups"] },
        change: {
            newMachine: ["ec2:CreateSecurityGroup"],
            vpc: ["ec2:CreateSecurityGroup"],
            // AWS lets everything out of a new one; the provider takes that back.
            firewall: ["ec2:DeleteSecurityGroup", "ec2:RevokeSecurityGroupEgress"],
            anything: ["ec2:DescribeNetworkInterfaces"],
            ...tagsOf(true),
        },
    },
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": firewallRule("Ingress"),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": firewallRule("Egress"),
    "aws:ebs/volume:Volume": {
        read: { anything: ["ec2:DescribeVolumes"] },
        change: {
            newMachine: ["ec2:CreateVolume"],
            volumes: ["ec2:ModifyVolume"],
            unprotectedDataVolume: ["ec2:DeleteVolume"],
            // The last snapshot, before it is deleted.
            dataVolume: ["ec2:CreateSnapshot"],
            newSnapshot: ["ec2:CreateSnapshot"],
            anything: ["ec2:DescribeSnapshots", "ec2:DescribeVolumesModifications"],
            ...tagsOf(true),
        },
    },
    "aws:ec2/instance:Instance": {
        read: {
            anything: [
                "ec2:DescribeInstances",
                "ec2:DescribeInstanceTypes",
                "ec2:DescribeInstanceCreditSpecifications",
                "ec2:DescribeImages",
                "ec2:DescribeTags",
                "ec2:DescribeVolumes",
                "ec2:DescribeVpcs",
                "ec2:DescribeIamInstanceProfileAssociations",
            ],
            instance: ["ec2:DescribeInstanceAttribute"],
        },
        change: {
            newMachine: ["ec2:RunInstances"],
            place: ["ec2:RunInstances"],
            rootOfNewInstance: ["ec2:RunInstances"],
            image: ["ec2:RunInstances"],
            namedImage: ["ec2:RunInstances"],
            firewall: ["ec2:RunInstances", "ec2:ModifyInstanceAttribute"],
            passedRole: ["iam:PassRole"],
            instance: [
                "ec2:StartInstances",
                "ec2:StopInstances",
                "ec2:TerminateInstances",
                "ec2:ModifyInstanceAttribute",
                "ec2:ModifyInstanceCreditSpecification",
                "ec2:ModifyInstanceMetadataOptions",
                "ec2:AssociateIamInstanceProfile",
                "ec2:DisassociateIamInstanceProfile",
                "ec2:ReplaceIamInstanceProfileAssociation",
            ],
            volumes: ["ec2:ModifyVolume"],
            anything: ["ec2:DescribeVolumesModifications"],
            tagsOfNewRoot: ["ec2:CreateTags"],
            ...tagsOf(true),
        },
    },
    "aws:ec2/volumeAttachment:VolumeAttachment": {
        read: { anything: ["ec2:DescribeInstances", "ec2:DescribeVolumes"] },
        change: {
            instance: ["ec2:AttachVolume", "ec2:DetachVolume", "ec2:StopInstances"],
            dataVolume: ["ec2:AttachVolume", "ec2:DetachVolume"],
        },
    },
    "aws:ec2/eip:Eip": {
        read: { anything: ["ec2:DescribeAddresses", "ec2:DescribeAddressesAttribute"] },
        change: {
            newMachine: ["ec2:AllocateAddress"],
            address: ["ec2:ReleaseAddress"],
            ...tagsOf(true),
        },
    },
    "aws:ec2/eipAssociation:EipAssociation": {
        read: { anything: ["ec2:DescribeAddresses"] },
        change: {
            address: ["ec2:AssociateAddress", "ec2:DisassociateAddress"],
            instance: ["ec2:AssociateAddress"],
            interfaceOfAddress: ["ec2:AssociateAddress", "ec2:DisassociateAddress"],
        },
    },
} as const satisfies Record<string, Rights>;
