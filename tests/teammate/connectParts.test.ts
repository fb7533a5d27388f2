import assert from "node:assert";
import { isSessionOf, isUser } from "../../teammate/connect/caller";
import { pauseAfter } from "../../teammate/connect/keepUp";
import { remedyOf } from "../../teammate/connect/reasons";
import type { StackOutputs } from "../../commands/outputs";

// The smaller parts of `npm run connect` that decide by themselves.

describe("who a profile is", () => {
    const known = (arn: string) => ({ kind: "known" as const, account: arn.split(":")[4], arn });

    it("is the stack's user by account, kind and name", () => {
        const is = (arn: string) => isUser(known(arn), "123456789012", "mlflow-dev-client");
        assert.ok(is("arn:aws:iam::123456789012:user/mlflow-dev-client"));
        assert.ok(is("arn:aws-us-gov:iam::123456789012:user/people/mlflow-dev-client"));
        assert.ok(!is("arn:aws:iam::210987654321:user/mlflow-dev-client"));
        assert.ok(!is("arn:aws:iam::123456789012:user/mlflow-dev-client2"));
        assert.ok(!is("arn:aws:sts::123456789012:assumed-role/x/mlflow-dev-client"));
        assert.ok(!isUser({ kind: "unknown key" }, "123456789012", "mlflow-dev-client"));
    });

    it("is one of the stack's roles by account and name, without the role's path", () => {
        const roles = ["arn:aws:iam::123456789012:role/aws-reserved/sso/AWSReservedSSO_science_0123456789abcdef"];
        const session = "assumed-role/AWSReservedSSO_science_0123456789abcdef/jane";
        assert.ok(isSessionOf(known(`arn:aws:sts::123456789012:${session}`), roles));
        assert.ok(!isSessionOf(known(`arn:aws:sts::210987654321:${session}`), roles));
        assert.ok(!isSessionOf(known("arn:aws:sts::123456789012:assumed-role/other/jane"), roles));
        assert.ok(!isSessionOf(known("arn:aws:iam::123456789012:user/AWSReservedSSO_science_0123456789abcdef"), roles));
    });
});

describe("a tunnel that fails", () => {
    it("is tried again after 1, 2, 4, 8, 16 and then every 30 seconds", () => {
        assert.deepStrictEqual([0, 1, 2, 3, 4, 5, 6, 60, 6000].map(pauseAfter), [1, 2, 4, 8, 16, 30, 30, 30, 30]);
    });

    const outputs = { stack: "dev", profileName: "mlflow-dev", instanceId: "i-0123" } as StackOutputs;
    const error = (code: string) => `\nAn error occurred (${code}) when calling the StartSession operation: text\n`;

    it("is given up where only a person can help", () => {
        const said: [string, RegExp][] = [
            [error("AccessDeniedException"), /^read the outputs again, for the instance of dev may have been replaced/],
            [error("UnrecognizedClientException"), /^the key is gone or inactive/],
            [error("InvalidSignatureException"), /^set the clock of this machine right/],
            [error("ExpiredTokenException"), /^aws sso login --profile mlflow-dev, /],
            ["Error when retrieving token from sso: Token has expired and refresh failed", /^aws sso login/],
            ["The config profile (mlflow-dev) could not be found", /^npm run connect again$/],
            ["Unable to locate credentials. You can configure them", /^aws configure list --profile mlflow-dev shows/],
            ["Host key verification failed.", /ssh-keygen -R mlflow-dev, /],
            ["mlflow-tunnel@203.0.113.7: Permission denied (publickey).", /^ssh-add /],
        ];
        for (const [text, remedy] of said) {
            assert.match(remedyOf(text, outputs) ?? "none", remedy, text);
        }
    });

    it("is tried again where waiting may help", () => {
        for (const text of [
            error("TargetNotConnected"),
            error("ThrottlingException"),
            error("InternalServerError"),
            'Could not connect to the endpoint URL: "https://ssm.us-west-1.amazonaws.com/"',
            "ssh: connect to host 203.0.113.7 port 22: Connection timed out",
            "Connection closed by 203.0.113.7 port 22",
            "bind [127.0.0.1]:5001: Address already in use",
            "",
        ]) {
            assert.strictEqual(remedyOf(text, outputs), undefined, text);
        }
    });
});
