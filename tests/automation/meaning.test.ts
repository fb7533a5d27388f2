import assert from "node:assert";
import { unlessEngine } from "../support/engine";
import { type EngineScene, type Settings, type StackProject, withEngineScene } from "../support/engineScene";
import { sshSettings } from "../engine/changeBases";
import { stackCommand } from "../support/stackCommand";

// What people read of a change: every row of the summary's table, from the events of a real engine. That a preview announces the right
// resources is in tests/engine/changes.test.ts; that the minutes are right is not proved.

describe(`the table of a summary${unlessEngine}`, function () {
    this.timeout(300_000);
    let scene: EngineScene;
    let project: StackProject;

    withEngineScene(async (given) => {
        scene = given;
        project = await scene.project({ dev: {} });
        const { status, output } = await project.up("dev");
        assert.strictEqual(status, 0, output);
    });

    const host = [
        "| replace | mlflow-dev-host-data-attachment (aws:ec2:VolumeAttachment) |  |  |",
        "| replace | mlflow-dev-host-instance (aws:ec2:Instance) | userData | the host is replaced: about 3 minutes without server, no data moves |",
        "| update | mlflow-dev-client-policy (aws:iam:GroupPolicy) | policy |  |",
    ];
    const cases: [title: string, settings: Settings, rows: string[]][] = [
        ["of a file of the host", { workers: 3 }, host],
        [
            "of an SSH tunnel",
            sshSettings,
            [
                ...host,
                "| create | mlflow-dev-host-address (aws:ec2:Eip) |  |  |",
                "| create | mlflow-dev-host-ssh-from-203.0.113.0/24 (aws:vpc:SecurityGroupIngressRule) |  | port 22 opens for 203.0.113.0/24 |",
                "| create | mlflow-dev-host-address-association (aws:ec2:EipAssociation) |  |  |",
            ],
        ],
        [
            "of a larger data volume and instance",
            { dataVolumeGib: 30, instanceType: "t4g.medium" },
            [
                "| update | mlflow-dev-host-data (aws:ebs:Volume) | size | a larger data volume: the file system grows at the next start of the host |",
                "| update | mlflow-dev-host-instance (aws:ec2:Instance) | instanceType | the host is stopped and started: about 3 minutes without server, no data moves |",
            ],
        ],
        [
            "of a second access key beside one that is laid to rest",
            { accessKeyA: "inactive", accessKeyB: "active" },
            [
                "| update | mlflow-dev-client-access-key-a (aws:iam:AccessKey) | status | the access key lets nobody in any more |",
                "| create | mlflow-dev-client-access-key-b (aws:iam:AccessKey) |  | a new access key: hand it over (npm run connect does) |",
            ],
        ],
    ];
    for (const [title, settings, rows] of cases) {
        it(title, async () => {
            project.set("dev", settings);
            const { status, output, summary } = await stackCommand(scene, project, ["preview", "dev"]);
            assert.strictEqual(status, 0, output);
            const table = summary!.split("\n").filter((line) => /^\| \w/.test(line));
            // Resources that do not depend on each other come in any order.
            assert.deepStrictEqual(table.sort(), [...rows].sort());
        });
    }
});
