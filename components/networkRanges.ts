import * as ipaddr from "ipaddr.js";

/** Ranges of the subnets of one network, each in the order of its zones. */
export interface SubnetRanges {
    readonly public: readonly [string, string];
    readonly database: readonly [string, string];
}

/** Subnets take an eighth each: the upper half stays free for what comes later. The smallest network, /24, has 27 addresses in each. */
const bitsOfPart = 3;

/**
 * Divides a network.
 *
 * @param cidr an IPv4 range in the form that the setting `networkCidr` has
 */
export function subnetRanges(cidr: string): SubnetRanges {
    const [network, bits] = ipaddr.IPv4.parseCIDR(cidr);
    const first = network.toByteArray().reduce((value, byte) => value * 256 + byte, 0);
    const size = 2 ** (32 - bits - bitsOfPart);
    const part = (index: number) => `${address(first + index * size)}/${bits + bitsOfPart}`;
    return { public: [part(0), part(1)], database: [part(2), part(3)] };
}

const address = (value: number) => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join(".");
