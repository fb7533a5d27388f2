import assert from "node:assert";
import type { Environment } from "../../bootstrap/environment";
import { changeParts, readParts } from "../../bootstrap/statements";
import { documentsOf, environmentWith } from "./support";

// That the policies fit into what IAM takes, also in the worst case that settings allow. Not proved: that IAM counts in this way; its
// guide says that it leaves out white space.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html

/** Characters of a managed policy. */
const most = 6_144;
/** Policies of a role, where nobody has asked for more. */
const mostPolicies = 10;

const worst = (): Environment => ({
    ...environmentWith(
        {
            clientRoleNames: Array.from({ length: 10 }, (_, index) => `${"r".repeat(63)}${index}`),
            clientUserName: "u".repeat(64),
            ami: "ami-0123456789abcdef0",
            existingInstanceId: "i-0123456789abcdef0",
            vpcId: "vpc-0123456789abcdef0",
            subnetId: "subnet-0123456789abcdef0",
            forceDestroy: true,
        },
        "s".repeat(20),
    ),
    // Each of these is one of two that exclude each other, or longer than any that exist today.
    bucket: "b".repeat(63),
    existingBucket: "e".repeat(63),
    ownNetwork: true,
    partition: "aws-us-gov",
    region: "ap-southeast-10",
});

describe("the policies of an environment", () => {
    for (const [what, environment] of [
        ["with default settings", () => environmentWith()],
        ["with the longest settings, in the partition with the longest name", worst],
    ] as const) {
        it(`fit into managed policies ${what}`, () => {
            const sizes = Object.entries(documentsOf(environment())).map(
                ([part, document]) => [part, JSON.stringify(document).replace(/\s/g, "").length] as const,
            );
            assert.deepStrictEqual(
                sizes.filter(([, size]) => size > most),
                [],
            );
            assert.ok(sizes.length > 0 && sizes.every(([, size]) => size > 100));
        });
    }

    it("fit beside each other into one role, with two more that somebody may add", () => {
        assert.ok(Object.keys({ ...readParts, ...changeParts }).length <= mostPolicies - 2);
    });
});
