import assert from "node:assert";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { violations } from "../../policies/rule";
import { rules } from "../../policies/rules";
import { plain, unknown } from "../../policies/values";
import { repository } from "../support/sandbox";
import { resource, rule } from "./cases";

// What all rules have in common.

describe("the policies", () => {
    it("have names of their own, a reason for their level, a control and a remedy", () => {
        assert.strictEqual(new Set(rules.map(({ name }) => name)).size, rules.length);
        for (const { name, why, refuses, controls, allowed, remedy } of rules) {
            assert.match(name, /^[a-z]+(-[a-z]+)+$/);
            for (const text of [why, refuses, allowed, remedy]) {
                assert.ok(text.length > 3 && !text.endsWith("."), name);
            }
            assert.ok(controls.length > 0, name);
            for (const control of controls) {
                assert.match(control, /^([A-Z]\w+\.\d+|CIS \d\.\d+(\.\d+)?|SEC\d\d-BP\d\d)$/, name);
            }
        }
    });

    it("have good and bad cases each", () => {
        const texts = ["network", "buckets", "instances", "identity", "fullAccess", "secrets", "database"].map(
            (topic) => readFileSync(path.join(repository, "tests/policies", `${topic}.test.ts`), "utf8"),
        );
        const judged = texts.flatMap((text) => [...text.matchAll(/^judges\("([\w-]+)"/gm)].map(([, name]) => name));
        assert.deepStrictEqual(judged.sort(), rules.map(({ name }) => name).sort());
    });

    it("say what is wrong, what is allowed, what to do, and which control asks for it", () => {
        const open = resource("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", { cidrIpv6: "::/0" });
        assert.deepStrictEqual(violations(rule("no-ingress-from-the-world"), [open]), [
            {
                urn: open.urn,
                message:
                    "cidrIpv6: got ::/0; allowed: IPv4 ranges of /8 or narrower, IPv6 ranges of /32 or narrower; remedy: name the ranges of " +
                    "the office or the VPN, or use Session Manager, which needs no open port (EC2.18, EC2.53, EC2.54, CIS 5.2, CIS 5.3)",
            },
        ]);
    });

    it("see what is known of a value, and that the rest is not", () => {
        const guarded = {
            known: [1, { deep: null }],
            get secret(): string {
                throw new Error("not known yet");
            },
            list: Object.defineProperty(["first", "second"], 1, {
                get() {
                    throw new Error("not known yet");
                },
            }),
        };
        assert.deepStrictEqual(plain(guarded), {
            known: [1, { deep: null }],
            secret: unknown,
            list: ["first", unknown],
        });
    });
});
