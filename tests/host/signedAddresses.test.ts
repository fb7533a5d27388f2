import assert from "node:assert";
import { spawnSync } from "node:child_process";
import * as path from "node:path";
import { stackEnvironment } from "../../components/hostInstaller";
import { cleanEnvironment, findPython, installedHost, installServer } from "../../sandbox/tools";
import { hostSettings } from "../support/hostSettings";

// The addresses that the real MLflow signs with the host's settings: an emulator takes any, so their form is looked at here. Not
// proved: that S3 accepts them.

const script = `
from urllib.parse import urlsplit, parse_qs
from mlflow.store.artifact.s3_artifact_repo import S3ArtifactRepository
repository = S3ArtifactRepository("s3://team-artifacts/artifacts")
client = repository._get_s3_client()
for method, params in [("get_object", {}), ("upload_part", {"PartNumber": 1, "UploadId": "u"})]:
    url = urlsplit(client.generate_presigned_url(
        method, Params={"Bucket": "team-artifacts", "Key": "artifacts/1", **params, **repository._bucket_owner_params}))
    print(method, url.netloc, parse_qs(url.query)["X-Amz-SignedHeaders"][0])
`;

describe("addresses that the server signs for its clients", function () {
    this.timeout(300_000);

    it("name the bucket's regional host, and sign no header that a client would not send", async () => {
        await installServer(await findPython());
        const settings = stackEnvironment(hostSettings);
        const env = cleanEnvironment({ AWS_ACCESS_KEY_ID: "AKIA", AWS_SECRET_ACCESS_KEY: "x", ...settings });
        const python = path.join(installedHost, "opt/mlflow/venv/bin/python");
        const serverEnvironment = path.join(__dirname, "../../host/server.env");
        const { stdout, stderr } = spawnSync(
            "bash",
            ["-euc", 'set -a; . "$0"; exec "$1" -c "$2"', serverEnvironment, python, script],
            { env, encoding: "utf8" },
        );
        assert.strictEqual(
            stdout,
            "get_object team-artifacts.s3.us-west-1.amazonaws.com host\n" +
                "upload_part team-artifacts.s3.us-west-1.amazonaws.com host\n",
            stderr,
        );
    });
});
