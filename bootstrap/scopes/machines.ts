import type { Environment } from "../environment";
import { ec2, imagesAndSnapshots, own, requested } from "./ec2";
import type { Definition } from "./scope";

const dataVolumes = (environment: Environment) => ({
    Resource: ec2(environment, "volume/*"),
    Condition: own(environment, "data"),
});

/** Instances and volumes: known by the tags that they got when they were made. */
export const machineScopes = {
    newMachine: {
        words: "a new instance, volume, firewall or address that gets the stack's tags",
        of: (environment) => ({
            Resource: ec2(environment, "instance/*", "volume/*", "security-group/*", "elastic-ip/*"),
            Condition: requested(environment),
        }),
    },
    newSnapshot: {
        words: "a new snapshot that gets the stack's tags",
        of: (environment) => ({
            Resource: imagesAndSnapshots(environment, "snapshot/*"),
            Condition: requested(environment),
        }),
    },
    place: {
        words: "the subnet of `subnetId`, or any, and the new instance's own interface",
        of: (environment) => ({
            Resource: ec2(environment, `subnet/${environment.subnet ?? "*"}`, "network-interface/*"),
        }),
    },
    rootOfNewInstance: {
        words: "the new instance's own root volume, encrypted",
        of: (environment) => ({
            Resource: ec2(environment, "volume/*"),
            Condition: { Bool: { "ec2:Encrypted": "true" } },
        }),
    },
    image: {
        words: "Amazon's images",
        of: (environment) => ({
            Resource: imagesAndSnapshots(environment, "image/*"),
            Condition: { StringEquals: { "ec2:Owner": "amazon" } },
        }),
    },
    namedImage: {
        words: "the image of `ami`",
        of: (environment) => ({
            Resource: environment.image ? imagesAndSnapshots(environment, `image/${environment.image}`) : [],
        }),
    },
    instance: {
        words: "the stack's instance, by its tags",
        of: (environment) => ({ Resource: ec2(environment, "instance/*"), Condition: own(environment) }),
    },
    existingInstance: {
        words: "the instance of `existingInstanceId`",
        of: (environment) => ({
            Resource: environment.existingInstance ? ec2(environment, `instance/${environment.existingInstance}`) : [],
        }),
    },
    dataVolume: {
        words: "the stack's data volume, by its tags",
        of: dataVolumes,
    },
    unprotectedDataVolume: {
        words: "the stack's data volume, unless `protect` is set",
        of: (environment) => (environment.protect ? { Resource: [] } : dataVolumes(environment)),
    },
    volumes: {
        words: "the stack's volumes, by their tags",
        of: (environment) => ({ Resource: ec2(environment, "volume/*"), Condition: own(environment, "data", "root") }),
    },
} as const satisfies Record<string, Definition>;
