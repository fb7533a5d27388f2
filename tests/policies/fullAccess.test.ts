import assert from "node:assert";
import { isFullAccess } from "../../policies/rules/fullAccess";
import { unknown } from "../../policies/values";
import { judges, resource } from "./cases";

// Good and bad managed policies, in stacks with and without a protected resource.

const full = "arn:aws:iam::aws:policy/AmazonS3FullAccess";
const attachment = (policyArn: unknown, type = "aws:iam/rolePolicyAttachment:RolePolicyAttachment") =>
    resource(type, { policyArn });
const kept = resource("aws:s3/bucket:Bucket", {}, { name: "kept", protect: true });
const passing = {
    "a policy that reads": attachment("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"),
    "an own policy of the same name": attachment("arn:aws:iam::123456789012:policy/AmazonS3FullAccess"),
    "what a preview does not know": attachment(unknown),
};
const withKept = (resources: typeof kept | (typeof kept)[]) => [kept, ...[resources].flat()];

judges("no-full-access-in-protected-stacks", {
    passes: {
        ...Object.fromEntries(Object.entries(passing).map(([title, given]) => [title, withKept(given)])),
        "full access in a stack where nothing is protected": attachment(full),
    },
    refuses: {
        "full access, however it is attached": [
            withKept([
                attachment(full),
                attachment(full, "aws:iam/groupPolicyAttachment:GroupPolicyAttachment"),
                attachment(full, "aws:iam/userPolicyAttachment:UserPolicyAttachment"),
                attachment(full, "aws:iam/policyAttachment:PolicyAttachment"),
                resource("aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive", {
                    policyArns: [full],
                }),
                resource("aws:iam/role:Role", { managedPolicyArns: [unknown, full] }),
                resource("aws:ssoadmin/managedPolicyAttachment:ManagedPolicyAttachment", { managedPolicyArn: full }),
            ]),
            ...Array<string>(7).fill(`managed policy: got ${full}`),
        ],
    },
});

judges("full-access-is-for-a-quick-start", {
    passes: {
        ...passing,
        "full access in a protected stack, which the other rule refuses": withKept(attachment(full)),
    },
    refuses: { "full access": [attachment(full), `managed policy: got ${full}`] },
});

describe("full access", () => {
    for (const [name, isFull] of [
        ["AdministratorAccess", true],
        ["AdministratorAccess-Amplify", true],
        ["PowerUserAccess", true],
        ["IAMFullAccess", true],
        ["AmazonEC2FullAccess", true],
        ["AWSLambda_FullAccess", true],
        ["job-function/DatabaseFullAccess", true],
        ["AmazonSSMManagedInstanceCore", false],
        ["ReadOnlyAccess", false],
        ["job-function/ViewOnlyAccess", false],
    ] as const) {
        it(`${isFull ? "is" : "is not"} ${name}, in any partition`, () => {
            for (const partition of ["aws", "aws-cn", "aws-us-gov"]) {
                assert.strictEqual(isFullAccess(`arn:${partition}:iam::aws:policy/${name}`), isFull);
            }
        });
    }
});
