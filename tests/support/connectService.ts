import * as http from "node:http";
import type { AddressInfo } from "node:net";

// Stands for Session Manager's API: the real AWS CLI calls it, and hands what it answers to the plugin's stand-in. What it does
// not have: policies, the signature's check, the channel itself, its time limits.

/** What came in. */
export interface Started {
    readonly keyId: string;
    readonly region: string;
    readonly body: unknown;
}

/** How an instance answers: by joining the tunnel to a socket, or by an error of the service. */
export type Target = { readonly socket: string } | { readonly error: string; readonly message: string };

export class SessionManagerService {
    readonly started: Started[] = [];
    readonly terminated: string[] = [];
    /** By the instance's id. */
    targets: Record<string, Target> = {};
    /** Of every other instance. */
    anyTarget: Target | undefined;
    /** What Session Manager knows of the agent of every instance; nothing while it has not spoken. */
    agent: () => "Online" | undefined = () => "Online";
    private sessions = 0;
    private readonly server = http.createServer((request, response) => void this.serve(request, response));

    static async start(): Promise<SessionManagerService> {
        const service = new SessionManagerService();
        await new Promise<void>((resolve) => service.server.listen(0, "127.0.0.1", resolve));
        return service;
    }

    get endpoint(): string {
        return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    }

    async stop(): Promise<void> {
        this.server.closeAllConnections();
        await new Promise((resolve) => this.server.close(resolve));
    }

    private async serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
        let text = "";
        for await (const part of request.setEncoding("utf8")) {
            text += part as string;
        }
        const body = JSON.parse(text) as Record<string, string>;
        const [status, answer] = this.answer(request, body);
        response.writeHead(status, { "Content-Type": "application/x-amz-json-1.1" }).end(JSON.stringify(answer));
    }

    private answer({ headers }: http.IncomingMessage, body: Record<string, string>): [number, object] {
        switch (headers["x-amz-target"]) {
            case "AmazonSSM.StartSession": {
                const [, keyId, region] =
                    /Credential=([^/]+)\/\d+\/([^/]+)\/ssm\/aws4_request/.exec(headers.authorization ?? "") ?? [];
                this.started.push({ keyId, region, body });
                const target = this.targets[body.Target] ??
                    this.anyTarget ?? { error: "TargetNotConnected", message: "not known." };
                return "error" in target
                    ? [400, { __type: target.error, Message: target.message }]
                    : [
                          200,
                          {
                              SessionId: `teammate-${++this.sessions}`,
                              TokenValue: "token",
                              StreamUrl: target.socket,
                          },
                      ];
            }
            case "AmazonSSM.DescribeInstanceInformation":
                return [
                    200,
                    {
                        InstanceInformationList: [this.agent()].flatMap((PingStatus) =>
                            PingStatus ? [{ PingStatus }] : [],
                        ),
                    },
                ];
            case "AmazonSSM.TerminateSession":
                this.terminated.push(body.SessionId);
                return [200, { SessionId: body.SessionId }];
            default:
                return [400, { __type: "UnknownOperationException" }];
        }
    }
}
