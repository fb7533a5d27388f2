import type { Environment } from "../environment";
import { closedGroupName, ec2, networkKinds, own, requested } from "./ec2";
import type { Definition } from "./scope";

const networks = (environment: Environment) =>
    ec2(environment, ...networkKinds(environment).map((kind) => `${kind}/*`));

/** Firewall, fixed address and a network of the stack's own: known by the tags that they got when they were made. */
export const networkScopes = {
    vpc: {
        words: "the VPC of `vpcId`, or any",
        of: (environment) => ({ Resource: ec2(environment, `vpc/${environment.vpc ?? "*"}`) }),
    },
    firewall: {
        words: "the stack's firewall, by its tags",
        of: (environment) => ({
            Resource: ec2(environment, "security-group/*"),
            Condition: {
                ...own(environment),
                ...(environment.ownNetwork && {
                    StringNotEquals: { "aws:ResourceTag/Name": closedGroupName(environment) },
                }),
            },
        }),
    },
    firewallRule: {
        words: "firewall rules, only together with the stack's firewall",
        of: (environment) => ({ Resource: ec2(environment, "security-group-rule/*") }),
    },
    address: {
        words: "the stack's fixed address, by its tags",
        of: (environment) => ({ Resource: ec2(environment, "elastic-ip/*"), Condition: own(environment) }),
    },
    // An instance's interface has no tags. Nothing happens to it unless the address beside it is the stack's.
    interfaceOfAddress: {
        words: "the interface that has the stack's address",
        of: (environment) => ({ Resource: ec2(environment, "network-interface/*") }),
    },
    newNetwork: {
        words: "a new VPC, subnet, gateway, route table or endpoint that gets the stack's tags, only with `networkCidr`",
        of: (environment) => ({ Resource: networks(environment), Condition: requested(environment) }),
    },
    network: {
        words: "the stack's network, by its tags, only with `networkCidr`",
        of: (environment) => ({ Resource: networks(environment), Condition: own(environment) }),
    },
    // Whoever is taken for it loses its rules, and gets none.
    closedGroup: {
        words: "the group that AWS makes with the stack's network, by its tags, only with `networkCidr`",
        of: (environment) => ({
            Resource: environment.ownNetwork ? ec2(environment, "security-group/*") : [],
            Condition: {
                StringEquals: {
                    ...own(environment).StringEquals,
                    "aws:ResourceTag/Name": closedGroupName(environment),
                },
            },
        }),
    },
} as const satisfies Record<string, Definition>;
