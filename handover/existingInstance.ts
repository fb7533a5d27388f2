import { shellLine } from "./shell";

/** Gives an existing instance the server's role. */
export const attachRoleCommand = (instanceId: string, instanceProfileName: string, region: string): string =>
    shellLine(
        ...["aws", "ec2", "associate-iam-instance-profile", "--region", region],
        ...["--instance-id", instanceId, "--iam-instance-profile", `Name=${instanceProfileName}`],
    );

/** Installs the host's files, pasted into a shell on the instance. */
export const installHostCommand = (installScript: string): string =>
    `sudo bash <<'END_OF_INSTALLER'\n${installScript}END_OF_INSTALLER\n`;
