import { BudgetsClient } from "@aws-sdk/client-budgets";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { EC2Client } from "@aws-sdk/client-ec2";
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from "@aws-sdk/client-iam";
import { RDSClient } from "@aws-sdk/client-rds";
import { S3Client } from "@aws-sdk/client-s3";
import { SchedulerClient } from "@aws-sdk/client-scheduler";
import { SNSClient } from "@aws-sdk/client-sns";
import { SSMClient } from "@aws-sdk/client-ssm";
import { STSClient } from "@aws-sdk/client-sts";
import { autoName } from "../../plan/autoName";
import type { Provider } from "../../plan/evaluate";
import { withSecrets } from "../../plan/secrets";
import { accountHandlers } from "./account";
import { ec2Handlers } from "./ec2";
import { costHandlers } from "./costs";
import type { Clients, Handlers, Inputs } from "./handlers";
import { iamHandlers } from "./iam";
import { rdsHandlers } from "./rds";
import { monitoringHandlers } from "./monitoring";
import { s3Handlers } from "./s3";

interface Credentials {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
}

const all: Handlers[] = [
    ...[accountHandlers, s3Handlers, iamHandlers, ec2Handlers, rdsHandlers, costHandlers, monitoringHandlers],
];

/** Every resource type and look-up that the program may use. */
export const resourceHandlers = Object.assign({}, ...all.map(({ resources }) => resources)) as Handlers["resources"];
export const lookups = Object.assign({}, ...all.map(({ lookup }) => lookup)) as Handlers["lookup"];

/** Clients of an emulator's API, as the caller with these credentials. */
function clientsOf(endpoint: string, region: string, credentials: Credentials): Clients {
    const options = { endpoint, region, credentials };
    return {
        region,
        s3: new S3Client({ ...options, forcePathStyle: true }),
        iam: new IAMClient(options),
        ec2: new EC2Client(options),
        rds: new RDSClient(options),
        ssm: new SSMClient(options),
        sts: new STSClient(options),
        scheduler: new SchedulerClient(options),
        budgets: new BudgetsClient(options),
        sns: new SNSClient(options),
        cloudwatch: new CloudWatchClient(options),
        logs: new CloudWatchLogsClient(options),
    };
}

/** Clients for as long as the emulator takes calls from anybody. */
export const anybodysClients = (endpoint: string, region: string): Clients =>
    clientsOf(endpoint, region, { accessKeyId: "anybody", secretAccessKey: "anything" });

/** Makes an operator who may do anything, while the emulator still takes calls from anybody. */
export async function operatorClients(endpoint: string, region: string): Promise<Clients> {
    const { iam } = anybodysClients(endpoint, region);
    const UserName = "operator";
    const Statement = [{ Effect: "Allow", Action: "*", Resource: "*" }];
    const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
    await iam.send(new CreateUserCommand({ UserName }));
    await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: "everything", PolicyDocument }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
    return clientsOf(endpoint, region, {
        accessKeyId: AccessKey!.AccessKeyId!,
        secretAccessKey: AccessKey!.SecretAccessKey!,
    });
}

/** The inputs as AWS gets them. */
const revealed = (inputs: Inputs) => withSecrets(inputs, (secret) => secret) as Inputs;

/**
 * Makes what the program declares through the AWS API of an emulator.
 *
 * It proves that the program's resources fit together and that an implementation of the API takes them. It does not prove
 * that AWS does: the emulator checks few values and ignores policy conditions.
 */
export function emulatedAws(clients: Clients): Provider {
    return {
        async newResource({ type, name, inputs, custom }) {
            if (!custom) {
                return { id: "", state: inputs };
            }
            if (!resourceHandlers[type]) {
                throw new Error(`sandbox/aws does not know the resource type ${type}`);
            }
            const { id, ...computed } = await resourceHandlers[type].create(
                clients,
                revealed(inputs),
                autoName({ type, name }),
            );
            return { id, state: { ...inputs, ...computed } };
        },
        async call({ token, inputs }) {
            if (!lookups[token]) {
                throw new Error(`sandbox/aws does not know the look-up ${token}`);
            }
            return lookups[token](clients, revealed(inputs));
        },
    };
}
