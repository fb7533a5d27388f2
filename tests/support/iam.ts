// Judges requests by IAM policies, as AWS documents it, for one account: explicit Deny, then Allow of either side, else no.
// Not proven by it: AWS itself decides. Service control and resource control policies, permission boundaries, session
// policies, callers of other accounts and AWS's managed policies are not covered. It reads what this program's policies
// are written in; whatever else stands in a document is an error, so that no document passes unjudged.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html

export interface Request {
    /** ARN of the caller (for a role's session, the role's), or the name of an AWS service. */
    readonly principal: string;
    readonly action: string;
    readonly resource: string;
    /** Condition keys that the request carries, such as `aws:SecureTransport`; commas between several values of one. */
    readonly context?: Readonly<Record<string, string>>;
}

/** Documents as objects or as JSON text. */
export interface Policies {
    readonly identity?: readonly unknown[];
    readonly bucket?: unknown;
}

export type Verdict = "allow" | "implicit deny" | "explicit deny";

/** The verdict on a request of a caller with these identity policies, to a resource with this policy. */
export function decide(request: Request, { identity = [], bucket }: Policies): Verdict {
    const statements = identity.flatMap((document) => read(document, "identity"));
    return verdict(request, bucket === undefined ? statements : [...statements, ...read(bucket, "bucket")]);
}

/**
 * The verdict of a role's trust policy on whoever wants to assume the role: no identity policy can replace it.
 *
 * @param principal as in a request; for the holder of a token, the ARN of the provider that vouches for it
 */
export function decideTrust(
    principal: string,
    trust: unknown,
    action = "sts:AssumeRole",
    context: Request["context"] = {},
): Verdict {
    return verdict({ principal, action, resource: "*", context }, read(trust, "trust"));
}

interface Statement {
    readonly deny: boolean;
    readonly matches: (request: Request) => boolean;
}

function verdict(request: Request, statements: readonly Statement[]): Verdict {
    const matching = statements.filter((statement) => statement.matches(request));
    if (matching.some(({ deny }) => deny)) {
        return "explicit deny";
    }
    return matching.length > 0 ? "allow" : "implicit deny";
}

type Matcher = (request: Request) => boolean;

/** The elements of a statement, which may also have `Sid` and `Condition`. */
const elements = {
    identity: "Action,Effect,Resource",
    bucket: "Action,Effect,Principal,Resource",
    trust: "Action,Effect,Principal",
};

// Everything is read before anything is judged: an element that is not understood fails also where the rest of its
// statement would not match.
function read(document: unknown, kind: keyof typeof elements): Statement[] {
    const { Version, Statement, ...rest } = fields(typeof document === "string" ? JSON.parse(document) : document);
    demand(Version === "2012-10-17", `Version ${JSON.stringify(Version)}`);
    demand(Object.keys(rest).length === 0, `element ${Object.keys(rest).join()}`);
    return (Array.isArray(Statement) ? Statement : [Statement]).map((given: unknown) => {
        const statement = fields(given);
        const { Effect, Principal, Action, Resource, Condition = {} } = statement;
        const optional = ["Condition", "Sid"];
        const found = Object.keys(statement)
            .filter((element) => !optional.includes(element))
            .sort()
            .join();
        demand(found === elements[kind], `${kind} statement of ${found}`);
        demand(Effect === "Allow" || Effect === "Deny", `Effect ${JSON.stringify(Effect)}`);
        const parts = [
            any(texts(Action).map(action)),
            ...(kind === "trust" ? [] : [any(texts(Resource).map(resource))]),
            ...(kind === "identity" ? [] : [principal(Principal)]),
            ...conditions(Condition),
        ];
        return { deny: Effect === "Deny", matches: (request) => parts.every((matches) => matches(request)) };
    });
}

const any =
    (matchers: Matcher[]): Matcher =>
    (request) =>
        matchers.some((matches) => matches(request));

function action(pattern: string): Matcher {
    demand(/^(\*|[a-z0-9-]+:[a-z0-9*?]+)$/i.test(pattern), `Action ${pattern}`);
    const expression = glob(pattern, "i");
    return (request) => expression.test(request.action);
}

const variables = ["aws:username", "aws:userid"];

/** `*` spans `/` and `:`. A variable stands for its value as it is; without a value nothing matches. */
function resource(pattern: string): Matcher {
    demand(pattern === "*" || pattern.startsWith("arn:"), `Resource ${pattern}`);
    const parts = pattern.split(/\$\{([^}]*)\}/);
    const names = parts.filter((_, index) => index % 2 === 1);
    const understood = names.every((name) => variables.includes(name)) && !parts.join().includes("${");
    demand(understood, `variable in ${pattern}`);
    return (request) => {
        const values = names.map((name) => valueOf(name, request));
        const source = parts.map((part, index) =>
            index % 2 === 1 ? literal(values[(index - 1) / 2] ?? "") : wild(part),
        );
        return !values.includes(undefined) && exactly(source.join("")).test(request.resource);
    };
}

/** Callers are named in full. An account (its id or its root's ARN) would stand for all its callers, so it is refused. */
function principal(given: unknown): Matcher {
    if (given === "*") {
        return () => true;
    }
    const { AWS, Service, Federated, ...rest } = fields(given);
    demand(Object.keys(rest).length === 0, `Principal ${Object.keys(rest).join()}`);
    const callers = AWS === undefined ? [] : texts(AWS);
    const services = Service === undefined ? [] : texts(Service);
    const providers = Federated === undefined ? [] : texts(Federated);
    const odd = [
        ...callers.filter((arn) => arn !== "*" && !/^arn:[a-z-]+:(iam|sts)::\d{12}:[a-z-]+\/[^*?$]+$/.test(arn)),
        ...services.filter((service) => !/^[a-z0-9.-]+\.amazonaws\.com$/.test(service)),
        ...providers.filter((arn) => !/^arn:[a-z-]+:iam::\d{12}:oidc-provider\/[^*?$]+$/.test(arn)),
    ];
    const named = [...callers, ...services, ...providers];
    demand(odd.length === 0 && named.length > 0, `Principal ${JSON.stringify(given)}`);
    return (request) => callers.includes("*") || named.includes(request.principal);
}

type Operator = (wanted: readonly string[], actual: string | undefined) => boolean;

const some =
    (test: (wanted: string, actual: string) => boolean): Operator =>
    (wanted, actual) =>
        actual !== undefined && wanted.some((value) => test(value, actual));
/** A negated operator is true also for a key that the request does not carry. */
const none =
    (test: (wanted: string, actual: string) => boolean): Operator =>
    (wanted, actual) =>
        !some(test)(wanted, actual);

const equal = (wanted: string, actual: string) => wanted === actual;
const sameFlag = (wanted: string, actual: string) => wanted.toLowerCase() === actual.toLowerCase();

/** Each of the six parts is compared by itself; only the last may hold colons. */
function arnLike(pattern: string, arn: string): boolean {
    const six = (text: string) => /^([^:]*):([^:]*):([^:]*):([^:]*):([^:]*):(.*)$/s.exec(text)?.slice(1) ?? [];
    const actual = six(arn);
    return actual.length === 6 && six(pattern).every((part, index) => glob(part).test(actual[index]));
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html */
const operators = new Map<string, Operator>([
    ["StringEquals", some(equal)],
    ["StringNotEquals", none(equal)],
    ["StringLike", some((pattern, actual) => glob(pattern).test(actual))],
    ["ArnLike", some(arnLike)],
    ["ArnEquals", some(arnLike)],
    ["ArnNotLike", none(arnLike)],
    // True also for a key that the request does not carry.
    [
        "ForAllValues:StringNotEquals",
        (wanted, actual) => (actual ?? "").split(",").every((value) => !wanted.includes(value)),
    ],
    [
        "ForAllValues:StringLike",
        (wanted, actual) =>
            actual === undefined ||
            actual.split(",").every((value) => wanted.some((pattern) => glob(pattern).test(value))),
    ],
    // "false": the request carries the key.
    ["Null", (wanted, actual) => wanted.some((value) => sameFlag(value, String(actual === undefined)))],
    ["Bool", some(sameFlag)],
    ["BoolIfExists", (wanted, actual) => actual === undefined || some(sameFlag)(wanted, actual)],
]);

/** All operators and keys must agree; of the values of one key, any. */
function conditions(given: unknown): Matcher[] {
    return Object.entries(fields(given)).flatMap(([name, keys]) =>
        Object.entries(fields(keys)).map(([key, value]): Matcher => {
            const operator = operators.get(name);
            const wanted = texts(value);
            const odd = wanted.filter(
                (text) =>
                    (text.includes("${") && !(name === "StringEquals" && wholeVariable(text))) ||
                    ((name.startsWith("Bool") || name === "Null") && !/^(true|false)$/i.test(text)) ||
                    (name.startsWith("Arn") && !/^arn:([^:]*:){4}./.test(text)),
            );
            demand(operator !== undefined, `operator ${name}`);
            demand(odd.length === 0, `${name} ${odd.join()}`);
            return (request) =>
                operator(
                    wanted.flatMap((text) => filled(text, request)),
                    valueOf(key, request),
                );
        }),
    );
}

/** The name of the variable that a condition's value is, where it is nothing else. */
const wholeVariable = (text: string) => variables.find((name) => text === `\${${name}}`);

/** Without a value for its variable, a condition's value matches nothing. */
function filled(text: string, request: Request): string[] {
    const name = wholeVariable(text);
    const value = name ? valueOf(name, request) : text;
    return value === undefined ? [] : [value];
}

/** Names of condition keys are the same in any case. */
const valueOf = (key: string, { context = {} }: Request) =>
    Object.entries(context).find(([name]) => name.toLowerCase() === key.toLowerCase())?.[1];

const literal = (text: string) => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
const wild = (text: string) => literal(text).replace(/\\\*/g, ".*").replace(/\\\?/g, ".");
const exactly = (source: string, flags = "") => new RegExp(`^${source}$`, `s${flags}`);
const glob = (pattern: string, flags?: string) => exactly(wild(pattern), flags);

function texts(given: unknown): string[] {
    const list: unknown[] = Array.isArray(given) ? given : [given];
    demand(list.length > 0 && list.every((item) => typeof item === "string"), `value ${JSON.stringify(given)}`);
    return list;
}

function fields(given: unknown): Record<string, unknown> {
    demand(typeof given === "object" && given !== null && !Array.isArray(given), `value ${JSON.stringify(given)}`);
    return given as Record<string, unknown>;
}

function demand(holds: boolean, what: string): asserts holds {
    if (!holds) {
        throw new Error(`tests/support/iam.ts does not judge this: ${what}`);
    }
}
