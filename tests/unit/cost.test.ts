import assert from "node:assert";
import { scheduleExpressions, weeklyHoursBetween } from "../../components/scheduleExpressions";
import { estimate } from "../../plan/cost/estimate";
import { costLines } from "../../plan/cost/costLines";
import { usual } from "../../plan/cost/assumptions";
import { free, paid } from "../../plan/cost/kinds";
import { everyPrice, priceOf, regions } from "../../plan/cost/prices";
import { sourceOf, sources } from "../../plan/cost/sources";
import { resourceHandlers } from "../../sandbox/aws/emulatedAws";
import { parseRunningHours } from "../../settings/runningHours";
import { publicKey } from "../support/settings";
import { evaluateStack } from "../support/stack";

// The monthly estimate against figures that were worked out by hand. Not proved: that AWS asks these prices; each says where and when it
// was seen, and docs/cost.md how far it can be relied on.

const nothingStored = { storedGb: 0, writeRequests: 0, internetGb: 0, logGb: 0 };
const bucket = { type: "aws:s3/bucket:Bucket", name: "bucket", inputs: {} };
const resource = (type: string, inputs: Record<string, unknown>) => ({ type, name: "one", inputs });
const database = (inputs: Record<string, unknown>) =>
    resource("aws:rds/instance:Instance", { storageType: "gp3", allocatedStorage: 20, ...inputs });
const schedule = (service: string, verb: string, scheduleExpression: string) =>
    resource("aws:scheduler/schedule:Schedule", {
        target: { arn: `arn:aws:scheduler:::aws-sdk:${service}:${verb}` },
        scheduleExpression,
    });

/** What each line says and costs. */
const amounts = ({ lines }: ReturnType<typeof estimate>) =>
    Object.fromEntries(lines.map(({ what, usd }) => [what, usd]));

describe("the cost of a stack", () => {
    it("with an empty settings file is this, and under 25 USD", async () => {
        const { resources } = await evaluateStack();
        const found = estimate(resources, "us-west-1");
        assert.deepStrictEqual(amounts(found), {
            // 730 x 0.02, 16 x 0.096, 730 x 0.005, 20 x 0.096, 50 x 0.026, 100 x 0.0055
            "instance t4g.small": 14.6,
            "root volume, gp3": 1.54,
            "public IPv4 address": 3.65,
            "data volume, gp3": 1.92,
            "S3: artifacts, older versions, backups": 1.3,
            "S3: requests that write or list": 0.55,
        });
        assert.strictEqual(found.total, 23.56);
        assert.ok(found.total < 25);
        assert.deepStrictEqual(found.unknown, []);
        assert.deepStrictEqual([found.currency, found.region], ["USD", "us-west-1"]);
        assert.deepStrictEqual(found.pricesSeen, { first: "2025", last: "2026-11" });
    });

    it("with running hours is that of the hours; volumes and bucket cost on", async () => {
        const { resources } = await evaluateStack({ runningHours: "Mon-Fri 07:00-19:00" });
        const found = estimate(resources, "us-west-1");
        // 5 days of 12 hours are 60 of a week's 168: 260.71 of 730.
        assert.deepStrictEqual(amounts(found), {
            "instance t4g.small": 5.21,
            "root volume, gp3": 1.54,
            "public IPv4 address": 1.3,
            "data volume, gp3": 1.92,
            "S3: artifacts, older versions, backups": 1.3,
            "S3: requests that write or list": 0.55,
        });
        assert.strictEqual(found.total, 11.82);
        assert.strictEqual(found.lines.find(({ what }) => what.startsWith("instance"))!.quantity, 260.71);
    });

    it("with SSH has one fixed address, which costs while the host sleeps, and none of the instance's own", async () => {
        const { resources } = await evaluateStack({
            ...{ accessMode: "ssh", sshPublicKey: publicKey, sshAllowedCidrs: ["203.0.113.0/24"] },
            runningHours: "Mon-Fri 07:00-19:00",
        });
        const addresses = estimate(resources, "us-west-1").lines.filter(({ what }) => what.includes("IPv4"));
        assert.deepStrictEqual(
            addresses.map(({ what, usd }) => [what, usd]),
            [["fixed public IPv4 address", 3.65]],
        );
    });

    it("in another region is that of its prices", async () => {
        const { resources } = await evaluateStack({ instanceType: "m7g.large" });
        const found = amounts(estimate(resources, "eu-central-1", nothingStored));
        // 730 x 0.0978, 16 x 0.0952, 20 x 0.0952
        assert.deepStrictEqual(
            [found["instance m7g.large"], found["root volume, gp3"], found["data volume, gp3"]],
            [71.39, 1.52, 1.9],
        );
    });

    it("counts what the stack puts into a bucket that is there already, and not the instance that is", async () => {
        const { resources } = await evaluateStack({
            existingBucketName: "team-artifacts",
            existingInstanceId: "i-0123456789abcdef0",
        });
        assert.deepStrictEqual(amounts(estimate(resources, "us-west-1")), {
            "S3: artifacts, older versions, backups": 1.3,
            "S3: requests that write or list": 0.55,
        });
    });

    it("counts what leaves for the internet beyond the first 100 GB", () => {
        const outward = (internetGb: number) =>
            amounts(estimate([bucket], "us-west-1", { ...nothingStored, internetGb }))[
                "to the internet, beyond what is free"
            ];
        assert.deepStrictEqual([0, 100, 101, 600].map(outward), [undefined, undefined, 0.09, 45]);
    });

    it("of a database is that of class and storage, of both zones with a standby", () => {
        const one = estimate([bucket, database({ instanceClass: "db.t4g.micro" })], "us-east-1", nothingStored);
        // 730 x 0.016, 20 x 0.115
        assert.strictEqual(amounts(one)["database db.t4g.micro, one zone"], 11.68);
        assert.strictEqual(amounts(one)["database storage, gp3, one zone"], 2.3);
        const two = estimate(
            [bucket, database({ instanceClass: "db.t4g.small", allocatedStorage: 50, multiAz: true })],
            "us-east-1",
            nothingStored,
        );
        // 2 x 730 x 0.032, 2 x 50 x 0.115
        assert.strictEqual(amounts(two)["database db.t4g.small, two zones"], 46.72);
        assert.strictEqual(amounts(two)["database storage, gp3, two zones"], 11.5);
        assert.strictEqual(two.total, 58.22);
    });

    it("of a database with hours of its own is that of those hours", () => {
        const { start, stop } = scheduleExpressions(parseRunningHours("Mon-Fri 07:00-19:00")!);
        const found = estimate(
            [
                ...[bucket, database({ instanceClass: "db.t4g.micro" })],
                ...[schedule("rds", "startDBInstance", start), schedule("rds", "stopDBInstance", stop)],
            ],
            "us-east-1",
            nothingStored,
        );
        // 260.71 x 0.016; its storage is there all the time.
        assert.strictEqual(amounts(found)["database db.t4g.micro, one zone"], 4.17);
        assert.strictEqual(amounts(found)["database storage, gp3, one zone"], 2.3);
    });

    it("of alarms and a log is this", () => {
        const found = estimate(
            [
                bucket,
                resource("aws:cloudwatch/metricAlarm:MetricAlarm", {}),
                resource("aws:cloudwatch/logMetricFilter:LogMetricFilter", {}),
                resource("aws:cloudwatch/logGroup:LogGroup", {}),
            ],
            "us-west-1",
            { ...nothingStored, logGb: 2 },
        );
        assert.deepStrictEqual(
            found.lines.slice(2).map(({ what, usd }) => [what, usd]),
            [
                ["alarm", 0.1],
                ["metric of the log", 0.3],
                ["log, taken in", 1.34],
                ["log, kept", 0.07],
            ],
        );
    });

    it("names what has no price, and counts it as nothing", async () => {
        const { resources } = await evaluateStack({ instanceType: "x2gd.large" });
        const found = estimate(resources, "us-west-1");
        assert.deepStrictEqual(found.unknown, ["instance x2gd.large in us-west-1"]);
        const line = found.lines.find(({ what }) => what === "instance x2gd.large")!;
        assert.deepStrictEqual(Object.keys(line), ["resource", "what", "quantity", "unit"]);
        assert.strictEqual(found.total, 8.96);
        const text = costLines(found).join("\n");
        assert.match(text, /\n {2}total +8\.96 {2}and what has no price here\n/);
        assert.ok(text.includes("\n  no price known for instance x2gd.large in us-west-1: see the AWS calculator\n"));
    });

    it("refuses a type that is neither priced nor free, so that a new one cannot pass unnoticed", () => {
        assert.throws(
            () => estimate([resource("aws:sqs/queue:Queue", {})], "us-west-1"),
            /says neither what aws:sqs\/queue:Queue costs nor why it is free/,
        );
    });
});

describe("what things cost", () => {
    it("is said of every type that the program makes, either a price or why it has none", () => {
        const said = [...Object.keys(paid), ...Object.keys(free)];
        assert.strictEqual(new Set(said).size, said.length);
        assert.deepStrictEqual(
            Object.keys(resourceHandlers).filter((type) => !said.includes(type)),
            [],
        );
        assert.ok(Object.values(free).every((reason) => reason.length > 5));
    });

    it("has a source and a date for every price", () => {
        const prices = everyPrice();
        assert.ok(prices.length > 70);
        for (const { item, region, usd, source } of prices) {
            assert.ok(usd > 0 && usd < 2, `${item} in ${region}: ${usd}`);
            assert.ok(region === "everywhere" || (regions as readonly string[]).includes(region), region);
            assert.match(sourceOf(source).seen, /^20\d\d(-\d\d){0,2}$/);
        }
        const used = new Set(prices.map(({ source }) => source));
        assert.deepStrictEqual([...used].sort(), Object.keys(sources).sort());
    });

    it("is known for the default instance and its volumes in every region of the table", () => {
        for (const region of regions) {
            assert.ok(priceOf("t4g.small", region) && priceOf("volume", region) && priceOf("publicAddress", region));
        }
        assert.strictEqual(priceOf("t4g.small", "ap-south-1"), undefined);
        assert.strictEqual(priceOf("nonsense", "us-west-1"), undefined);
    });

    it("grows with the size of the instance", () => {
        for (const region of regions) {
            for (const family of ["t4g", "t3"]) {
                const sizes = ["small", "medium", "large", "xlarge"].map((size) =>
                    priceOf(`${family}.${size}`, region)!,
                );
                sizes.slice(1).forEach(({ usd }, index) => {
                    const ratio = usd / sizes[index].usd;
                    assert.ok(Math.abs(ratio - 2) < 0.02, `${family} in ${region}: ${ratio}`);
                });
            }
        }
    });

    it("stands on these assumptions", () => {
        assert.deepStrictEqual(usual, { storedGb: 50, writeRequests: 100_000, internetGb: 50, logGb: 1 });
    });
});

describe("expressions of the scheduler", () => {
    for (const [text, start, stop, weekly] of [
        ["Mon-Fri 07:00-19:00", "cron(0 7 ? * MON,TUE,WED,THU,FRI *)", "cron(0 19 ? * MON,TUE,WED,THU,FRI *)", 60],
        ["08:30-20:05", "cron(30 8 ? * * *)", "cron(5 20 ? * * *)", (7 * 695) / 60],
        ["Sat 10:00-14:00", "cron(0 10 ? * SAT *)", "cron(0 14 ? * SAT *)", 4],
        [
            "Fri-Mon 00:00-23:59",
            "cron(0 0 ? * FRI,SAT,SUN,MON *)",
            "cron(59 23 ? * FRI,SAT,SUN,MON *)",
            (4 * 1439) / 60,
        ],
    ] as const) {
        it(`are made of ${text}, and read back`, () => {
            const expressions = scheduleExpressions(parseRunningHours(text)!);
            assert.deepStrictEqual(expressions, { start, stop });
            assert.strictEqual(weeklyHoursBetween(start, stop), weekly);
        });
    }
});
