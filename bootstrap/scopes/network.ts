import { ec2, own } from "./ec2";
import type { Definition } from "./scope";

/** Firewall and fixed address: known by the tags that they got when they were made. */
export const networkScopes = {
    vpc: {
        words: "the VPC of `vpcId`, or any",
        of: (environment) => ({ Resource: ec2(environment, `vpc/${environment.vpc ?? "*"}`) }),
    },
    firewall: {
        words: "the stack's firewall, by its tags",
        of: (environment) => ({ Resource: ec2(environment, "security-group/*"), Condition: own(environment) }),
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
} as const satisfies Record<string, Definition>;
