import assert from "node:assert";
import { runInNewContext } from "node:vm";
import { exitCodes } from "../../commands/exitCodes";
import { jobs, workflows } from "./support";

// When jobs and steps of the GitHub workflows run: their conditions, with what GitHub would put into them. The operators that they use
// mean the same in JavaScript. Not proved: that GitHub puts that into them.

describe("the conditions of the workflows", () => {
    const own = {
        repository: "team/mlflow",
        event: { pull_request: { head: { repo: { full_name: "team/mlflow" } }, user: { login: "ann" } } },
    };
    const { pull_request: request } = own.event;
    const fork = { ...own, event: { pull_request: { ...request, head: { repo: { full_name: "eve/mlflow" } } } } };
    const bot = { ...own, event: { pull_request: { ...request, user: { login: "dependabot[bot]" } } } };
    for (const [what, github, state, runs] of [
        ["the team itself", own, "s3://state", true],
        ["a fork", fork, "s3://state", false],
        ["Dependabot", bot, "s3://state", false],
        ["anybody, where it is not switched on", own, "", false],
    ] as const) {
        it(`${runs ? "preview" : "give no role to"} a pull request of ${what}`, () => {
            const context = { github, vars: { PULUMI_BACKEND_URL: state } };
            assert.strictEqual(runInNewContext(workflows.get("preview")!.jobs.preview.if!, context), runs);
        });
    }

    for (const [result, answer] of [
        ["success", []],
        ["skipped", [0]],
        ["failure", [1]],
        ["cancelled", [1]],
    ] as const) {
        it(`have one check for the protection of the branch: previews ended with ${result}`, () => {
            const { previews } = workflows.get("preview")!.jobs;
            assert.deepStrictEqual(
                [previews.needs, previews.if],
                ["preview", "${{ always() && vars.PULUMI_BACKEND_URL != '' }}"],
            );
            const context = { needs: { preview: { result } } };
            assert.deepStrictEqual(
                previews.steps.flatMap((step, index) => (runInNewContext(step.if!, context) ? [index] : [])),
                answer,
            );
            assert.strictEqual(previews.steps[1].run, "exit 1");
        });
    }

    it("say why something differs only when it does, and comment whatever happens", () => {
        const posts = jobs.flatMap(({ job }) => job.steps.filter(({ run: script }) => script?.includes("post.sh")));
        assert.deepStrictEqual(
            posts.map(({ if: condition, run: script }) => [script, condition]),
            [
                ['.github/scripts/post.sh issue "$STACK"', "${{ failure() && steps.drift.outputs.code == '2' }}"],
                ['.github/scripts/post.sh comment "$STACK"', "${{ !cancelled() }}"],
            ],
        );
        const drift = workflows.get("drift")!.jobs.drift.steps.find(({ id }) => id === "drift");
        assert.match(drift!.run!, /stack\.sh drift/);
        assert.strictEqual(exitCodes.changes, 2);
    });
});
