// The printed tunnel command, pasted as printed: the words that a shell makes of it, what the real AWS CLI asks Session Manager
// for, and that the generated policy allows just that. All other requests - resume, terminate, data channel, another document or
// instance, somebody else's session, a shell - are judged by the tables in policies.test.ts and roles.test.ts.
//
// Not proved: the service itself, the plugin and the channel; the actions, resources and condition keys that the service asks IAM
// for are read from its documentation.
import assert from "node:assert";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { teammateShell } from "../../sandbox/teammateShell";
import { assertAll, type Caller, callers, type Request } from "../support/callers";
import { SessionManagerService } from "../support/connectService";
import { install, temporaryFolder } from "../support/sandbox";
import { calls } from "../support/shell";
import { evaluateStack, type Stack } from "../support/stack";

interface Asked {
    readonly Target: string;
    readonly DocumentName?: string;
}

/** What Session Manager asks IAM for, when it is asked for a session; AWS's own documents belong to no account. */
const startSession = ({ Target, DocumentName }: Asked): Request => [
    "ssm:StartSession",
    [
        `arn:aws:ec2:us-west-1:123456789012:instance/${Target}`,
        ...(DocumentName === undefined ? [] : [`arn:aws:ssm:us-west-1::document/${DocumentName}`]),
    ],
    // It has checked no document where none is named: that session is a shell.
    { "ssm:SessionDocumentAccessCheck": String(DocumentName !== undefined) },
];

describe("the printed tunnel command", function () {
    this.timeout(300_000);
    let folder: string;
    let service: SessionManagerService;
    let stack: Stack;
    let client: Caller;
    let asked: Asked;

    before(async () => {
        await install();
        folder = temporaryFolder();
        service = await SessionManagerService.start();
        stack = await evaluateStack({ localPort: 5007 });
        ({ client } = callers(stack));
    });
    after(async () => {
        await service.stop();
        rmSync(folder, { recursive: true, force: true });
    });

    it("is these words to a shell", () => {
        assert.deepStrictEqual(calls(["aws"], String(stack.output("tunnelCommand"))), [
            {
                words: [
                    ...["aws", "ssm", "start-session", "--profile", "mlflow-test", "--region", "us-west-1"],
                    ...["--target", String(stack.output("instanceId"))],
                    ...["--document-name", "AWS-StartPortForwardingSession"],
                    ...["--parameters", '{"portNumber":["5000"],"localPortNumber":["5007"]}'],
                ],
                input: "",
            },
        ]);
    });

    it("asks, by the AWS CLI, for one port of the stack's instance, as the client user", async () => {
        const files = path.join(folder, ".aws");
        mkdirSync(files);
        writeFileSync(path.join(files, "config"), String(stack.output("profileConfigSnippet")));
        writeFileSync(path.join(files, "credentials"), String(stack.output("profileCredentialsSnippet")), {
            mode: 0o600,
        });
        const Target = String(stack.output("instanceId"));
        service.targets = { [Target]: { error: "TargetNotConnected", message: "that will do" } };
        const shell = teammateShell(folder, service.endpoint);
        const { stderr } = await shell(String(stack.output("tunnelCommand")));
        assert.match(
            stderr,
            /An error occurred \(TargetNotConnected\) when calling the StartSession operation: that will do/,
        );
        const body = {
            Target,
            DocumentName: "AWS-StartPortForwardingSession",
            Parameters: { portNumber: ["5000"], localPortNumber: ["5007"] },
        };
        assert.deepStrictEqual(service.started, [
            { keyId: stack.output("clientAccessKeyId"), region: "us-west-1", body },
        ]);
        asked = service.started[0].body;
    });

    it("asks for what the policy allows, and for nothing beside it", () => {
        assertAll("allow", client, [startSession(asked)]);
        assertAll("implicit deny", client, [
            startSession({ Target: asked.Target }),
            startSession({ ...asked, Target: "i-0fedcba9876543210" }),
            startSession({ ...asked, DocumentName: "AWS-StartSSHSession" }),
            startSession({ ...asked, DocumentName: "AWS-StartPortForwardingSessionToRemoteHost" }),
        ]);
    });
});
