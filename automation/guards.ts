import { type Fault, fault } from "../settings/fault";

// Questions that are answered before anything is read or made. Pure: what they look at is given.

/** What `Pulumi.<stack>.yaml` holds. */
export interface StackFile {
    readonly encryptionsalt?: string;
    readonly encryptedkey?: string;
    readonly config?: Readonly<Record<string, unknown>>;
}

/** What no two stacks may have in common. */
const ownKeys = ["bucketName", "clientUserName", "profileName", "localPort"].map((name) => `mlflow-aws:${name}`);

/** Whether the settings are another stack's, copied. */
export function copiedSettingsFaults(stack: string, files: Readonly<Record<string, StackFile>>): Fault[] {
    const own = files[stack] ?? {};
    return Object.entries(files)
        .filter(([other]) => other !== stack)
        .flatMap(([other, file]) => [
            ...(["encryptionsalt", "encryptedkey"] as const)
                .filter((key) => own[key] !== undefined && own[key] === file[key])
                .map((key) => [key, `the one of stack ${other}`, `pulumi stack init ${stack} writes its own`] as const),
            ...ownKeys
                .filter((key) => own.config?.[key] && own.config[key] === file.config?.[key])
                .map((key) => {
                    const name = key.split(":")[1];
                    const value = `${String(own.config![key])}, which is also that of stack ${other}`;
                    return [name, value, `pulumi config set ${name} <another> --stack ${stack}`] as const;
                }),
        ])
        .map(([key, got, remedy]) =>
            fault(key, got, `a value that only stack ${stack} has: its settings look copied`, remedy),
        );
}

/** Who deploys where. */
export interface Place {
    readonly stack: string;
    readonly region: string;
    /** Of `AWS_REGION` and `AWS_DEFAULT_REGION`; absent where neither is set. */
    readonly environmentRegion: string | undefined;
    readonly account: string;
    readonly allowedAccounts: readonly string[];
    readonly protect: boolean;
}

/** Whether the caller is in the account and the region that the settings name. */
export function placeFaults(place: Place): Fault[] {
    const { stack, region, environmentRegion, account, allowedAccounts, protect } = place;
    const faults: Fault[] = [];
    if (allowedAccounts.length > 0 && !allowedAccounts.includes(account)) {
        const accounts = allowedAccounts.join(" or ");
        faults.push(
            fault("account", account, `${accounts} (aws:allowedAccountIds)`, "use credentials of that account"),
        );
    }
    if (allowedAccounts.length === 0 && protect) {
        faults.push(
            fault(
                "aws:allowedAccountIds",
                "nothing",
                "the account of a protected stack",
                `pulumi config set --path 'aws:allowedAccountIds[0]' ${account} --stack ${stack}, if ${account} is the one`,
            ),
        );
    }
    if (environmentRegion && environmentRegion !== region) {
        faults.push(
            fault(
                "AWS_REGION",
                environmentRegion,
                `${region} (aws:region of stack ${stack}), or none`,
                `unset AWS_REGION and AWS_DEFAULT_REGION, or name the stack of ${environmentRegion}`,
            ),
        );
    }
    return faults;
}

/** Whether a deployed stack is where it was. */
export function movedFaults(
    { stack, region, account }: Pick<Place, "stack" | "region" | "account">,
    deployed: Readonly<Record<string, unknown>>,
): Fault[] {
    const places = [
        ["account", account, deployed.accountId, "use credentials of that account"],
        ["aws:region", region, deployed.region, `pulumi config set aws:region ${String(deployed.region)}`],
    ] as const;
    return places
        .filter(([, now, before]) => before !== undefined && now !== before)
        .map(([key, now, before, remedy]) =>
            fault(key, now, `${String(before)}, where stack ${stack} is deployed`, `${remedy}; or make a new stack`),
        );
}

/** What is deployed to a protected stack must be what anybody finds in the history. */
export function workTreeFaults(stack: string, protect: boolean, changed: readonly string[] | undefined): Fault[] {
    if (!protect || changed?.length === 0) {
        return [];
    }
    return [
        fault(
            "work tree",
            changed ? `${changed.length} changed: ${changed.slice(0, 5).join(", ")}` : "no git checkout",
            `a clean checkout for stack ${stack}, which is protected`,
            "commit, and deploy what was reviewed",
        ),
    ];
}

/** A protected stack is not destroyed: never by CI, by a person once its protection is off. */
export function destroyFaults(stack: string, protect: boolean): Fault[] {
    return protect
        ? [
              fault(
                  "destroy",
                  `stack ${stack}, which is protected`,
                  "a stack with protect false",
                  "a person, on purpose: pulumi config set protect false, up, and then destroy",
              ),
          ]
        : [];
}
