import { unknown } from "../../policies/values";
import { judges, resource } from "./cases";

// Good and bad instances and volumes. It proves what the rules say of declarations, not what AWS makes of them.

const volume = (values: Record<string, unknown>) => resource("aws:ebs/volume:Volume", values);
const instance = (values: Record<string, unknown>) => resource("aws:ec2/instance:Instance", values);
const template = (values: Record<string, unknown>) => resource("aws:ec2/launchTemplate:LaunchTemplate", values);
const configuration = (values: Record<string, unknown>) =>
    resource("aws:ec2/launchConfiguration:LaunchConfiguration", values);
const rootBlockDevice = { encrypted: true };

judges("volumes-are-encrypted", {
    passes: {
        "an encrypted volume": volume({ encrypted: true }),
        "an instance with encrypted volumes": instance({ rootBlockDevice, ebsBlockDevices: [{ encrypted: true }] }),
        "a launch template, which has its flags as text": template({
            blockDeviceMappings: [{ ebs: { encrypted: "true" } }],
        }),
        "devices without a volume": template({
            blockDeviceMappings: [
                { virtualName: "ephemeral0" },
                { deviceName: "/dev/sdb", noDevice: "", ebs: { encrypted: "true" } },
                { noDevice: "true" },
            ],
        }),
        "an instance that leaves its root to a launch template": instance({ launchTemplate: { id: "lt-1" } }),
        "what a preview does not know": [
            volume({ encrypted: unknown }),
            instance({ rootBlockDevice: unknown, ebsBlockDevices: [unknown] }),
            template({ blockDeviceMappings: [{ ebs: unknown }] }),
        ],
    },
    refuses: {
        "a volume that is not": [volume({ encrypted: false }), "encrypted: got false"],
        "a volume that does not say": [volume({ size: 20 }), "encrypted: got nothing"],
        "an instance whose root does not say": [instance({}), "rootBlockDevice.encrypted: got nothing"],
        "an instance with a launch template whose root it does not encrypt": [
            instance({ launchTemplate: { id: "lt-1" }, rootBlockDevice: { volumeSize: 8 } }),
            "rootBlockDevice.encrypted: got nothing",
        ],
        "an instance whose second volume is not": [
            instance({ rootBlockDevice, ebsBlockDevices: [{ encrypted: true }, { encrypted: false }] }),
            "ebsBlockDevices[1].encrypted: got false",
        ],
        "a launch template": [
            template({ blockDeviceMappings: [{ ebs: { volumeSize: 20 } }] }),
            "blockDeviceMappings[0].encrypted: got nothing",
        ],
        "a launch configuration": [configuration({}), "rootBlockDevice.encrypted: got nothing"],
    },
});

const metadataOptions = { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 };

judges("metadata-needs-a-token", {
    passes: {
        "tokens, one hop": [
            instance({ metadataOptions }),
            template({ metadataOptions }),
            configuration({ metadataOptions }),
        ],
        "a service that is off": instance({ metadataOptions: { httpEndpoint: "disabled" } }),
        "an instance that leaves it to a launch template": instance({ launchTemplate: { id: "lt-1" } }),
        "what a preview does not know": [
            instance({ metadataOptions: unknown }),
            instance({ metadataOptions: { httpTokens: unknown, httpPutResponseHopLimit: unknown } }),
        ],
    },
    refuses: {
        "an instance that says nothing": [
            instance({}),
            "metadataOptions.httpTokens: got nothing",
            "metadataOptions.httpPutResponseHopLimit: got nothing",
        ],
        "tokens by choice": [
            instance({ metadataOptions: { ...metadataOptions, httpTokens: "optional" } }),
            "metadataOptions.httpTokens: got optional",
        ],
        "an instance that takes back what its launch template may demand": [
            instance({
                launchTemplate: { id: "lt-1" },
                metadataOptions: { ...metadataOptions, httpTokens: "optional" },
            }),
            "metadataOptions.httpTokens: got optional",
        ],
        "a second hop": [
            instance({ metadataOptions: { ...metadataOptions, httpPutResponseHopLimit: 2 } }),
            "metadataOptions.httpPutResponseHopLimit: got 2",
        ],
        "a launch template": [
            template({ metadataOptions: { httpTokens: "required" } }),
            "metadataOptions.httpPutResponseHopLimit: got nothing",
        ],
    },
});
