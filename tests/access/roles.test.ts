// What teammates may do who sign in with roles of their own, by the policy that the real program declares. Not proven: AWS's own
// evaluation, what the roles may do besides, and that Session Manager gives a session the tag that its guide describes.
import assert from "node:assert";
import { assertAll, callers, type Request, roleId } from "../support/callers";
import { evaluateStack } from "../support/stack";
import * as table from "./requests";

const roles = { clientRoleNames: ["DataScientist", "Reviewer"] };
const sessionTag = "ssm:resourceTag/aws:ssmmessages:session-id";

const resumeOrEnd = (owner: string | undefined): Request[] =>
    ["ssm:ResumeSession", "ssm:TerminateSession"].map((action) => [
        action,
        "{ssm}:session/jane-0a1b2c3d4e5f60718",
        (owner === undefined ? {} : { [sessionTag]: owner }) as Record<string, string>,
    ]);
const channel = (session: string): Request => ["ssmmessages:OpenDataChannel", `{ssm}:session/${session}`];

const [startSession] = table.tunnel;
const ownSessions = [...resumeOrEnd(`${roleId}:jane`), channel(`${roleId}:jane-0a1b2c3d4e5f60718`)];
const otherSessions: Request[] = [
    ...table.otherSessions.filter(([action]) => action === "ssm:StartSession"),
    ...resumeOrEnd(`${roleId}:john`),
    ...resumeOrEnd(undefined),
    channel(`${roleId}:john-0a1b2c3d4e5f60718`),
    channel("jane-0a1b2c3d4e5f60718"),
];

describe("a teammate's role", () => {
    const rights: Record<string, readonly Request[]> = {
        readWrite: [...table.readArtifacts, ...table.writeArtifacts],
        readOnly: table.readArtifacts,
        none: [],
    };
    for (const [clientS3Rights, artifacts] of Object.entries(rights)) {
        it(`may do the same as a user with ${clientS3Rights}, and nothing else`, async () => {
            const { clientRole } = callers(await evaluateStack({ ...roles, clientS3Rights }));
            for (const name of roles.clientRoleNames) {
                const jane = clientRole(name);
                assertAll("allow", jane, [...artifacts, startSession, ...ownSessions]);
                const refused = [...table.readArtifacts, ...table.writeArtifacts].filter(
                    (request) => !artifacts.includes(request),
                );
                assertAll("implicit deny", jane, [
                    ...refused,
                    ...otherSessions,
                    ...table.outsideArtifacts,
                    ...table.versions,
                    ...table.configuration,
                    ...table.hostFolder,
                    ...table.addBackups,
                    ...table.changeBackups,
                    ...table.otherServices,
                    table.ownParameter,
                    ...table.agent,
                ]);
                assert.deepStrictEqual(jane.managed, []);
            }
        });
    }

    it("opens no session with SSH access", async () => {
        const ssh = { accessMode: "ssh", sshKeyPairName: "team", sshAllowedCidrs: ["203.0.113.0/24"] };
        const jane = callers(await evaluateStack({ ...roles, ...ssh })).clientRole("DataScientist");
        assertAll("allow", jane, table.readArtifacts);
        assertAll("implicit deny", jane, [startSession, ...ownSessions]);
    });

    it("has AWS's full access to S3 only when asked for by name", async () => {
        const { clientRole } = callers(await evaluateStack({ ...roles, clientS3Rights: "full" }));
        assert.deepStrictEqual(clientRole("Reviewer").managed, ["arn:aws:iam::aws:policy/AmazonS3FullAccess"]);
    });

    it("that the settings do not name has no rights", async () => {
        const { clientRole } = callers(await evaluateStack(roles));
        assert.deepStrictEqual(clientRole("Administrator").policies.identity, []);
    });

    it("stays outside of a restricted bucket only when it is not named", async () => {
        const { clientRole, other } = callers(await evaluateStack({ ...roles, restrictBucket: true }));
        assertAll("allow", clientRole("Reviewer"), table.readArtifacts);
        const everything = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] };
        const stranger = other("arn:aws:iam::123456789012:role/Administrator", [everything]);
        assertAll("explicit deny", stranger, table.readArtifacts);
    });
});
