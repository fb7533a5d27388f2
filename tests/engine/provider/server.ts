import * as grpc from "@grpc/grpc-js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { type IResourceProviderServer, ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { attributes } from "./attributes";
import type { TestProvider } from "./provider";
import { type Properties, revealed, secretsOf, withSecrets } from "./values";

/** What the engine asks for, as `PULUMI_DEBUG_PROVIDERS` names it. */
export interface RunningProvider {
    /** For the engine's environment. */
    readonly debugProviders: string;
    stop(): void;
}

const megabyte = 1024 * 1024;

/** Puts a provider behind a port of the loopback interface, for an engine. */
export async function serve(provider: TestProvider): Promise<RunningProvider> {
    const server = new grpc.Server({
        "grpc.max_receive_message_length": 400 * megabyte,
        "grpc.max_send_message_length": 400 * megabyte,
    });
    server.addService(ResourceProviderService, service(provider) as IResourceProviderServer);
    const port = await new Promise<number>((resolve, reject) =>
        server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
            error ? reject(error) : resolve(bound),
        ),
    );
    return { debugProviders: `aws:${port},random:${port}`, stop: () => server.forceShutdown() };
}

/** Answers a question, or says why it cannot. */
const answering =
    <Request, Response>(
        answer: (request: Request) => Promise<Response> | Response,
    ): grpc.handleUnaryCall<Request, Response> =>
    ({ request }, callback) => {
        Promise.resolve()
            .then(() => answer(request))
            .then(
                (response) => callback(null, response),
                (error: Error) => callback({ code: grpc.status.UNKNOWN, details: error.message }),
            );
    };

/** The resource of a URN `urn:pulumi:<stack>::<project>::<types>$<type>::<name>`. */
function subjectOf(request: { getUrn(): string }): { type: string; name: string } {
    const [, , types, name] = request.getUrn().split("::");
    return { type: types.split("$").at(-1)!, name };
}

const read = (struct: Struct | undefined) => (struct?.toJavaScript() ?? {}) as Properties;
const plain = (struct: Struct | undefined) => revealed(read(struct)) as Properties;

/** The properties as the engine keeps them: what came as a secret, or the schema calls one, leaves as one. */
const toStruct = (properties: Properties, type: string, ...from: (Struct | undefined)[]) => {
    const defined = Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined));
    const names = [...from.flatMap((struct) => secretsOf(read(struct))), ...attributes[type].secret];
    return Struct.fromJavaScript(withSecrets(defined, names) as Parameters<typeof Struct.fromJavaScript>[0]);
};

function service(provider: TestProvider): Partial<IResourceProviderServer> {
    return {
        handshake: answering(() => new messages.ProviderHandshakeResponse().setAcceptSecrets(true)),
        attach: answering(() => new Empty()),
        cancel: answering(() => new Empty()),
        getPluginInfo: answering(() => new PluginInfo().setVersion("7.48.0")),
        getSchema: answering(() => new messages.GetSchemaResponse().setSchema("{}")),
        checkConfig: answering((request: messages.CheckRequest) =>
            new messages.CheckResponse().setInputs(request.getNews()),
        ),
        diffConfig: answering(() =>
            new messages.DiffResponse().setChanges(messages.DiffResponse.DiffChanges.DIFF_NONE),
        ),
        configure: answering(async (request: messages.ConfigureRequest) => {
            await provider.configure(Object.fromEntries(request.getVariablesMap().toArray()));
            return new messages.ConfigureResponse().setAcceptsecrets(true).setSupportspreview(true);
        }),
        invoke: answering(async (request: messages.InvokeRequest) => {
            const answer = await provider.invoke(request.getTok(), plain(request.getArgs()));
            return new messages.InvokeResponse().setReturn(Struct.fromJavaScript(answer as never));
        }),
        check: answering((request: messages.CheckRequest) => {
            const subject = subjectOf(request);
            const inputs = provider.check(subject, plain(request.getOlds()), plain(request.getNews()));
            return new messages.CheckResponse().setInputs(toStruct(inputs, subject.type, request.getNews()));
        }),
        diff: answering((request: messages.DiffRequest) => {
            const { type, name } = subjectOf(request);
            return differenceOf(provider.judge(type, name, plain(request.getOldInputs()), plain(request.getNews())));
        }),
        create: answering(async (request: messages.CreateRequest) => {
            const subject = subjectOf(request);
            const inputs = plain(request.getProperties());
            const { id, ...state } = await provider.create(subject, inputs, request.getPreview());
            return new messages.CreateResponse()
                .setId(id)
                .setProperties(toStruct(state, subject.type, request.getProperties()));
        }),
        update: answering(async (request: messages.UpdateRequest) => {
            const subject = { ...subjectOf(request), id: request.getId() };
            const inputs = plain(request.getNews());
            const old = { state: plain(request.getOlds()), inputs: plain(request.getOldInputs()) };
            const state = await provider.update(subject, inputs, old, request.getPreview());
            return new messages.UpdateResponse().setProperties(
                toStruct(state, subject.type, request.getNews(), request.getOlds()),
            );
        }),
        read: answering(async (request: messages.ReadRequest) => {
            const subject = { ...subjectOf(request), id: request.getId() };
            const found = await provider.read(subject, plain(request.getProperties()), plain(request.getInputs()));
            return found
                ? new messages.ReadResponse()
                      .setId(subject.id)
                      .setProperties(toStruct(found.state, subject.type, request.getProperties()))
                      .setInputs(toStruct(found.inputs, subject.type, request.getInputs()))
                : new messages.ReadResponse();
        }),
        delete: answering(async (request: messages.DeleteRequest) => {
            await provider.delete({ ...subjectOf(request), id: request.getId() }, plain(request.getProperties()));
            return new Empty();
        }),
    };
}

function differenceOf({ differences, replaces, deleteBeforeReplace }: ReturnType<TestProvider["judge"]>) {
    const { DIFF_SOME, DIFF_NONE } = messages.DiffResponse.DiffChanges;
    const places = Object.keys(differences);
    const response = new messages.DiffResponse()
        .setChanges(places.length > 0 ? DIFF_SOME : DIFF_NONE)
        .setReplacesList([...new Set(replaces.map(topLevel))])
        .setDiffsList([...new Set(places.map(topLevel))])
        .setDeletebeforereplace(deleteBeforeReplace)
        .setHasdetaileddiff(true);
    const { ADD, ADD_REPLACE, UPDATE, UPDATE_REPLACE } = messages.PropertyDiff.Kind;
    for (const [place, { replaces: replacing, added }] of Object.entries(differences)) {
        const kind = added ? (replacing ? ADD_REPLACE : ADD) : replacing ? UPDATE_REPLACE : UPDATE;
        response.getDetaileddiffMap().set(place, new messages.PropertyDiff().setKind(kind).setInputdiff(true));
    }
    return response;
}

const topLevel = (place: string) => place.split(/[.[]/)[0];
