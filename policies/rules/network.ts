import * as ipaddr from "ipaddr.js";
import type { Finding, Resource, Rule } from "../rule";
import { listOf, recordOf, textsOf, type Values } from "../values";

/** As far as the program's own settings go; half the world is two ranges, each with a prefix of 1. */
const leastBits = { ipv4: 8, ipv6: 32 };

/** Where IPv6 keeps all of IPv4: ::ffff:0:0/96. */
const mappedBits = 96;

/** Whether a range, such as `0.0.0.0/0`, lets too much of the world in. What is no range is not judged: AWS refuses it. */
export function isTooWide(range: string): boolean {
    if (!ipaddr.isValidCIDR(range)) {
        return false;
    }
    const [address, bits] = ipaddr.parseCIDR(range);
    const isMapped = address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() && bits >= mappedBits;
    return isMapped ? bits - mappedBits < leastBits.ipv4 : bits < leastBits[address.kind()];
}

const securityGroups = ["aws:ec2/securityGroup:SecurityGroup", "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"];
const oldRule = "aws:ec2/securityGroupRule:SecurityGroupRule";
const newRule = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";

const wide = (values: Values, properties: readonly string[], at = ""): Finding[] =>
    properties.flatMap((property) =>
        textsOf(values[property])
            .filter(isTooWide)
            .map((got) => ({ property: at + property, got })),
    );

const severalRanges = ["cidrBlocks", "ipv6CidrBlocks"];

function ingressOf({ type, values }: Resource): Finding[] {
    if (type === newRule) {
        return wide(values, ["cidrIpv4", "cidrIpv6"]);
    }
    if (type === oldRule) {
        return values.type === "ingress" ? wide(values, severalRanges) : [];
    }
    return listOf(values.ingress).flatMap((rule, index) => wide(recordOf(rule), severalRanges, `ingress[${index}].`));
}

export const networkRules: readonly Rule[] = [
    {
        name: "no-ingress-from-the-world",
        enforcement: "mandatory",
        why: "what listens on an open port is found within minutes",
        refuses:
            "Ingress of a security group, written inline or as a resource of its own, from IPv4 ranges wider than /8 or IPv6 ranges wider than /32: `0.0.0.0/0`, `::/0`, and their halves",
        controls: ["EC2.18", "EC2.53", "EC2.54", "CIS 5.2", "CIS 5.3"],
        allowed: "IPv4 ranges of /8 or narrower, IPv6 ranges of /32 or narrower",
        remedy: "name the ranges of the office or the VPN, or use Session Manager, which needs no open port",
        types: [...securityGroups, oldRule, newRule],
        judge: ingressOf,
    },
];
