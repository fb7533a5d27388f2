import assert from "node:assert";
import * as fc from "fast-check";
import * as handover from "../../handover";
import { permissionSetOf } from "../../settings/permissionSet";
import { rules } from "../../settings/rules";
import { accepted, calls } from "../support/shell";

// What teammates paste who sign in with a role, whatever names the settings accept. Not proved: that the AWS CLI signs in so.

const roleName = fc
    .string({ unit: fc.constantFrom(..."AZaz09_+=,.@-"), minLength: 1, maxLength: 40 })
    .filter((name) => rules.clientRoleNames.schema.safeParse([name]).success);
const permissionSet = roleName
    .map((name) => `AWSReservedSSO_${name.slice(0, 30)}_0123456789abcdef`)
    .filter((name) => rules.clientRoleNames.schema.safeParse([name]).success);

describe("what teammates with a role paste", () => {
    it("makes the profile, with each value as one word that is no option", () => {
        const assumed = fc.record({ name: accepted("profileName"), role: roleName }).map(({ name, role }) => ({
            name,
            roleArn: `arn:aws:iam::123456789012:role/${role}`,
            region: "us-west-1",
        }));
        const signedIn = fc
            .record({
                name: accepted("profileName"),
                role: permissionSet,
                startUrl: accepted("ssoStartUrl", "https://x/"),
            })
            .map(({ name, role, startUrl }) => ({
                name,
                roleArn: `arn:aws:iam::123456789012:role/${role}`,
                region: "us-west-1",
                sso: {
                    startUrl,
                    region: "us-east-1",
                    accountId: "123456789012",
                    permissionSet: permissionSetOf(role)!,
                },
            }));
        fc.assert(
            fc.property(fc.array(fc.oneof(assumed, signedIn), { minLength: 1, maxLength: 50 }), (all) => {
                const found = calls(["aws"], all.map(handover.roleProfileSetupCommands).join("")).map(
                    ({ words }) => words,
                );
                const expected = all.flatMap((profile) => {
                    const values =
                        "sso" in profile
                            ? [
                                  ["sso_start_url", profile.sso.startUrl],
                                  ["sso_region", "us-east-1"],
                                  ["sso_account_id", "123456789012"],
                                  ["sso_role_name", profile.sso.permissionSet],
                              ]
                            : [
                                  ["role_arn", profile.roleArn],
                                  ["source_profile", "default"],
                              ];
                    return [...values, ["region", "us-west-1"], ["output", "json"]].map((pair) => [
                        ...["aws", "configure", "set", ...pair, "--profile", profile.name],
                    ]);
                });
                assert.deepStrictEqual(found, expected);
                assert.deepStrictEqual(
                    found.flatMap((words) => words.filter((word) => word.startsWith("-") && word !== "--profile")),
                    [],
                );
            }),
            { numRuns: 20 },
        );
    });

    it("signs in before it verifies", () => {
        fc.assert(
            fc.property(fc.array(accepted("profileName"), { minLength: 1, maxLength: 50 }), (names) => {
                const script = names.map((name) => handover.profileVerifyCommands(name, undefined, true)).join("");
                assert.deepStrictEqual(
                    calls(["aws"], script).map(({ words }) => words),
                    names.flatMap((name) => [
                        ["aws", "sso", "login", "--profile", name],
                        ["aws", "sts", "get-caller-identity", "--profile", name],
                    ]),
                );
            }),
            { numRuns: 10 },
        );
    });
});
