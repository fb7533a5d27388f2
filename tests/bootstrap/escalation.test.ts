import assert from "node:assert";
import * as escalations from "./requests/escalations";
import { asKeys, type Request, stackTags } from "./requests/request";
import * as trespasses from "./requests/trespasses";
import { allows, deployer, environmentWith, previewer, refusedAmong } from "./support";

// What the roles of an environment may not do: get more rights than they have, by their own hands or by those of what they make;
// touch another environment; read what nobody needs for a preview. Judged by tests/support/iam.ts, whose first lines say what it leaves
// out; AWS itself is not asked.

const denied = { ...escalations.denied, ...trespasses.denied };
const withinLimits = [...escalations.withinLimits, ...trespasses.withinLimits];

describe("a deployment", () => {
    const deploy = deployer(environmentWith());

    for (const [what, requests] of Object.entries(denied)) {
        it(`may not ${what}`, () => {
            assert.ok(requests.length > 0);
            assert.strictEqual(refusedAmong(deploy, requests).length, requests.length, allowedAmong(requests));
        });
    }

    // Each of them is allowed when it is done as the program does it: nothing is refused for another reason than the one named.
    it("may do the same things within its limits", () => {
        assert.deepStrictEqual(refusedAmong(deploy, withinLimits), []);
    });

    it("may not touch networks of others, or open the group that it closes, when it makes a network of its own", () => {
        const { ofNetworks } = trespasses;
        const withNetwork = deployer(environmentWith({ networkCidr: "10.20.0.0/20" }));
        const allowed = ofNetworks.filter((request) => allows(withNetwork, request));
        assert.deepStrictEqual(allowed, []);
    });

    it("may make no network without the setting", () => {
        const tags = { ...asKeys("aws:RequestTag", stackTags) };
        const request: Request = ["ec2:CreateVpc", "arn:aws:ec2:us-west-1:123456789012:vpc/vpc-1", tags];
        assert.strictEqual(allows(deploy, request), false);
        assert.strictEqual(allows(deployer(environmentWith({ networkCidr: "10.20.0.0/20" })), request), true);
    });

    const allowedAmong = (requests: readonly Request[]) =>
        requests
            .filter((request) => allows(deploy, request))
            .map(([action, resource]) => `${action} on ${resource}`)
            .join(", ");
});

describe("a preview", () => {
    const preview = previewer(environmentWith());

    it("may not do what a deployment may not, nor what only a deployment may", () => {
        const requests = [...Object.values(denied).flat(), ...withinLimits];
        assert.strictEqual(refusedAmong(preview, requests).length, requests.length);
    });

    it("may read no secret besides those of the stack's own state and parameters", () => {
        assert.strictEqual(refusedAmong(preview, trespasses.secrets).length, trespasses.secrets.length);
    });
});

// Not wanted, but what IAM cannot limit; docs/deployment-rights.md says so, and whoever closes one of these gaps will find it here.
describe("what the rights of a deployment cannot prevent", () => {
    it("more rights for a user of the account whom somebody puts into the client's group: groups take no boundary", () => {
        assert.deepStrictEqual(refusedAmong(deployer(environmentWith()), escalations.byTheGroup), []);
    });

    it("more rights for the roles of `clientRoleNames`, which are not the program's, by the policy that it attaches", () => {
        const withRoles = deployer(environmentWith({ clientRoleNames: ["DataScientist"] }));
        assert.deepStrictEqual(refusedAmong(withRoles, escalations.byTheClientPolicy), []);
        const attach = escalations.byTheClientPolicy.filter(([action]) => action === "iam:AttachRolePolicy");
        assert.strictEqual(refusedAmong(deployer(environmentWith()), attach).length, attach.length);
    });
});
