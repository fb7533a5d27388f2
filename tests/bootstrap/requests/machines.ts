import { account, asKeys, type Asks, each, region, type Request, stackTags, text } from "./request";

export const ec2 = (path: string) => `arn:aws:ec2:${region}:${account}:${path}`;
const instance = ec2("instance/i-0a1b2c3d4e5f60718");
const volume = ec2("volume/vol-0a1b2c3d4e5f60718");
const group = ec2("security-group/sg-0a1b2c3d4e5f60718");
const rule = ec2("security-group-rule/sgr-0a1b2c3d4e5f60718");
const address = ec2("elastic-ip/eipalloc-0a1b2c3d4e5f60718");
const networkInterface = ec2("network-interface/eni-0a1b2c3d4e5f60718");

export const own = (Name?: string) => asKeys("aws:ResourceTag", { ...stackTags, ...(Name && { Name }) });
export const given = (tags: unknown) => asKeys("aws:RequestTag", tags as object);
export const keysOf = (tags: unknown) => ({ "aws:TagKeys": Object.keys(tags as object).join() });
const ownData = own("mlflow-dev-host-data");

/** Made with its tags: AWS asks for the right to tag as well. */
export const made = (action: string, resource: string, tags: unknown, more = {}): Request[] => [
    [`ec2:${action}`, resource, { ...given(tags), ...keysOf(tags), ...more }],
    ["ec2:CreateTags", resource, { ...given(tags), ...keysOf(tags), "ec2:CreateAction": action }],
];
export const retagged = (resource: string, has: Readonly<Record<string, string>>): Request[] => [
    ["ec2:CreateTags", resource, { ...has, "aws:RequestTag/Team": "vision", "aws:TagKeys": "Team" }],
    ["ec2:DeleteTags", resource, { ...has, "aws:TagKeys": "Team,Cost" }],
];

const firewallRule =
    (direction: "Ingress" | "Egress"): Asks =>
    ({ inputs: { tags } }) => ({
        create: [
            ...each([`ec2:AuthorizeSecurityGroup${direction}`], group, own()),
            ...each([`ec2:AuthorizeSecurityGroup${direction}`], rule),
            // Tagged only when it is there.
            ["ec2:CreateTags", rule, { ...given(tags), ...keysOf(tags) }],
        ],
        read: [["ec2:DescribeSecurityGroupRules", "*"]],
        update: [
            ["ec2:ModifySecurityGroupRules", group, own()],
            ["ec2:ModifySecurityGroupRules", rule, own()],
            ...retagged(rule, own()),
        ],
        delete: each([`ec2:RevokeSecurityGroup${direction}`], group, own()),
    });

/** The instance and what belongs to it. */
export const machines: Readonly<Record<string, Asks>> = {
    "aws:ec2/securityGroup:SecurityGroup": ({ inputs: { vpcId, tags } }) => ({
        create: [
            ...made("CreateSecurityGroup", group, tags),
            ["ec2:CreateSecurityGroup", ec2(`vpc/${text(vpcId)}`)],
            ["ec2:RevokeSecurityGroupEgress", group, own()],
        ],
        read: [["ec2:DescribeSecurityGroups", "*"]],
        update: retagged(group, own()),
        delete: [
            ["ec2:DeleteSecurityGroup", group, own()],
            ["ec2:DescribeNetworkInterfaces", "*"],
        ],
    }),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": firewallRule("Ingress"),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": firewallRule("Egress"),
    "aws:ebs/volume:Volume": ({ inputs: { tags, finalSnapshot } }) => ({
        create: made("CreateVolume", volume, tags),
        read: each(["ec2:DescribeVolumes"], "*"),
        update: [
            ["ec2:ModifyVolume", volume, ownData],
            ["ec2:DescribeVolumesModifications", "*"],
            ...retagged(volume, ownData),
        ],
        delete: [
            ...(finalSnapshot
                ? [
                      ["ec2:CreateSnapshot", volume, ownData] as Request,
                      ...made("CreateSnapshot", `arn:aws:ec2:${region}::snapshot/snap-0a1b2c3d4e5f60718`, tags),
                      ["ec2:DescribeSnapshots", "*"] as Request,
                  ]
                : []),
            ["ec2:DeleteVolume", volume, ownData],
        ],
    }),
    "aws:ec2/instance:Instance": ({ inputs }) => {
        const { tags, ami, subnetId, iamInstanceProfile } = inputs;
        const root = (inputs.rootBlockDevice as { tags: object }).tags;
        const role = text(iamInstanceProfile).replace("instance-profile", "role");
        const pass: Request = [
            "iam:PassRole",
            `arn:aws:iam::${account}:role/${role}`,
            { "iam:PassedToService": "ec2.amazonaws.com" },
        ];
        const run = (resource: string, context = {}): Request => ["ec2:RunInstances", resource, context];
        return {
            create: [
                ...made("RunInstances", instance, tags),
                run(volume, { "ec2:Encrypted": "true" }),
                run(networkInterface),
                run(ec2(`subnet/${text(subnetId)}`)),
                run(group, own()),
                run(
                    `arn:aws:ec2:${region}::image/${text(ami)}`,
                    // One that somebody else has made is named in the settings.
                    ami === "ami-0123456789abcdef0" ? {} : { "ec2:Owner": "amazon" },
                ),
                pass,
                ["ec2:CreateTags", volume, { ...given(root), ...keysOf(root) }],
            ],
            read: [
                ...each(
                    [
                        ...["ec2:DescribeInstances", "ec2:DescribeInstanceTypes", "ec2:DescribeVolumes"],
                        ...["ec2:DescribeInstanceCreditSpecifications", "ec2:DescribeTags", "ec2:DescribeVpcs"],
                        ...["ec2:DescribeImages", "ec2:DescribeIamInstanceProfileAssociations"],
                    ],
                    "*",
                ),
                ["ec2:DescribeInstanceAttribute", instance, own()],
            ],
            update: [
                // Type and size of the root volume; firewall and profile, where they are replaced.
                ...each(
                    [
                        ...["ec2:StopInstances", "ec2:StartInstances", "ec2:ModifyInstanceAttribute"],
                        ...["ec2:ModifyInstanceMetadataOptions", "ec2:ModifyInstanceCreditSpecification"],
                        ...["ec2:AssociateIamInstanceProfile", "ec2:ReplaceIamInstanceProfileAssociation"],
                        "ec2:DisassociateIamInstanceProfile",
                    ],
                    instance,
                    own(),
                ),
                ["ec2:ModifyInstanceAttribute", group, own()],
                pass,
                ["ec2:ModifyVolume", volume, own("mlflow-dev-host-root")],
                ["ec2:DescribeVolumesModifications", "*"],
                ...retagged(instance, own()),
                ...retagged(volume, own("mlflow-dev-host-root")),
            ],
            delete: each(["ec2:TerminateInstances"], instance, own()),
        };
    },
    "aws:ec2/volumeAttachment:VolumeAttachment": () => ({
        create: [
            ["ec2:AttachVolume", instance, own()],
            ["ec2:AttachVolume", volume, ownData],
        ],
        read: each(["ec2:DescribeVolumes", "ec2:DescribeInstances"], "*"),
        update: [],
        delete: [
            ...each(["ec2:StopInstances", "ec2:DetachVolume"], instance, own()),
            ["ec2:DetachVolume", volume, ownData],
        ],
    }),
    "aws:ec2/eip:Eip": ({ inputs: { tags } }) => ({
        create: made("AllocateAddress", address, tags),
        read: each(["ec2:DescribeAddresses", "ec2:DescribeAddressesAttribute"], "*"),
        update: retagged(address, own()),
        delete: [["ec2:ReleaseAddress", address, own()]],
    }),
    "aws:ec2/eipAssociation:EipAssociation": () => ({
        create: [
            ["ec2:AssociateAddress", address, own()],
            ["ec2:AssociateAddress", instance, own()],
            ["ec2:AssociateAddress", networkInterface],
        ],
        read: [["ec2:DescribeAddresses", "*"]],
        update: [],
        delete: [
            ["ec2:DisassociateAddress", address, own()],
            ["ec2:DisassociateAddress", networkInterface],
        ],
    }),
};
