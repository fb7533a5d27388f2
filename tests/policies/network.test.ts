import { unknown } from "../../policies/values";
import { judges, resource } from "./cases";

// Good and bad security groups. It proves what the rule says of declarations; what AWS lets through is not proved.

const group = (rule: Record<string, unknown>) =>
    resource("aws:ec2/securityGroup:SecurityGroup", {
        ingress: [{ protocol: "tcp", fromPort: 22, toPort: 22, ...rule }],
    });
const ingress = (values: Record<string, unknown>) =>
    resource("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", values);
const older = (values: Record<string, unknown>) => resource("aws:ec2/securityGroupRule:SecurityGroupRule", values);

judges("no-ingress-from-the-world", {
    passes: {
        "an office": ingress({ cidrIpv4: "203.0.113.0/24" }),
        "the widest that the program's settings take": [
            ingress({ cidrIpv4: "10.0.0.0/8" }),
            ingress({ cidrIpv6: "2001:db8::/32" }),
        ],
        "a group without a rule": resource("aws:ec2/securityGroup:SecurityGroup", { description: "none" }),
        "another group as the source": ingress({ referencedSecurityGroupId: "sg-1" }),
        "egress to the world": [
            resource("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", { cidrIpv4: "0.0.0.0/0" }),
            older({ type: "egress", cidrBlocks: ["0.0.0.0/0"] }),
            resource("aws:ec2/securityGroup:SecurityGroup", { egress: [{ cidrBlocks: ["0.0.0.0/0"] }] }),
        ],
        "what a preview does not know": [ingress({ cidrIpv4: unknown }), group({ cidrBlocks: unknown })],
        "one address of IPv4 in the words of IPv6": ingress({ cidrIpv6: "::ffff:203.0.113.7/128" }),
    },
    refuses: {
        "all of IPv4": [ingress({ cidrIpv4: "0.0.0.0/0" }), "cidrIpv4: got 0.0.0.0/0"],
        "all of IPv6": [ingress({ cidrIpv6: "::/0" }), "cidrIpv6: got ::/0"],
        "half of it, and the other half": [
            [ingress({ cidrIpv4: "0.0.0.0/1" }), ingress({ cidrIpv4: "128.0.0.0/1" })],
            "cidrIpv4: got 0.0.0.0/1",
            "cidrIpv4: got 128.0.0.0/1",
        ],
        "a prefix that is one too short": [
            [ingress({ cidrIpv4: "10.0.0.0/7" }), ingress({ cidrIpv6: "2001:db8::/31" })],
            "cidrIpv4: got 10.0.0.0/7",
            "cidrIpv6: got 2001:db8::/31",
        ],
        "all of IPv4 in the words of IPv6": [
            ingress({ cidrIpv6: "::ffff:0.0.0.0/96" }),
            "cidrIpv6: got ::ffff:0.0.0.0/96",
        ],
        "an inline rule, the second range of it": [
            group({ cidrBlocks: ["203.0.113.7/32", "0.0.0.0/0"], ipv6CidrBlocks: ["::/0"] }),
            "ingress[0].cidrBlocks: got 0.0.0.0/0",
            "ingress[0].ipv6CidrBlocks: got ::/0",
        ],
        "a rule of the older kind": [
            older({ type: "ingress", cidrBlocks: ["0.0.0.0/0"], ipv6CidrBlocks: ["::/1"] }),
            "cidrBlocks: got 0.0.0.0/0",
            "ipv6CidrBlocks: got ::/1",
        ],
        "the default group of a VPC": [
            resource("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", { ingress: [{ cidrBlocks: ["0.0.0.0/0"] }] }),
            "ingress[0].cidrBlocks: got 0.0.0.0/0",
        ],
    },
});
