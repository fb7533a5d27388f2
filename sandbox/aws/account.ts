import { randomBytes } from "node:crypto";
import * as ssm from "@aws-sdk/client-ssm";
import * as sts from "@aws-sdk/client-sts";
import { type Handlers, tagList } from "./handlers";

/** The account itself, its parameters, and what needs no AWS at all. */
export const accountHandlers: Handlers = {
    create: {
        "random:index/randomId:RandomId": async (_, { byteLength }) => {
            const bytes = randomBytes(byteLength);
            return { id: bytes.toString("base64url"), hex: bytes.toString("hex") };
        },
        "aws:ssm/parameter:Parameter": async ({ ssm: client, region, sts: stsClient }, inputs) => {
            const { name, type, value, description, tags } = inputs;
            await client.send(
                new ssm.PutParameterCommand({
                    Name: name,
                    Type: type,
                    Value: value,
                    Description: description,
                    Tags: tagList(tags),
                }),
            );
            const { Account } = await stsClient.send(new sts.GetCallerIdentityCommand({}));
            return { id: name, arn: `arn:aws:ssm:${region}:${Account}:parameter${name}` };
        },
    },
    lookup: {
        "aws:index/getRegion:getRegion": async ({ region }) => ({ id: region, region }),
        "aws:index/getPartition:getPartition": async () => ({ id: "aws", partition: "aws" }),
        "aws:index/getCallerIdentity:getCallerIdentity": async (clients) => {
            const { Account, Arn } = await clients.sts.send(new sts.GetCallerIdentityCommand({}));
            return { accountId: Account, arn: Arn };
        },
        "aws:ssm/getParameter:getParameter": async (clients, { name }) => {
            const { Parameter } = await clients.ssm.send(new ssm.GetParameterCommand({ Name: name }));
            return { name, insecureValue: Parameter!.Value };
        },
    },
};
