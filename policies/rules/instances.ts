import type { Finding, Resource, Rule } from "../rule";
import { isOff, listOf, recordOf, unknown, type Values } from "../values";

const launchTemplate = "aws:ec2/launchTemplate:LaunchTemplate";
/** What describes a machine and its volumes in the same words. */
const machines = [
    "aws:ec2/instance:Instance",
    "aws:ec2/spotInstanceRequest:SpotInstanceRequest",
    "aws:ec2/launchConfiguration:LaunchConfiguration",
];

const wanted = { httpTokens: "required", httpPutResponseHopLimit: 1 };

/** What an instance does not say, its launch template does, which is judged where it is declared. */
const leavesItToTemplate = ({ launchTemplate }: Values, said: unknown) =>
    launchTemplate !== undefined && said === undefined;

function metadataService({ values }: Resource): Finding[] {
    const [options] = listOf(values.metadataOptions);
    const given = recordOf(options);
    if (options === unknown || given.httpEndpoint === "disabled" || leavesItToTemplate(values, options)) {
        return [];
    }
    return Object.entries(wanted)
        .filter(([property, value]) => given[property] !== unknown && given[property] !== value)
        .map(([property]) => ({ property: `metadataOptions.${property}`, got: given[property] }));
}

const unencrypted = (storage: unknown, at: string): Finding[] => {
    const { encrypted } = recordOf(storage);
    return storage !== unknown && isOff(encrypted) ? [{ property: `${at}encrypted`, got: encrypted }] : [];
};

/** A device that takes one away, or stands for a disk of the machine itself, has no volume. */
const hasVolume = ({ noDevice, virtualName }: Values) => !noDevice && !virtualName;

const devices = (list: unknown, name: string, volume: (device: Values) => unknown): Finding[] =>
    listOf(list).flatMap((device, index) =>
        device !== unknown && hasVolume(recordOf(device))
            ? unencrypted(volume(recordOf(device)), `${name}[${index}].`)
            : [],
    );

function volumes({ type, values }: Resource): Finding[] {
    if (type === launchTemplate) {
        return devices(values.blockDeviceMappings, "blockDeviceMappings", ({ ebs }) => ebs);
    }
    if (machines.includes(type)) {
        const [root] = listOf(values.rootBlockDevice);
        return [
            ...(leavesItToTemplate(values, root) ? [] : unencrypted(root, "rootBlockDevice.")),
            ...devices(values.ebsBlockDevices, "ebsBlockDevices", (device) => device),
        ];
    }
    return unencrypted(values, "");
}

export const instanceRules: readonly Rule[] = [
    {
        name: "volumes-are-encrypted",
        enforcement: "mandatory",
        why: "encryption costs nothing, and a volume without it has to be copied to get it",
        refuses:
            "An EBS volume, the root or another volume of an instance, or a volume of a launch template that does not say `encrypted`",
        controls: ["EC2.3", "CIS 2.2.1"],
        allowed: "`true`, said here: a review does not see the account's default",
        remedy: "set `encrypted: true`, for an instance in its rootBlockDevice too",
        types: ["aws:ebs/volume:Volume", ...machines, launchTemplate],
        judge: volumes,
    },
    {
        name: "metadata-needs-a-token",
        enforcement: "mandatory",
        why: "a server that can be made to fetch an address would hand out the role's credentials",
        refuses:
            "An instance, launch template or launch configuration that does not demand session tokens of its metadata service (IMDSv2), or whose answers go further than one hop, into containers",
        controls: ["EC2.8", "EC2.170", "AutoScaling.3", "CIS 5.6"],
        allowed: "httpTokens `required` and httpPutResponseHopLimit 1, both said here: images have other defaults",
        remedy: 'set metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 }',
        types: [...machines, launchTemplate],
        judge: metadataService,
    },
];
