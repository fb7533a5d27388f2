import { closedGroupName, ec2, imagesAndSnapshots, networkKinds, own, requested, tags, untagged } from "./ec2";
import type { Definition } from "./scope";

/** Tags of what EC2 holds. They decide what belongs to the stack, so they are given once and stay. */
export const tagScopes = {
    tagsOfNew: {
        words: "what is being made, with the stack's tags",
        of: (environment) => ({
            Resource: [
                ...ec2(
                    environment,
                    ...["instance", "volume", "security-group", "elastic-ip", ...networkKinds(environment)].map(
                        (kind) => `${kind}/*`,
                    ),
                ),
                ...imagesAndSnapshots(environment, "snapshot/*"),
            ],
            Condition: {
                StringEquals: {
                    ...tags("aws:RequestTag", environment),
                    "ec2:CreateAction": [
                        "RunInstances",
                        "CreateVolume",
                        "CreateSecurityGroup",
                        "AllocateAddress",
                        "CreateSnapshot",
                        ...(environment.ownNetwork
                            ? [
                                  "CreateVpc",
                                  "CreateSubnet",
                                  "CreateInternetGateway",
                                  "CreateRouteTable",
                                  "CreateVpcEndpoint",
                              ]
                            : []),
                    ],
                },
            },
        }),
    },
    // The provider tags a rule and a root volume after they are made. A rule's tags give nobody a right.
    tagsOfNewRule: {
        words: "a firewall's rule without these tags, with the stack's",
        of: (environment) => ({
            Resource: ec2(environment, "security-group-rule/*"),
            Condition: { ...requested(environment), ...untagged("Project", "Environment") },
        }),
    },
    // `Name` tells root volumes from data volumes, and can't be changed later: whatever untagged volume of somebody else is
    // taken for a root volume, it can't be detached, attached, copied or deleted by it.
    tagsOfNewRoot: {
        words: "a volume without tags, with the stack's and the name of a root volume",
        of: (environment) => ({
            Resource: ec2(environment, "volume/*"),
            Condition: {
                StringEquals: {
                    ...tags("aws:RequestTag", environment),
                    "aws:RequestTag/Name": `${environment.name}-host-root`,
                },
                ...untagged("Project", "Environment", "Name"),
            },
        }),
    },
    // As with root volumes: an untagged group of somebody else that is taken for it can be closed, but not opened or deleted.
    tagsOfClosedGroup: {
        words: "a security group without tags, with the stack's and the name of the group that AWS makes with its network, only with `networkCidr`",
        of: (environment) => ({
            Resource: environment.ownNetwork ? ec2(environment, "security-group/*") : [],
            Condition: {
                StringEquals: {
                    ...tags("aws:RequestTag", environment),
                    "aws:RequestTag/Name": closedGroupName(environment),
                },
                ...untagged("Project", "Environment", "Name"),
            },
        }),
    },
    tagsLater: {
        words: "what has the stack's tags, but not `Project`, `Environment` and `Name`",
        of: (environment) => ({
            Resource: ec2(
                environment,
                ...[
                    ...["instance", "volume", "security-group", "security-group-rule", "elastic-ip"],
                    ...networkKinds(environment),
                ].map((kind) => `${kind}/*`),
            ),
            Condition: {
                ...own(environment),
                "ForAllValues:StringNotEquals": { "aws:TagKeys": ["Project", "Environment", "Name"] },
            },
        }),
    },
} as const satisfies Record<string, Definition>;
