import assert from "node:assert";
import { existsSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { resourceHandlers } from "../../sandbox/aws/emulatedAws";
import { repository, skipFor } from "../support/sandbox";
import { type Attributes, attributes, fromSource } from "./provider/attributes";
import { judge } from "./provider/judge";
import { differences } from "./provider/values";

// What the test provider knows of the real one: its schema, copied for the types of this project, and how it judges a change by
// it. Nothing here asks the real provider: it cannot be had without the vendor's download site.

/** The schema of all types, where it lies beside the checkout. */
const whole = path.join(repository, "../shared/engine/aws-attributes.json");

describe("the attributes of the real provider", () => {
    it("are those of its whole schema", function () {
        skipFor(existsSync(whole) ? undefined : "the whole table of attributes is not there", this);
        const table = JSON.parse(readFileSync(whole, "utf8")) as Record<string, Attributes>;
        const ours = Object.entries(attributes).filter(([type]) => type.startsWith("aws:") && !(type in fromSource));
        assert.deepStrictEqual(
            Object.keys(fromSource).filter((type) => type in table),
            [],
            "the table has them now",
        );
        for (const [type, { replaces, computed, secret }] of ours) {
            const theirs = table[type];
            assert.deepStrictEqual(
                { replaces, computed, secret },
                { replaces: theirs.replaces, computed: theirs.computed, secret: theirs.secret },
                type,
            );
        }
    });

    it("are known of every type that the emulator can make", () => {
        assert.deepStrictEqual(Object.keys(attributes).sort(), Object.keys(resourceHandlers).sort());
    });

    const instance = "aws:ec2/instance:Instance";
    for (const [title, type, old, news, replaces] of [
        ["a property that replaces", instance, { ami: "ami-1" }, { ami: "ami-2" }, ["ami"]],
        ["a property that does not", instance, { instanceType: "t4g.small" }, { instanceType: "t4g.large" }, []],
        [
            "a nested one",
            instance,
            { rootBlockDevice: { encrypted: false } },
            { rootBlockDevice: { encrypted: true } },
            ["rootBlockDevice.encrypted"],
        ],
        [
            "a nested one that does not",
            instance,
            { rootBlockDevice: { volumeSize: 8 } },
            { rootBlockDevice: { volumeSize: 9 } },
            [],
        ],
        [
            "one in a list",
            instance,
            { ebsBlockDevices: [{ iops: 1 }] },
            { ebsBlockDevices: [{ iops: 2 }] },
            ["ebsBlockDevices[0].iops"],
        ],
        ["user data alone", instance, { userData: "a" }, { userData: "b" }, []],
        [
            "user data that replaces",
            instance,
            { userData: "a", userDataReplaceOnChange: true },
            { userData: "b", userDataReplaceOnChange: true },
            ["userData"],
        ],
        ["a bucket's name", "aws:s3/bucket:Bucket", { bucket: "a" }, { bucket: "b" }, ["bucket"]],
        ["a key's status", "aws:iam/accessKey:AccessKey", { status: "Active" }, { status: "Inactive" }, []],
        ["a volume's size", "aws:ebs/volume:Volume", { size: 20 }, { size: 30 }, []],
        [
            "the group of a rule",
            "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
            { securityGroupId: "sg-1" },
            { securityGroupId: "sg-2" },
            ["securityGroupId"],
        ],
        ["the same", instance, { ami: "ami-1", tags: {} }, { ami: "ami-1" }, []],
    ] as [string, string, Record<string, unknown>, Record<string, unknown>, string[]][]) {
        it(`say what replaces: ${title}`, () => {
            assert.deepStrictEqual(judge(type, "some", old, news).replaces, replaces);
        });
    }

    it("delete first what keeps a name that the program has given", () => {
        const type = "aws:ec2/securityGroup:SecurityGroup";
        const change = (name: string) =>
            judge(type, "some", { name, vpcId: "vpc-1" }, { name, vpcId: "vpc-2" }).deleteBeforeReplace;
        assert.deepStrictEqual([change("given"), change("some-0123abc")], [true, false]);
    });

    it("refuse a type that they do not know", () => {
        assert.throws(() => judge("aws:sqs/queue:Queue", "some", {}, {}), /does not know aws:sqs\/queue:Queue/);
    });

    it("find every leaf that differs", () => {
        const old = { same: 1, gone: "a", list: [{ id: 1 }], deep: { one: 1, two: { three: 3 } }, empty: [] };
        const news = { same: 1, list: [{ id: 2 }, { id: 3 }], deep: { one: 1, two: { three: 4 } }, added: true };
        assert.deepStrictEqual(differences(old, news), ["added", "deep.two.three", "gone", "list[0].id", "list[1]"]);
    });
});
