import * as http from "node:http";
import type { AddressInfo } from "node:net";

// The emulator behind a front that notes every call and can answer one by itself. It stands in for what the emulator does not
// have (Session Manager's list of instances) or does not do (refuse inactive keys, wrong secrets and wrong clocks).

/** What is answered instead of what the emulator would say; headers alone are added to its answer. */
export interface StandIn {
    readonly status?: number;
    readonly body?: string;
    readonly headers?: Record<string, string>;
    /** The emulator does what is asked, and this happens before its answer goes out. */
    readonly hold?: () => Promise<void>;
}

/** By the name of the call, such as `sts GetCallerIdentity` or `s3 PUT object`. */
export type StandIns = Readonly<Record<string, StandIn>>;

export class AwsFront {
    readonly calls: string[] = [];
    standIns: StandIns = {};
    private readonly server = http.createServer((request, response) => void this.serve(request, response));

    private constructor(private readonly emulator: string) {}

    static async start(emulator: string): Promise<AwsFront> {
        const front = new AwsFront(emulator);
        await new Promise<void>((resolve) => front.server.listen(0, "127.0.0.1", resolve));
        return front;
    }

    get endpoint(): string {
        return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    }

    async stop(): Promise<void> {
        this.server.closeAllConnections();
        await new Promise((resolve) => this.server.close(resolve));
    }

    private async serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
        const parts: Buffer[] = [];
        for await (const part of request) {
            parts.push(part as Buffer);
        }
        const body = Buffer.concat(parts);
        const name = nameOf(request, body.toString());
        this.calls.push(name.startsWith("s3 ") ? `${name} ${request.url?.replace(/\?.*/, "")}` : name);
        const { status, body: text, headers = {}, hold } = this.standIns[name] ?? {};
        if (status !== undefined) {
            response.writeHead(status, headers).end(text);
            return;
        }
        const answer = await this.pass(request, body);
        await hold?.();
        response.writeHead(answer.status, { ...answer.headers, ...headers }).end(answer.body);
    }

    private pass({ method, url, headers }: http.IncomingMessage, body: Buffer) {
        return new Promise<{ status: number; headers: http.IncomingHttpHeaders; body: Buffer }>((resolve, reject) => {
            const request = http.request(`${this.emulator}${url}`, { method, headers }, (response) => {
                const parts: Buffer[] = [];
                response.on("data", (part: Buffer) => parts.push(part));
                response.once("end", () =>
                    resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(parts) }),
                );
            });
            request.once("error", reject).end(body);
        });
    }
}

/** The service from the signature, and what it is asked. */
function nameOf({ method, headers, url = "" }: http.IncomingMessage, body: string): string {
    const [, service = "s3"] = /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(headers.authorization ?? "") ?? [];
    if (service === "s3") {
        return `s3 ${method} ${/^\/[^/?]+\/[^?]/.test(url) ? "object" : "bucket"}`;
    }
    const target = headers["x-amz-target"];
    return `${service} ${typeof target === "string" ? target.split(".").at(-1) : new URLSearchParams(body).get("Action")}`;
}

/** A refusal as STS, IAM and EC2 write it. */
export const queryError = (code: string, message: string, status = 403): StandIn => ({
    status,
    headers: { "Content-Type": "text/xml" },
    body:
        `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error>` +
        "<RequestId>0</RequestId></ErrorResponse>",
});

/** What Session Manager says of the instances it knows. */
export const managed = (...instances: object[]): StandIns => ({
    "ssm DescribeInstanceInformation": {
        status: 200,
        headers: { "Content-Type": "application/x-amz-json-1.1" },
        body: JSON.stringify({ InstanceInformationList: instances }),
    },
});

/** The emulator refuses this call in a form that no client of Session Manager can read. */
export const managedDenied: StandIns = {
    "ssm DescribeInstanceInformation": {
        status: 400,
        headers: { "Content-Type": "application/x-amz-json-1.1" },
        body: JSON.stringify({ __type: "AccessDeniedException", message: "not authorized to perform this action" }),
    },
};

/** The caller as STS says it, for callers that the emulator can't be made to have. */
export const calledBy = (arn: string, account: string): StandIns => ({
    "sts GetCallerIdentity": {
        status: 200,
        headers: { "Content-Type": "text/xml" },
        body:
            `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>` +
            `<Arn>${arn}</Arn><Account>${account}</Account><UserId>AROAEXAMPLE:somebody</UserId>` +
            `</GetCallerIdentityResult></GetCallerIdentityResponse>`,
    },
});

/** The default route of every subnet. */
export const defaultRoute = (target: string, state: "active" | "blackhole"): StandIns => ({
    "ec2 DescribeRouteTables": {
        status: 200,
        headers: { "Content-Type": "text/xml" },
        body:
            `<DescribeRouteTablesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><routeTableSet><item>` +
            `<routeTableId>rtb-1</routeTableId><routeSet><item><destinationCidrBlock>0.0.0.0/0</destinationCidrBlock>` +
            `${target}<state>${state}</state></item></routeSet></item></routeTableSet></DescribeRouteTablesResponse>`,
    },
});
