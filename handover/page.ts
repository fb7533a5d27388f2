import { codeBlock, codeSpan } from "./markdown";
import { needsProfile, troubles } from "./pageTroubles";
import { signInCommand } from "./profile";
import { shellLine } from "./shell";
import { trackingUri } from "./tunnel";

/** What the page for a new teammate is made of. */
export interface Page {
    readonly stack: string;
    readonly accountId: string;
    readonly profileName: string;
    readonly profileConfigSnippet: string;
    readonly profileVerifyCommands: string;
    /** Makes the profile. Of a user it holds the secret, and is absent where the page must not. */
    readonly profileSetupCommands?: string;
    /** Who teammates are to AWS: a user of the stack's own, or roles that they have. */
    readonly identity: "user" | "role";
    readonly accessMode: "ssm" | "ssh";
    readonly tunnelCommand: string;
    readonly localPort: number;
    readonly clientEnvironment: string;
    readonly artifactMode: "proxied" | "direct";
    readonly presignedTransfers: boolean;
    readonly mlflowVersion: string;
    /** How the programs are installed: by system, lines to paste. */
    readonly installs: readonly { readonly system: string; readonly lines: readonly string[] }[];
}

const holdsSecret = (of: Page) => needsProfile(of) && of.identity === "user" && of.profileSetupCommands !== undefined;

/** Everything that a new teammate does, as Markdown, for people who have never used AWS. */
export function page(of: Page): string {
    const steps = [...(needsProfile(of) ? [profile(of)] : []), tunnel(of), environment(of), firstRun(of)];
    const parts = [
        introduction(of),
        shortWay(of),
        ...steps.map(([title, ...rest], index) => [`## ${index + 1}. ${title}`, ...rest]),
        ["## Artifacts", artifacts(of)],
        trouble(of),
        [
            "## Install the programs",
            ...of.installs.flatMap(({ system, lines }) => [`**${system}**`, bash(lines.join("\n"))]),
        ],
    ];
    return `${parts.flat().join("\n\n")}\n`;
}

const bash = (text: string) => codeBlock(text, "bash");

function introduction(of: Page): string[] {
    const programs = [
        ...(of.accessMode === "ssh" ? ["`ssh -V`"] : []),
        ...(needsProfile(of) ? ["`aws --version`"] : []),
        ...(of.accessMode === "ssm" ? ["`session-manager-plugin --version`"] : []),
    ];
    return [
        `# MLflow of ${codeSpan(of.stack)}`,
        "Your team's private MLflow server keeps experiments: parameters, metrics, models, files. It runs in the team's AWS account, and " +
            "a tunnel from your machine is the only way to it. While the tunnel is open, your code and your browser find it at " +
            `<${trackingUri(of.localPort)}>.`,
        ...(holdsSecret(of)
            ? [
                  "> **This page holds a secret**, the key in step 1. Do not pass it on, and delete the page once the profile works.",
              ]
            : []),
        `You need Python 3.10 or newer, and an answer to ${programs.join(" and ")} in a terminal. If one is missing, ` +
            "[install the programs](#install-the-programs) first.",
    ];
}

/** The project's command does what the steps do by hand. */
function shortWay(of: Page): string[] {
    const made = !needsProfile(of)
        ? "opens"
        : of.identity === "role"
          ? "makes your AWS profile, opens"
          : "makes your AWS profile (it asks for the key's secret, and does not show it), opens";
    return [
        "## The short way",
        `With a checkout of the mlflow-aws project and \`npm ci\` done in it, one command ${made} the tunnel, keeps it open, and ` +
            "prints what to paste where your code runs. Where the operator gave you a file of outputs, add `--outputs <file>`.",
        bash(shellLine("npm", "run", "connect", "--", of.stack)),
        "Without the project, the next steps do the same by hand.",
    ];
}

function profile(of: Page): [string, ...string[]] {
    const signIn = `${signInCommand(of.profileName)}\n`;
    const signsIn = of.profileVerifyCommands.startsWith(signIn);
    const setup = of.profileSetupCommands;
    const made =
        of.identity === "role"
            ? [
                  "You get no key and no secret: you are to AWS who you are in your company" +
                      (signsIn
                          ? ", and sign in there. Paste once:"
                          : ", by your own profile `default`, which you must have. Paste once:"),
                  bash(setup ?? ""),
              ]
            : setup !== undefined
              ? ["A profile is a key under a name. Paste once:", bash(setup)]
              : [
                    "A profile is a key under a name. The operator hands you the commands that make it (`profileSetupCommands`) by a " +
                        "password manager, never by mail or chat, for they hold the key's secret. Paste them once.",
                ];
    return [
        "Make your AWS profile, once",
        ...made,
        "It then stands in `~/.aws/config`:",
        codeBlock(of.profileConfigSnippet, "ini"),
        signsIn
            ? "Sign in and try it. All lines must succeed; repeat the first one when your session has expired:"
            : "Try it. All lines must succeed:",
        bash(of.profileVerifyCommands),
    ];
}

function tunnel(of: Page): [string, ...string[]] {
    const ends =
        of.accessMode === "ssm"
            ? "Session Manager ends it after 20 idle minutes, and now and then without a reason: paste it again."
            : "It works from the networks that the operator allowed, with the private key whose public part the operator has. When " +
              "it ends, paste it again.";
    return [
        "Open the tunnel, every time",
        `Leave it running in a terminal of its own. ${ends}`,
        bash(of.tunnelCommand),
    ];
}

function environment(of: Page): [string, ...string[]] {
    return [
        "Tell your code where MLflow is",
        "Paste where your code runs, in each new terminal:",
        bash(of.clientEnvironment),
    ];
}

function firstRun(of: Page): [string, ...string[]] {
    const packages = [`mlflow==${of.mlflowVersion}`, ...(of.artifactMode === "direct" ? ["boto3"] : [])];
    const program = [
        "import mlflow",
        "",
        'mlflow.set_experiment("first steps")',
        "with mlflow.start_run():",
        '    mlflow.log_param("learning_rate", 0.01)',
        '    mlflow.log_metric("loss", 0.5)',
        '    mlflow.log_text("it works", "note.txt")',
    ];
    return [
        "Log your first run",
        bash(shellLine("python3", "-m", "pip", "install", ...packages)),
        codeBlock(program.join("\n"), "python"),
        `Open <${trackingUri(of.localPort)}>, click *Model training* at the top left, and you see the run under *first steps*. The ` +
            "Assistant that offers itself does nothing here: close it. Everybody who reaches the server sees and may change all of it: " +
            "give your experiments names that say whose they are.",
    ];
}

function artifacts({ artifactMode, presignedTransfers }: Page): string {
    if (artifactMode === "direct") {
        return (
            "Your code writes models and files to S3 itself, as your profile: it needs `boto3`, the `AWS_` lines of the environment " +
            "above, and a network that reaches S3."
        );
    }
    return presignedTransfers
        ? "Models and files go through the server: your code needs no AWS settings at all. It fetches them, and stores the largest, " +
              "straight from and in S3, by addresses that the server signs for five minutes. So your network must reach S3 over HTTPS."
        : "Models and files go through the server, both ways: your code needs no AWS settings at all. The two `MLFLOW_ENABLE_` " +
              "lines of the environment above see to it; without them a download hangs for minutes where S3 is not reached.";
}

function trouble(of: Page): string[] {
    return [
        "## When something fails",
        "With the project, this says what is wrong and what to do about it:",
        bash(shellLine("npm", "run", "doctor", "--", of.stack)),
        troubles(of)
            .map(([seen, remedy]) => `- ${seen}: ${remedy}.`)
            .join("\n"),
        `Ask the operator who gave you this page, and name the stack, ${codeSpan(of.stack)}, and the AWS account, ` +
            `${codeSpan(of.accountId)}. Say what you did and what you saw; never send the key's secret.`,
    ];
}
