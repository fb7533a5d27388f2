// Stacks that a setting changes on.

export const publicKey = (digits: string) =>
    `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFI49Fgy58WJCVw2xdYqb7cqo7xEdmpFlOSKaS/${digits} teammate`;
export const sshSettings = { accessMode: "ssh", sshPublicKey: publicKey("fFIBH"), sshAllowedCidrs: ["203.0.113.0/24"] };
export const databaseSettings = {
    backend: "external",
    databaseHost: "192.0.2.5",
    databasePassword: "encrypted by the test",
};

export const hoursSettings = {
    runningHours: "Mon-Fri 07:00-19:00",
    alarmEmail: "team@example.com",
    monthlyBudgetUsd: 25,
};

/** Roles and a network that the test makes. */
export const made = {
    roles: ["vision", "speech"],
    vpcId: "the VPC that the test makes",
    subnetId: "its subnet in the zone of the data volume",
    defaultVpcId: "the default VPC",
    neighbourSubnetId: "another subnet in that zone of the default VPC",
    farSubnetId: "its subnet in another zone",
    instanceId: "an instance that the test makes",
    bucket: "team-bucket",
    keyPair: "team-key",
};

export const bases = {
    "an empty settings file": {},
    "SSH access": sshSettings,
    "an external database": databaseSettings,
    "a database in RDS": { backend: "rds" },
    "running hours and a budget": hoursSettings,
    "alarms and a log": { alarmEmail: "ml-team@example.com", logRetentionDays: 30 },
    "a network of its own": { networkCidr: "10.20.0.0/20" },
    "roles instead of a user": { clientRoleNames: [made.roles[0]] },
} as const satisfies Record<string, Record<string, unknown>>;
