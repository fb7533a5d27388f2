import assert from "node:assert";
import * as ipaddr from "ipaddr.js";
import { subnetRanges } from "../../components/networkRanges";

// How a network is divided. Not proved: that AWS takes the ranges.

describe("the subnets of a network", () => {
    const cases: Record<string, [publicSubnets: [string, string], databaseSubnets: [string, string]]> = {
        "10.20.0.0/16": [
            ["10.20.0.0/19", "10.20.32.0/19"],
            ["10.20.64.0/19", "10.20.96.0/19"],
        ],
        "10.20.16.0/20": [
            ["10.20.16.0/23", "10.20.18.0/23"],
            ["10.20.20.0/23", "10.20.22.0/23"],
        ],
        "192.168.255.0/24": [
            ["192.168.255.0/27", "192.168.255.32/27"],
            ["192.168.255.64/27", "192.168.255.96/27"],
        ],
        // The first bit of an address is that of a negative number elsewhere.
        "172.31.128.0/17": [
            ["172.31.128.0/20", "172.31.144.0/20"],
            ["172.31.160.0/20", "172.31.176.0/20"],
        ],
        "100.127.254.0/23": [
            ["100.127.254.0/26", "100.127.254.64/26"],
            ["100.127.254.128/26", "100.127.254.192/26"],
        ],
    };
    for (const [cidr, [publicSubnets, databaseSubnets]] of Object.entries(cases)) {
        it(`of ${cidr} are its first four eighths`, () => {
            assert.deepStrictEqual(subnetRanges(cidr), { public: publicSubnets, database: databaseSubnets });
        });
    }

    it("lie in the network and apart from each other, whatever its size", () => {
        for (let bits = 16; bits <= 24; bits++) {
            const network = ipaddr.IPv4.parseCIDR(`10.0.0.0/${bits}`);
            const ranges = Object.values(subnetRanges(`10.0.0.0/${bits}`))
                .flat()
                .map((range: string) => ipaddr.IPv4.parseCIDR(range));
            assert.strictEqual(ranges.length, 4);
            for (const [address, size] of ranges) {
                assert.strictEqual(size, bits + 3);
                assert.ok(address.match(network), String(address));
                assert.strictEqual(ranges.filter((other) => address.match(other)).length, 1, String(address));
            }
        }
    });
});
