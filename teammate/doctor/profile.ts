import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { type Check, failed, type Finding, notChecked, ok, warning } from "./check";
import { type Context, once } from "./context";
import { mendProfile, refusal } from "./credentials";
import { profileFiles } from "./profileFiles";

// Who the profile is to AWS.

const mostMinutesOff = 5;
const mostDays = 90;
const day = 24 * 60 * 60 * 1000;

async function judgeProfile(context: Context): Promise<Finding> {
    const { profile } = context;
    const files = await profileFiles(context);
    const entry = files.profile(profile);
    const [mend] = mendProfile(context);
    if (entry?.hasCredentials) {
        return ok(`${profile} is in the AWS files`);
    }
    if (files.misnamed(profile)) {
        return failed(`~/.aws/credentials has [profile ${profile}]`, `write [${profile}] there, without "profile"`);
    }
    return entry
        ? failed(`${profile} is in the AWS files, without anything that leads to credentials`, mend)
        : failed(`${profile} is in none of the AWS files`, mend);
}

/** Who AWS says this is, and what time it says it is. */
const caller = once(async ({ aws: { sts } }) => {
    let date: string | undefined;
    sts.middlewareStack.add(
        (next) => async (input) => {
            const result = await next(input);
            date ??= (result.response as { headers?: Record<string, string> }).headers?.date;
            return result;
        },
        { step: "deserialize", name: "noteDate" },
    );
    const asked = Date.now();
    const { Account, Arn } = await sts.send(new GetCallerIdentityCommand({}));
    return { account: Account ?? "", arn: Arn ?? "", minutesOff: minutesBetween(asked, date) };
});

const minutesBetween = (asked: number, date: string | undefined) =>
    date && Number.isFinite(Date.parse(date)) ? Math.round((asked - Date.parse(date)) / 60_000) : undefined;

async function judgeCredentials(context: Context): Promise<Finding> {
    try {
        return ok(`AWS takes them as ${(await caller(context)).arn}`);
    } catch (error) {
        return refusal(context, error, (await profileFiles(context)).profile(context.profile));
    }
}

async function judgeClock(context: Context): Promise<Finding> {
    const { minutesOff } = await caller(context);
    if (minutesOff === undefined) {
        return notChecked("AWS did not say its time");
    }
    const off = `this machine's clock is ${Math.abs(minutesOff)} min ${minutesOff < 0 ? "behind" : "ahead of"} AWS's`;
    return Math.abs(minutesOff) <= mostMinutesOff
        ? ok("it is AWS's, give or take some minutes")
        : failed(
              `${off}: AWS refuses what is signed then`,
              "set the clock: time from the network, in the system's settings",
          );
}

async function judgeAccount(context: Context): Promise<Finding> {
    const { account } = await caller(context);
    const wanted = context.outputs.accountId;
    return account === wanted
        ? ok(account)
        : failed(
              `profile ${context.profile} is of account ${account}; the stack is in ${wanted}`,
              mendProfile(context)[1],
          );
}

/** `user/mlflow-dev` of a user's ARN, `role/team` of a role's or of its session's. */
const principal = (arn: string) =>
    arn
        .split(":")
        .slice(5)
        .join(":")
        .replace(/^assumed-role\/([^/]+)\/.*$/, "role/$1")
        .replace(/^(user|role)\/.*\//, "$1/");

async function judgeIdentity(context: Context): Promise<Finding> {
    const { arn } = await caller(context);
    const { clientUserName, clientRoleArns = [] } = context.outputs;
    const wanted = clientUserName ? [`user/${clientUserName}`] : clientRoleArns.map(principal);
    if (wanted.includes(principal(arn))) {
        return ok(principal(arn));
    }
    return context.isClientProfile
        ? failed(
              `profile ${context.profile} is ${principal(arn)}; expected: ${wanted.join(" or ")}`,
              mendProfile(context)[1],
          )
        : ok(`${principal(arn)}, as --profile asks`);
}

async function judgeKey(context: Context): Promise<Finding> {
    const { clientAccessKeys, clientAccessKeyId, stack } = context.outputs;
    if (!clientAccessKeys) {
        return ok("there is no key: people sign in with a role");
    }
    if (!context.isClientProfile) {
        return notChecked(`profile ${context.profile} is not the one with the client user's key`);
    }
    const id = (await profileFiles(context)).profile(context.profile)?.accessKeyId;
    const key = clientAccessKeys.find((known) => known.id === id);
    if (!key) {
        const known = clientAccessKeys.map((some) => some.id).join(", ");
        return warning(`the profile's key is ${id ?? "none"}; the outputs know ${known}`, mendProfile(context)[0]);
    }
    const days = Math.floor((context.now.getTime() - Date.parse(key.created)) / day);
    const age = `${key.id} (slot ${key.slot}, ${key.status.toLowerCase()}) is ${days} days old`;
    if (key.id !== clientAccessKeyId) {
        return warning(`${age}; ${clientAccessKeyId} has taken its place`, mendProfile(context)[0]);
    }
    return days > mostDays
        ? warning(
              `${age}, more than ${mostDays}`,
              `an operator changes it: npm run keys -- ${stack} says the next step`,
          )
        : ok(age);
}

export const profileChecks: readonly Check[] = [
    {
        id: "profile",
        title: "The profile is there",
        looksFor:
            "the stack's profile, or `--profile`, that is in neither of the AWS files, misnamed, or without credentials",
        remedy: "`npm run connect -- <stack>`, which writes it",
        run: judgeProfile,
    },
    {
        id: "credentials",
        title: "AWS takes the profile's credentials",
        looksFor:
            "a key that is unknown, inactive or deleted; a wrong secret; a session that is over; no answer from AWS",
        remedy: "`npm run connect -- <stack>` writes the stack's key; `aws sso login` begins a session",
        after: ["profile"],
        run: judgeCredentials,
    },
    {
        id: "clock",
        title: "This machine's clock is right",
        looksFor: "a clock more than 5 minutes from AWS's: requests are signed with the time",
        remedy: "let the system take its time from the network",
        after: ["credentials"],
        run: judgeClock,
    },
    {
        id: "account",
        title: "The profile is of the stack's account",
        looksFor: "a profile of another AWS account",
        remedy: "`npm run connect -- <stack>`, or `--profile` with one of the account",
        after: ["credentials"],
        run: judgeAccount,
    },
    {
        id: "identity",
        title: "The profile is the client's",
        looksFor: "the stack's profile with somebody else's credentials",
        remedy: "`npm run connect -- <stack>`",
        after: ["account"],
        run: judgeIdentity,
    },
    {
        id: "access-key",
        title: "The access key is the newest, and not older than 90 days",
        looksFor:
            "a warning where the key is older than 90 days, where a newer one has taken its place, or where the outputs do not know it",
        remedy: "operators: `npm run keys -- <stack>`; teammates: `npm run connect -- <stack>`",
        after: ["credentials"],
        run: judgeKey,
    },
];
