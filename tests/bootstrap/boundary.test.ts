import assert from "node:assert";
import * as table from "../access/requests";
import { type Caller, callers, judge, type Request } from "../support/callers";
import { decide } from "../support/iam";
import { evaluateStack, type Stack } from "../support/stack";
import { account, documentsOf, environmentWith } from "./support";

// The boundary of what a deployment makes: the setting that gives it, that it stands in the way of nothing that the program's own policies
// allow, and of everything that leads out of the environment. Whoever has it may do only what both allow. Not proved: that AWS decides
// so. The role's and the user's own policies are judged in tests/access.

const arn = `arn:aws:iam::${account}:policy/github-mlflow-dev-boundary`;
const boundary = (settings = {}) => documentsOf(environmentWith(settings)).boundary;

describe("the setting permissionsBoundaryArn", () => {
    it("limits the server's role and the client's user, and changes nothing else", async () => {
        const [without, limited] = [await evaluateStack(), await evaluateStack({ permissionsBoundaryArn: arn })];
        const changed = limited.resources.filter(
            ({ inputs }, index) => JSON.stringify(inputs) !== JSON.stringify(without.resources[index].inputs),
        );
        assert.deepStrictEqual(
            changed.map(({ type, inputs }) => [type, inputs.permissionsBoundary]).sort(),
            ["aws:iam/role:Role", "aws:iam/user:User"].map((type) => [type, arn]),
        );
        const unlimited = without.resources.filter(({ inputs }) => "permissionsBoundary" in inputs);
        assert.deepStrictEqual(unlimited, []);
    });
});

describe("the boundary", () => {
    const requests = Object.values(table).flatMap((entry): Request[] =>
        typeof entry[0] === "string" ? [entry as Request] : [...(entry as readonly Request[])],
    );
    const tags = { "ssm:resourceTag/Project": "mlflow-aws", "ssm:resourceTag/Environment": "dev" };
    /** What Session Manager adds for an instance that the stack makes; an existing one has other tags. */
    const asked = ([action, resources, context]: Request, existing: boolean): Request => [
        action,
        resources,
        action === "ssm:StartSession" && !existing ? { ...tags, ...context } : context,
    ];
    const within = (caller: Caller, limits: unknown) =>
        ({ ...caller, policies: { identity: [limits] } }) satisfies Caller;

    for (const [mode, settings] of Object.entries({
        "an empty settings file": {},
        "an existing bucket and instance": {
            existingBucketName: "team-artifacts",
            existingInstanceId: "i-0123456789abcdef0",
        },
        "an external database": { backend: "external", databaseHost: "192.0.2.5", databasePassword: "secret" },
        "a database in RDS": { backend: "rds" },
        "alarms and a log": { alarmEmail: "ml-team@example.com", logRetentionDays: 30 },
        "another user's name": { clientUserName: "ml+team@example.com" },
    })) {
        it(`lets through all that the stack's own policies allow, with ${mode}`, async () => {
            const stack: Stack = await evaluateStack(settings, { name: "dev" });
            const { client, server } = callers(stack);
            for (const [who, least] of [
                [client, 8],
                [server, 12],
            ] as const) {
                // The tables name parameters of another stack.
                const own = requests.map(
                    (request) => JSON.parse(JSON.stringify(request).replace(/mlflow-test/g, "mlflow-dev")) as Request,
                );
                const allowed = own.filter((request) => judge(who, request) === "allow");
                const stopped = allowed.filter(
                    (request) =>
                        judge(within(who, boundary(settings)), asked(request, "existingInstanceId" in settings)) !==
                        "allow",
                );
                assert.deepStrictEqual(stopped, []);
                assert.ok(allowed.length >= least, `${allowed.length} of ${who.arn}`);
            }
        });
    }

    it("lets the role of the running hours start and stop what the stack has tagged or named, and nothing of others", () => {
        const decideWith = (action: string, resource: string, context = {}) =>
            decide(
                {
                    principal: `arn:aws:iam::${account}:role/mlflow-dev-server-hours-role-0a1b2c3`,
                    action,
                    resource,
                    context,
                },
                { identity: [boundary()] },
            );
        const instance = `arn:aws:ec2:us-west-1:${account}:instance/i-0123456789abcdef0`;
        const tagged = (Environment: string) => ({
            "aws:ResourceTag/Project": "mlflow-aws",
            "aws:ResourceTag/Environment": Environment,
        });
        const database = (name: string) => `arn:aws:rds:us-west-1:${account}:db:${name}`;
        assert.deepStrictEqual(
            [
                decideWith("ec2:StartInstances", instance, tagged("dev")),
                decideWith("ec2:StopInstances", instance, tagged("dev")),
                decideWith("rds:StopDBInstance", database("mlflow-dev-backend-0a1b2c3")),
                decideWith("ec2:StopInstances", instance, tagged("prod")),
                decideWith("ec2:StopInstances", instance),
                decideWith("ec2:TerminateInstances", instance, tagged("dev")),
                decideWith("rds:StopDBInstance", database("mlflow-prod-backend-0a1b2c3")),
                decideWith("rds:DeleteDBInstance", database("mlflow-dev-backend-0a1b2c3")),
            ],
            [...Array<string>(3).fill("allow"), ...Array<string>(5).fill("implicit deny")],
        );
    });

    it("limits the role of the running hours as well", async () => {
        const stack = await evaluateStack({ permissionsBoundaryArn: arn, runningHours: "07:00-19:00" });
        assert.deepStrictEqual(
            stack.all("aws:iam/role:Role").map(({ inputs }) => inputs.permissionsBoundary),
            [arn, arn],
        );
    });

    it("stops everything else, whatever policies a deployment writes", () => {
        const decideWith = (action: string, resource: string, context?: Record<string, string>) =>
            decide(
                { principal: `arn:aws:iam::${account}:role/mlflow-dev-server-role-0a1b2c3`, action, resource, context },
                { identity: [boundary()] },
            );
        const outside: Parameters<typeof decideWith>[] = [
            ["iam:CreateUser", `arn:aws:iam::${account}:user/new`],
            ["iam:PutRolePolicy", `arn:aws:iam::${account}:role/mlflow-dev-server-role-0a1b2c3`],
            ["iam:PassRole", `arn:aws:iam::${account}:role/mlflow-dev-server-role-0a1b2c3`],
            ["sts:AssumeRole", `arn:aws:iam::${account}:role/github-mlflow-dev-deploy`],
            ["s3:GetObject", "arn:aws:s3:::github-mlflow-state-0123456789abcdef/.pulumi/stacks/mlflow-aws/dev.json"],
            ["s3:GetObject", "arn:aws:s3:::mlflow-prod-0123456789abcdef/artifacts/1/model"],
            ["s3:PutBucketPolicy", "arn:aws:s3:::mlflow-dev-0123456789abcdef"],
            ["s3:DeleteObjectVersion", "arn:aws:s3:::mlflow-dev-0123456789abcdef/artifacts/1/model"],
            ["s3:ListAllMyBuckets", "*"],
            ["ssm:GetParameter", `arn:aws:ssm:us-west-1:${account}:parameter/mlflow-prod/database-passwords`],
            ["ssm:SendCommand", `arn:aws:ec2:us-west-1:${account}:instance/i-0123456789abcdef0`, tags],
            ["ssm:StartSession", `arn:aws:ec2:us-west-1:${account}:instance/i-0123456789abcdef0`],
            ["ec2:RunInstances", "*"],
            ["logs:PutLogEvents", `arn:aws:logs:us-west-1:${account}:log-group:/mlflow-prod/host:log-stream:i-0`],
            ["logs:GetLogEvents", `arn:aws:logs:us-west-1:${account}:log-group:/mlflow-dev/host:log-stream:i-0`],
            ["logs:DeleteLogStream", `arn:aws:logs:us-west-1:${account}:log-group:/mlflow-dev/host:log-stream:i-0`],
            ["cloudwatch:PutMetricData", "*", { "cloudwatch:namespace": "mlflow-prod" }],
            ["cloudwatch:PutMetricData", "*"],
            ["kms:Decrypt", `arn:aws:kms:us-west-1:${account}:key/1234abcd-12ab-34cd-56ef-1234567890ab`],
            [
                "kms:Decrypt",
                `arn:aws:kms:us-west-1:${account}:key/1234abcd-12ab-34cd-56ef-1234567890ab`,
                { "kms:EncryptionContext:environment": "dev" },
            ],
        ];
        for (const request of outside) {
            assert.strictEqual(decideWith(...request), "implicit deny", `${request[0]} on ${request[1]}`);
        }
        assert.strictEqual(decideWith("s3:GetObject", "arn:aws:s3:::mlflow-dev-0123456789abcdef/host/x"), "allow");
    });
});
