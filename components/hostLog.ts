import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { token } from "./token";

export interface HostLogArgs {
    /** Name of the log group, such as `/mlflow-dev/host`. */
    readonly logGroupName: string;
    /** Days until an event is deleted. */
    readonly retentionDays: number;
    /** Refuse to delete the log group, and with it what was logged. */
    readonly protect: boolean;
    readonly tags: Record<string, string>;
}

/**
 * A log group for what the host's services write, encrypted by CloudWatch Logs itself. Each instance has a stream of its own in it,
 * so what one has written outlives it. It goes with the stack, or with the setting, unless it is protected.
 */
export class HostLog extends pulumi.ComponentResource {
    public readonly logGroupName: pulumi.Output<string>;
    private readonly logGroupArn: pulumi.Output<string>;

    constructor(name: string, args: HostLogArgs, opts?: pulumi.ComponentResourceOptions) {
        super(token("HostLog"), name, {}, opts);
        const group = new aws.cloudwatch.LogGroup(
            `${name}-group`,
            { name: args.logGroupName, retentionInDays: args.retentionDays, tags: args.tags },
            { parent: this, protect: args.protect },
        );
        this.logGroupName = group.name;
        this.logGroupArn = group.arn;
        this.registerOutputs({ logGroupName: this.logGroupName });
    }

    /**
     * Begin a stream and add to one. Nobody may read, change or delete what is there.
     * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html
     */
    public writeStatements(): aws.iam.PolicyStatement[] {
        return [
            {
                Sid: "WriteOwnLog",
                Effect: "Allow",
                Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
                Resource: pulumi.interpolate`${this.logGroupArn}:log-stream:*`,
            },
        ];
    }
}
