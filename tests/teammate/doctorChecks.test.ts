import assert from "node:assert";
import { checks } from "../../teammate/doctor/checks";
import { bucketCases } from "../support/doctorCasesBucket";
import { clientCases } from "../support/doctorCasesClient";
import { instanceCases } from "../support/doctorCasesInstance";
import { laptopCases } from "../support/doctorCasesLaptop";
import { profileCases } from "../support/doctorCasesProfile";
import { serverCases } from "../support/doctorCasesServer";
import type { PortProgram } from "../support/doctorPrograms";
import { type Case, DoctorScene } from "../support/doctorScene";

// Proves: every check of the doctor says what is wrong, with its own verdict, evidence and remedy, and says ok when it is not;
// the bucket is afterwards as it was before. AWS is the emulator with the real stack, which checks every call's rights; MLflow is
// the real server behind a forwarder; the AWS files, Python and the programs that hold ports are real.
// Does not prove: what AWS answers where the emulator has no answer of its own. Session Manager's list of instances, inactive
// keys, wrong secrets and wrong clocks are stood in for, in the words of AWS's reference (tests/support/doctorAws.ts).
describe("Every check of the doctor", function () {
    this.timeout(300_000);
    let scene: DoctorScene;
    let cases: Case[];
    let programs: PortProgram[] = [];

    before(async () => {
        scene = await DoctorScene.start();
        const server = await serverCases(scene);
        programs = server.programs;
        cases = [
            ...laptopCases(scene),
            ...profileCases(scene),
            ...(await bucketCases(scene)),
            ...(await instanceCases(scene)),
            ...server.cases,
            ...clientCases(scene),
        ];
    });

    after(async () => {
        await Promise.all(programs.map((program) => program.stop()));
        await scene?.stop();
    });

    it("is shown to say ok, and to say something else", () => {
        const ids = (wanted: boolean) => [
            ...new Set(cases.filter(({ verdict }) => (verdict === "ok") === wanted).map(({ id }) => id)),
        ];
        const all = checks.map(({ id }) => id).sort();
        assert.deepStrictEqual(ids(true).sort(), all);
        // A check that never fails is one that only warns.
        const complaints = cases.filter(({ verdict }) => ["failed", "warning"].includes(verdict));
        assert.deepStrictEqual([...new Set(complaints.map(({ id }) => id))].sort(), all);
    });

    for (const check of checks) {
        it(`${check.id}: ${check.title}`, async () => {
            const before = await scene.listing();
            for (const one of cases.filter(({ id }) => id === check.id)) {
                const { verdict, evidence, remedy } = await scene.finding(check, one);
                const place = `${check.id}, when ${one.when}: ${evidence}`;
                assert.strictEqual(verdict, one.verdict, place);
                assert.match(evidence, one.evidence, place);
                assert.strictEqual(remedy, one.remedy, place);
                assert.deepStrictEqual(await scene.listing(), before, `${place}: left in the bucket`);
            }
        });
    }
});
