import assert from "node:assert";
import { hostSettings } from "../support/hostSettings";
import { Adoption, adopted, adoptSaid, type Artifacts, elsewhere, sorted, withoutKept } from "../support/adoptionScene";
import { common, kill, type Rows, said, stepsOf } from "../support/databaseHost";
import { type DatabaseCloud, forKind } from "../support/databaseKinds";
import { installLegacy } from "../support/legacyTeam";
import { skipFor, until } from "../support/sandbox";
import { endlessUpgrade, failingUpgrade, newestRevision } from "../support/schemaFaults";

// A team comes over from the server of the notes: the real MLflow 1.26.1 on a real PostgreSQL, started by the notes' own command,
// with artifacts that its clients put into the emulator's S3 themselves. Its schema is upgraded, its artifacts are copied, its
// addresses are rewritten, and a client without AWS settings reads every artifact through the real server of today. Rows are
// compared one by one, files by their hashes. Not proved: RDS and S3 themselves; the copying by its command (tests/operating).

const bucket = hostSettings.bucketName;
/** The schema of MLflow 1.26.1. */
const legacy = "bd07f7e963c5";

forKind("PostgreSQL", "a server that was set up as in the notes", (cloud: DatabaseCloud) => {
    let scene: Adoption;
    let originals: Record<string, string>;
    let old: Rows;
    let upgraded: Rows;

    const rows = async () => sorted(await scene.host.rows());
    const succeeded = async (...words: string[]) => {
        const result = await scene.adopt(...words);
        assert.strictEqual(result.status, 0, result.stderr);
        return adoptSaid(result);
    };
    const refused = async (...words: string[]) => {
        const before = cloud.everything(scene.host);
        const { status, stderr, stdout } = await scene.adopt(...words);
        assert.deepStrictEqual([status, stdout, cloud.everything(scene.host)], [1, "", before], stderr);
        assert.doesNotMatch(stderr, /Traceback/);
        return adoptSaid({ status, stderr, stdout });
    };

    before(async function () {
        skipFor((await installLegacy()) ? undefined : "MLflow 1.26.1 needs Python 3.10 to 3.12: skipped", this);
        scene = await Adoption.of(cloud);
        await scene.team.start();
        await scene.team.work("s3://elsewhere/x");
        originals = await scene.objects();
        old = await rows();
        assert.strictEqual(old.alembic_version.rows.join(), `'${legacy}'`);
    });
    after(() => scene?.stop());

    it("is refused while its schema is the old one", async () => {
        assert.deepStrictEqual(await refused(), [
            `adopt: the database's schema is ${legacy}; allowed: ${newestRevision()}, that of the installed MLflow; remedy: sudo ` +
                "systemctl start mlflow, which backs it up and upgrades it",
        ]);
    });

    it("has its old schema as a whole after an upgrade that failed, and one that was killed, in the last step", async () => {
        const before = cloud.everything(scene.host);
        const failed = await scene.host.prepare(failingUpgrade);
        assert.strictEqual(failed.status, 1);
        assert.match(
            said(failed).at(-1)!,
            new RegExp(`changed nothing, the schema is still ${legacy}: column x cannot`),
        );
        const process = scene.host.startPreparing(endlessUpgrade);
        let output = "";
        process.stdout!.on("data", (text: Buffer) => (output += text.toString()));
        await until("all migrations have run", 120, () => output.includes("migrated"));
        await kill(process, "SIGKILL");
        assert.strictEqual(cloud.everything(scene.host), before);
    });

    it("is backed up, and its schema brought up step by step, with every row as it was", async () => {
        const result = await scene.host.prepare();
        assert.strictEqual(result.status, 0, result.stderr);
        const steps = stepsOf(result);
        assert.ok(steps.length > 40, String(steps.length));
        steps.forEach((line, index) =>
            assert.match(line, new RegExp(`^database: step ${index + 1} of ${steps.length}: [0-9a-f]{12,13}, \\S`)),
        );
        assert.ok(steps.at(-1)!.includes(newestRevision()), steps.at(-1));
        assert.match((await cloud.backups(scene.host)).at(-1)!, new RegExp(`-${legacy}\\.pgdump$`));
        upgraded = await rows();
        assert.deepStrictEqual(sorted(common(upgraded, old)), sorted(common(old, upgraded)));
        assert.deepStrictEqual(
            Object.keys(old).filter((table) => !(table in upgraded)),
            [],
        );
    });

    it("has a way back to the server of before: its backup, in a database of its own", async () => {
        const [backup] = (await cloud.backups(scene.host)).filter((name) => name.endsWith(`-${legacy}.pgdump`));
        const MLFLOW_BACKEND_STORE_URI = await scene.bringBack(backup, "before");
        assert.deepStrictEqual(sorted(await scene.host.rows({ MLFLOW_BACKEND_STORE_URI })), old);
    });

    it("is told what would become of every address, and what is missing, and nothing is changed", async () => {
        const model = `${bucket}/1/[0-9a-f]{32}/artifacts/model`;
        const lines = await refused();
        const patterns = [
            "adopt: experiments\\.artifact_location: 3 below s3://team-artifacts/, such as s3://team-artifacts/0 -> mlflow-artifacts:/0",
            "adopt: runs\\.artifact_uri: 9 below s3://team-artifacts/, such as s3://team-artifacts/.* -> mlflow-artifacts:/.*",
            `adopt: model_versions\\.source: 2 below s3://team-artifacts/, such as s3://${model} -> mlflow-artifacts:/.*/model`,
            "adopt: experiments\\.artifact_location: 1 stay at s3://elsewhere/, such as s3://elsewhere/x: another bucket; .*",
            "adopt: runs\\.artifact_uri: 1 stay at s3://elsewhere/, such as s3://elsewhere/x/[0-9a-f]{32}/artifacts: another bucket; .*",
            "adopt: 0 objects, 0 B, lie below s3://team-artifacts/artifacts/ where these addresses will lead",
            "adopt: runs\\.artifact_uri: objects for 0 of 9",
            ...Array.from({ length: 5 }, () => "adopt: {3}none for runs\\.artifact_uri of [0-9a-f]{32}, such as .*"),
            "adopt: model_versions\\.source: objects for 0 of 2",
            "adopt: missing: runs\\.artifact_uri of [0-9a-f]{32}: nothing below mlflow-artifacts:/1/.*, and a model was there",
            "adopt: missing: model_versions\\.source of default detector 1: nothing below .*, and a model was there",
            "adopt: missing: model_versions\\.source of default detector 2: nothing below .*, and a model was there",
            "adopt: missing: not one object lies below s3://team-artifacts/artifacts/ for 11 addresses",
            "adopt: would change 14 rows, nothing was changed; to do it: sudo /opt/mlflow/host/bin/mlflow-adopt --run",
        ];
        assert.strictEqual(lines.length, patterns.length, lines.join("\n"));
        patterns.forEach((pattern, index) => assert.match(lines[index], new RegExp(`^${pattern}$`)));
    });

    it("is refused where artifacts are missing, before the server is stopped", async () => {
        const calls = scene.host.calls().length;
        assert.strictEqual(
            (await refused("--run")).at(-1),
            "adopt: 4 of those must have artifacts and have none; nothing was changed; remedy: npm run adopt-artifacts copies what " +
                "is missing; where it is lost for good, add --without-objects",
        );
        assert.strictEqual(scene.host.calls().length, calls);
    });

    it("finds its artifacts, once they are copied; those of before stay", async () => {
        await scene.copyArtifacts();
        const found = await scene.objects();
        for (const [key, hash] of Object.entries(originals)) {
            assert.deepStrictEqual([found[key], found[`artifacts/${key}`]], [hash, hash], key);
        }
        const lines = await succeeded();
        const counts = lines.filter((line) => /objects/.test(line));
        assert.match(counts[0], /^adopt: 41 objects, 54\.\d KiB, lie below /);
        assert.deepStrictEqual(counts.slice(1), [
            "adopt: runs.artifact_uri: objects for 9 of 9",
            "adopt: model_versions.source: objects for 2 of 2",
        ]);
        assert.deepStrictEqual(await rows(), upgraded);
    });

    it("is refused while the server of before is still connected; its own is started again", async () => {
        // Its clients log on, for it does not look at the schema again.
        const logged = await scene.oldClientOfOldServer();
        assert.strictEqual(logged.status, 0, logged.stderr);
        const lines = await refused("--run");
        assert.match(lines.at(-2)!, /^adopt: the server runs again$/);
        assert.match(
            lines.at(-1)!,
            /^adopt: the database is in use: got \d+ connections from 127\.0\.0\.1, besides this host's server; nothing was changed; /,
        );
        await scene.team.stop();
    });

    it("has all or nothing of its addresses rewritten, whenever the command is killed", async () => {
        // What a client of the server of before has logged since.
        await scene.copyArtifacts();
        originals = Object.fromEntries(Object.entries(await scene.objects()).filter(([key]) => /^\d/.test(key)));
        upgraded = await rows();
        const killer = 'kill -9 "$PPID"; sleep 1';
        scene.host.standIn("systemctl", `if [ "$1" = stop ]; then ${killer}; fi`);
        await scene.adopt("--run");
        assert.deepStrictEqual(await rows(), upgraded);
        scene.host.standIn("systemctl", "");
        scene.host.standIn(
            "pg_dump",
            `if [ "$1" = --format=custom ]; then ${killer}; fi; echo "pg_dump (PostgreSQL) 99.0"`,
        );
        await scene.adopt("--run");
        scene.host.putBack("pg_dump");
        assert.deepStrictEqual(await rows(), upgraded);
        await scene.killInStatement("model_versions", "--run");
        assert.deepStrictEqual(await rows(), upgraded);
        scene.host.standIn("systemctl", `if [ "$1" = start ]; then ${killer}; fi`);
        await scene.adopt("--run");
        scene.host.standIn("systemctl", "");
        const now = await rows();
        assert.deepStrictEqual(withoutKept(now), adopted(upgraded));
        assert.strictEqual(now.adopted_locations.rows.length, 15);
        // The next run finds nothing to do, and starts the server.
        assert.deepStrictEqual((await succeeded("--run")).slice(-2), [
            "adopt: there is nothing to change",
            "adopt: the server runs again",
        ]);
        assert.deepStrictEqual(await rows(), now);
    });

    it("has its old addresses again on the way back, but for what was changed since; also when that is killed", async () => {
        const before = await rows();
        await scene.killInStatement("model_versions", "--back");
        assert.deepStrictEqual(await rows(), before);
        assert.match(
            (await succeeded("--back")).find((line) => line.includes("hold again"))!,
            /^adopt: 15 rows hold again what they held before; 0 were changed since and are left as they are$/,
        );
        assert.deepStrictEqual(await rows(), upgraded);

        const done = await succeeded("--run");
        assert.match(
            done.find((line) => line.includes("changed"))!,
            /^adopt: changed 15 rows, in one transaction; to take it back: /,
        );
        assert.deepStrictEqual(withoutKept(await rows()), adopted(upgraded));
        await scene.host.change(
            "query",
            "UPDATE experiments SET artifact_location = 's3://other/0' WHERE experiment_id = 0",
        );
        const lines = await succeeded("--back");
        assert.ok(
            lines.includes(
                "adopt: left as it is: experiments.artifact_location of 0: s3://other/0, and not mlflow-artifacts:/0, which was written",
            ),
            lines.join("\n"),
        );
        assert.ok(
            lines.some((line) =>
                line.startsWith("adopt: 14 rows hold again what they held before; 1 were changed since"),
            ),
        );
        const changed = withoutKept(await rows());
        await scene.host.change(
            "query",
            `UPDATE experiments SET artifact_location = 's3://${bucket}/0' WHERE experiment_id = 0`,
        );
        assert.deepStrictEqual(withoutKept(await rows()), upgraded);
        assert.notDeepStrictEqual(changed, upgraded);
        await succeeded("--run");
        assert.deepStrictEqual(withoutKept(await rows()), adopted(upgraded));
    });

    it("gives every artifact of every run and model to clients without AWS settings", async () => {
        await scene.serve();
        const expected: Artifacts = {};
        for (const [key, hash] of Object.entries(originals)) {
            const [, run, file] = /^(\d+\/[0-9a-f]{32})\/artifacts\/(.*)$/.exec(key)!;
            expected[run] = { ...expected[run], [file]: hash };
        }
        assert.strictEqual(Object.keys(expected).length, 10);
        const withModel = Object.values(expected).find((files) => "model/MLmodel" in files)!;
        const files = Object.entries(withModel).filter(([name]) => name.startsWith("model/"));
        const model = Object.fromEntries(files.map(([name, hash]) => [name.slice("model/".length), hash]));
        for (const way of ["through the server", "by signed address"] as const) {
            const found = await scene.teammate<{ runs: Artifacts; models: Artifacts }>(["read"], way);
            assert.deepStrictEqual(found.runs, expected, way);
            const models = Object.values(found.models).map((content) => withoutRegistration(content));
            assert.deepStrictEqual(models, [model, model, model].map(withoutRegistration), way);
        }
        const checked = await succeeded("--check");
        assert.match(
            checked.at(-1)!,
            /^adopt: all of 11 addresses: the server lists every file that S3 has, 50 in all, \d+\.\d KiB$/,
        );
    });

    it("takes new runs into its old experiments, with artifacts through the server", async () => {
        const made = await scene.teammate<{ uri: string; id: string }>(["log", "vision"], "through the server");
        assert.strictEqual(made.uri, `mlflow-artifacts:/1/${made.id}/artifacts`);
        assert.ok(`artifacts/1/${made.id}/artifacts/new.txt` in (await scene.objects()));
    });

    it("takes runs and artifacts from clients of MLflow 1.26.1, and nothing for the registry", async () => {
        const { status, stdout, stderr } = await scene.oldTeammate("calls", "1");
        assert.strictEqual(status, 0, stderr);
        const { works, failed } = JSON.parse(stdout) as { works: string[]; failed: Record<string, string> };
        assert.deepStrictEqual(works, [
            ...[
                "get_experiment",
                "get_experiment_by_name",
                "set_experiment(name)",
                "set_experiment(id)",
                "create_experiment",
            ],
            ...[
                "log_param",
                "log_metric",
                "log_batch",
                "log_artifact",
                "list_artifacts",
                "download_artifacts",
                "get_run",
            ],
            ...["search_runs", "log_model", "load_model(runs:/)", "get_latest_versions", "list_run_infos"],
        ]);
        assert.deepStrictEqual(Object.keys(failed), [
            ...["list_experiments", "register_model", "load_model(models:/)", "search_model_versions"],
            ...["list_registered_models", "search_registered_models", "transition_model_version_stage"],
        ]);
        for (const [name, reason] of Object.entries(failed)) {
            assert.match(reason, / failed with error code 404 /, name);
        }
    });

    it("says so when the server does not give what was taken over", async () => {
        await scene.endServer();
        const lines = await refused("--check");
        assert.match(lines[0], /^adopt: not found through the server: mlflow-artifacts:\/0\/[0-9a-f]{32}\/artifacts: /);
        assert.strictEqual(lines.at(-1), "adopt: 11 of 11 addresses have files that the server does not give");
    });

    it("takes another bucket's addresses along when the operator names it, also where its artifacts are lost", async () => {
        const before = withoutKept(await rows());
        const lines = await succeeded("--from", "s3://elsewhere/x/", "--run", "--without-objects");
        assert.match(
            lines[1],
            /^adopt: runs\.artifact_uri: 1 below s3:\/\/elsewhere\/x\/, such as s3:\/\/elsewhere\/x\/([0-9a-f]{32}\/artifacts) -> mlflow-artifacts:\/\1$/,
        );
        const now = withoutKept(await rows());
        assert.deepStrictEqual(now, elsewhere(before));
    });

    it("needs no right that the role of the host does not have", async () => {
        await succeeded("--back");
        const lines = adoptSaid(await scene.adoptWithRole("--run"));
        assert.match(
            lines.find((line) => line.startsWith("adopt: changed"))!,
            /^adopt: changed \d+ rows, in one transaction/,
        );
        assert.ok(
            lines.some((line) => line.startsWith("backup: ") && line.endsWith("copied, opened, checked and stored")),
        );
    });

    it("refuses other arguments, and a stack whose clients use S3 themselves", async () => {
        const words = [
            ["--back", "--run"],
            ["--from"],
            ["--from", "team"],
            ["--run", "--run"],
            ["--without-objects"],
            ["x"],
        ];
        for (const wrong of words) {
            const [line, ...more] = await refused(...wrong);
            assert.ok(
                line.startsWith(
                    `mlflow-adopt: got ${wrong.join(" ")}; allowed: nothing, which says what would be done; `,
                ),
            );
            assert.deepStrictEqual(more, []);
        }
        const direct = await scene.host.broken("adopt", "", [], { MLFLOW_SERVE_ARTIFACTS: "false" });
        assert.deepStrictEqual(adoptSaid(direct), [
            "adopt: artifactMode of the stack is direct: its clients use S3 themselves; allowed: proxied; remedy: pulumi config set " +
                "artifactMode proxied, pulumi up",
        ]);
    });
});

/** Without the file that MLflow writes into its own copy when it downloads a registered model. */
const withoutRegistration = (files: Record<string, string>) =>
    Object.fromEntries(Object.entries(files).filter(([name]) => name !== "registered_model_meta"));
