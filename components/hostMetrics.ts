import type { PolicyStatement } from "@pulumi/aws/iam";

/**
 * Metrics that the host sends (`host/mlflow_host/report_metrics.py`), each without dimensions in the stack's own namespace: they go on
 * when the host is replaced, and IAM can limit who writes them by the namespace alone.
 */
export type HostMetric =
    "Answering" | "DataVolumeUsed" | "RootVolumeUsed" | "MemoryUsed" | "Restarts" | "ServerErrors" | "BackupAge";

/** Send metrics of this namespace, such as `mlflow-dev`. The action has no resource that it could be limited to. */
export const putMetrics = (namespace: string): PolicyStatement => ({
    Sid: "PutOwnMetrics",
    Effect: "Allow",
    Action: ["cloudwatch:PutMetricData"],
    Resource: "*",
    Condition: { StringEquals: { "cloudwatch:namespace": namespace } },
});
