import { randomBytes } from "node:crypto";
import * as ssm from "@aws-sdk/client-ssm";
import * as sts from "@aws-sdk/client-sts";
import { type Handlers, type Inputs, type ResourceHandler, tagList, tagsGone, unlessGone } from "./handlers";

const parameterOf = ({ name, type, value, insecureValue, description }: Inputs) => ({
    Name: name as string,
    Type: type as ssm.ParameterType,
    Value: (value ?? insecureValue) as string,
    Description: description as string,
});

const parameter: ResourceHandler = {
    async create({ ssm: client, region, sts: stsClient }, inputs) {
        await client.send(new ssm.PutParameterCommand({ ...parameterOf(inputs), Tags: tagList(inputs.tags) }));
        const { Account } = await stsClient.send(new sts.GetCallerIdentityCommand({}));
        return { id: inputs.name, arn: `arn:aws:ssm:${region}:${Account}:parameter${inputs.name}` };
    },
    async update({ ssm: client }, id, inputs, old) {
        const place = { ResourceType: "Parameter", ResourceId: id } as const;
        await client.send(new ssm.PutParameterCommand({ ...parameterOf(inputs), Overwrite: true }));
        await client.send(new ssm.RemoveTagsFromResourceCommand({ ...place, TagKeys: tagsGone(old, inputs) }));
        await client.send(new ssm.AddTagsToResourceCommand({ ...place, Tags: tagList(inputs.tags) }));
    },
    async read({ ssm: client }, id, state) {
        const question = new ssm.GetParameterCommand({ Name: id, WithDecryption: true });
        const found = await unlessGone(client.send(question));
        const key = state.value === undefined ? "insecureValue" : "value";
        return found && { ...state, [key]: found.Parameter!.Value };
    },
    delete: ({ ssm: client }, id) => unlessGone(client.send(new ssm.DeleteParameterCommand({ Name: id }))),
};

/** The account itself, its parameters, and what needs no AWS at all. */
export const accountHandlers: Handlers = {
    resources: {
        "random:index/randomId:RandomId": {
            async create(_, { byteLength }) {
                const bytes = randomBytes(byteLength);
                return { id: bytes.toString("base64url"), hex: bytes.toString("hex") };
            },
            read: async (_clients, _id, state) => state,
            delete: async () => undefined,
        },
        "random:index/randomPassword:RandomPassword": {
            create: async (_, { length }) => ({
                id: "none",
                result: randomBytes(length).toString("hex").slice(0, length),
            }),
            read: async (_clients, _id, state) => state,
            delete: async () => undefined,
        },
        "aws:ssm/parameter:Parameter": parameter,
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
