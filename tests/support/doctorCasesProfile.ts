import { calledBy, queryError } from "./doctorAws";
import { type Case, credentials, type DoctorScene, type Files } from "./doctorScene";

/** Who the profile is to AWS. */
export function profileCases({ outputs, files }: DoctorScene): Case[] {
    const { profileName, stack, accountId, clientAccessKeyId = "", clientAccessKeys = [], clientUserName } = outputs;
    const connect = `npm run connect -- ${stack}, which writes the profile`;
    const replace = `remove the profile ${profileName} from the AWS files, then ${connect}`;
    const clock = "set this machine's clock: time from the network, in the system's settings";
    const as = (id: string): Files => ({ ...files, credentials: credentials(profileName, id, "x") });
    const [key] = clientAccessKeys;
    const daysAgo = (days: number) => new Date(Date.now() - days * 24 * 60 * 60 * 1000 - 60_000).toISOString();
    const refused = (when: string, code: string, evidence: RegExp, remedy: string, message = "no"): Case => ({
        id: "credentials",
        when,
        verdict: "failed",
        evidence,
        remedy,
        standIns: { "sts GetCallerIdentity": queryError(code, message) },
    });
    const stackKeys = { clientAccessKeys: [{ ...key, id: "AKIANEW" }], clientAccessKeyId: "AKIANEW" };
    return [
        {
            id: "profile",
            when: "it is there",
            verdict: "ok",
            evidence: new RegExp(`^${profileName} is in the AWS files$`),
        },
        {
            id: "profile",
            when: "it is not",
            verdict: "failed",
            evidence: new RegExp(`^${profileName} is in none of the AWS files$`),
            remedy: connect,
            files: { config: "", credentials: "" },
        },
        {
            id: "profile",
            when: "another one is asked for, and is not there",
            verdict: "failed",
            evidence: /^it's me is in none/,
            remedy: `aws configure --profile 'it'\\''s me'`,
            profile: "it's me",
        },
        {
            id: "profile",
            when: "it holds no credentials",
            verdict: "failed",
            evidence: /without anything that leads to credentials$/,
            remedy: connect,
            files: { ...files, credentials: "" },
        },
        {
            id: "profile",
            when: "it is misnamed",
            verdict: "failed",
            evidence: new RegExp(`^~/\\.aws/credentials has \\[profile ${profileName}\\]$`),
            remedy: `write [${profileName}] there, without "profile"`,
            files: { ...files, credentials: credentials(`profile ${profileName}`, "AKIAEXAMPLE", "x") },
        },

        {
            id: "credentials",
            when: "they are the stack's",
            verdict: "ok",
            evidence: new RegExp(`^AWS takes them as arn:aws:iam::${accountId}:user/${clientUserName}$`),
        },
        {
            id: "credentials",
            when: "the key is unknown",
            verdict: "failed",
            evidence: new RegExp(
                `^AWS does not know the key AKIAGONE, or it is inactive; it is no key of this stack, which has ${clientAccessKeyId} \\(active\\)$`,
            ),
            remedy: connect,
            files: as("AKIAGONE"),
        },
        {
            ...refused("the key is inactive", "InvalidClientTokenId", /; the outputs say it is inactive$/, connect),
            outputs: { clientAccessKeys: [{ ...key, status: "Inactive" }] },
        },
        refused("the secret is wrong", "SignatureDoesNotMatch", /^AWS knows the key, but the secret/, connect),
        refused("the session is over", "ExpiredToken", /^the session is over$/, connect),
        {
            ...refused("the session with IAM Identity Center is over", "ExpiredToken", /^the session is over$/, ""),
            remedy: `aws sso login --profile ${profileName}`,
            files: {
                ...files,
                config: `[profile ${profileName}]\nsso_start_url = https://team.awsapps.com/start\n`,
            },
        },
        {
            id: "credentials",
            when: "nobody has signed in with IAM Identity Center",
            verdict: "failed",
            evidence: /^CredentialsProviderError, .*SSO/,
            remedy: `aws sso login --profile ${profileName}`,
            files: {
                config:
                    `[profile ${profileName}]\nsso_start_url = https://team.awsapps.com/start\nsso_region = us-west-1\n` +
                    `sso_account_id = ${accountId}\nsso_role_name = team\n`,
                credentials: "",
            },
        },
        refused("the clock is wrong", "RequestExpired", /^HTTP 403, RequestExpired, no$/, clock),
        refused(
            "the clock is wrong, in other words",
            "SignatureDoesNotMatch",
            /Signature not yet current/,
            clock,
            "Signature not yet current: it is later there",
        ),
        {
            id: "credentials",
            when: "AWS does not answer",
            verdict: "failed",
            evidence: /^ECONNREFUSED/,
            remedy: "look at network, VPN and firewall: AWS did not answer",
            environment: { AWS_ENDPOINT_URL: "http://127.0.0.1:9" },
        },

        { id: "clock", when: "it is right", verdict: "ok", evidence: /^it is AWS's, give or take some minutes$/ },
        {
            id: "clock",
            when: "it is an hour behind",
            verdict: "failed",
            evidence: /^this machine's clock is (59|60|61) min behind AWS's/,
            remedy: "set the clock: time from the network, in the system's settings",
            standIns: {
                "sts GetCallerIdentity": { headers: { date: new Date(Date.now() + 3_600_000).toUTCString() } },
            },
        },

        { id: "account", when: "it is the stack's", verdict: "ok", evidence: new RegExp(`^${accountId}$`) },
        {
            id: "account",
            when: "it is another",
            verdict: "failed",
            evidence: new RegExp(`^profile ${profileName} is of account ${accountId}; the stack is in 999999999999$`),
            remedy: replace,
            outputs: { accountId: "999999999999" },
        },

        {
            id: "identity",
            when: "it is the client user",
            verdict: "ok",
            evidence: new RegExp(`^user/${clientUserName}$`),
        },
        {
            id: "identity",
            when: "it is an operator who asks to be",
            verdict: "ok",
            evidence: /^user\/operator, as --profile asks$/,
            profile: "operator",
        },
        ...(["team", "other"] as const).map((role): Case => {
            const set = (name: string) => `AWSReservedSSO_${name}_0123456789abcdef`;
            const reserved = `arn:aws:iam::${accountId}:role/aws-reserved/sso.amazonaws.com/${set("team")}`;
            return {
                id: "identity",
                when: `the role ${role} has signed in`,
                verdict: role === "team" ? "ok" : "failed",
                evidence:
                    role === "team"
                        ? new RegExp(`^role/${set("team")}$`)
                        : new RegExp(`is role/${set("other")}; expected: role/${set("team")}$`),
                remedy: role === "team" ? undefined : replace,
                outputs: { clientUserName: undefined, clientRoleArns: [reserved] },
                standIns: calledBy(`arn:aws:sts::${accountId}:assumed-role/${set(role)}/somebody`, accountId),
            };
        }),
        {
            id: "identity",
            when: "it is somebody else",
            verdict: "failed",
            evidence: new RegExp(`^profile ${profileName} is user/operator; expected: user/${clientUserName}$`),
            remedy: replace,
            files: { ...files, credentials: files.credentials.replace(/^[^]*\[operator\]/, `[${profileName}]`) },
        },

        {
            id: "access-key",
            when: "it is young",
            verdict: "ok",
            evidence: new RegExp(`^${clientAccessKeyId} \\(slot a, active\\) is 0 days old$`),
        },
        {
            id: "access-key",
            when: "it is 90 days old",
            verdict: "ok",
            evidence: /is 90 days old$/,
            outputs: { clientAccessKeys: [{ ...key, created: daysAgo(90) }] },
        },
        {
            id: "access-key",
            when: "it is 91 days old",
            verdict: "warning",
            evidence: /is 91 days old, more than 90$/,
            remedy: `an operator changes it: npm run keys -- ${stack} says the next step`,
            outputs: { clientAccessKeys: [{ ...key, created: daysAgo(91) }] },
        },
        {
            id: "access-key",
            when: "another has taken its place",
            verdict: "warning",
            evidence: /is 0 days old; AKIANEW has taken its place$/,
            remedy: connect,
            outputs: { ...stackKeys, clientAccessKeys: [key, ...stackKeys.clientAccessKeys] },
        },
        {
            id: "access-key",
            when: "the outputs do not know it",
            verdict: "warning",
            evidence: new RegExp(`^the profile's key is ${clientAccessKeyId}; the outputs know AKIANEW$`),
            remedy: connect,
            outputs: stackKeys,
        },
        {
            id: "access-key",
            when: "there is none",
            verdict: "ok",
            evidence: /^there is no key: people sign in with a role$/,
            outputs: { clientAccessKeys: undefined },
        },
    ];
}
