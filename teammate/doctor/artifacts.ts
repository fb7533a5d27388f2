import { hidden } from "./awsAnswers";
import { type Check, failed, type Finding, notChecked, ok, warning } from "./check";
import type { Context } from "./context";
import { exercise, type Outcome, type Step, steps } from "./probe";

// Whether the profile may do with artifacts what the outputs say: no less, and no more.

/** The steps that each of the rights allows. */
const allowed: Record<Context["outputs"]["clientS3Rights"], readonly Step[]> = {
    full: steps,
    readWrite: steps,
    readOnly: ["list", "read"],
    none: [],
};

const action: Record<Step, string> = {
    list: "s3:ListBucket",
    write: "s3:PutObject",
    read: "s3:GetObject",
    delete: "s3:DeleteObject",
};

export function judgeStep(context: Context, step: Step, outcome: Outcome): Finding {
    const { isClientProfile, profile, outputs } = context;
    const { clientS3Rights, stack, artifactRoot } = outputs;
    const says = `clientS3Rights is ${clientS3Rights}`;
    const expected = !isClientProfile || allowed[clientS3Rights].includes(step);
    switch (outcome.kind) {
        case "done":
            return expected
                ? ok(outcome.what)
                : warning(
                      `${outcome.what}: allowed, though ${says}`,
                      `operators: pulumi up --stack ${stack} restores the rights`,
                  );
        case "denied":
            return !expected
                ? ok(`denied, as ${says}`)
                : isClientProfile
                  ? failed(
                        `${profile} has no right to ${action[step]} in ${artifactRoot}/, though ${says}`,
                        `operators: pulumi up --stack ${stack} restores the rights; a policy of the organisation may deny them`,
                    )
                  : hidden(context, `${action[step]} in ${artifactRoot}/`);
        case "fault":
            return failed(
                outcome.reason,
                step === "delete"
                    ? "delete the object .doctor-… of the artifact folder"
                    : "try again; then ask an operator",
            );
        case "skipped":
            return notChecked(outcome.reason);
    }
}

const check = (step: Step, done: string, looksFor: string): Check => ({
    id: `artifacts-${step}`,
    title: `Artifacts can be ${done}, as the profile may`,
    looksFor: `${looksFor}, though \`clientS3Rights\` allows it; a warning where it is allowed and should not be`,
    remedy: "operators: `pulumi up`, which restores the rights",
    after: ["account", "bucket-region"],
    run: async (context) => judgeStep(context, step, (await exercise(context))[step]),
});

export const artifactChecks: readonly Check[] = [
    check("list", "listed", "a folder of artifacts that can't be listed"),
    check("write", "written", "a probe object that can't be written there"),
    check("read", "read", "a probe object, or with `readOnly` the first artifact, that can't be read"),
    check("delete", "deleted", "a probe object that can't be deleted again"),
];
