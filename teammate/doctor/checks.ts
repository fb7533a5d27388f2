import { artifactChecks } from "./artifacts";
import { bucketChecks } from "./bucket";
import type { Check } from "./check";
import { clientChecks } from "./client";
import { instanceChecks } from "./instance";
import { laptopChecks } from "./laptop";
import { profileChecks } from "./profile";
import { serverChecks } from "./server";
import { transferChecks } from "./transfers";
import { tunnelChecks } from "./tunnel";

/** Every check, in the order of the report: from this machine over AWS to the server, and what goes between them. */
export const checks: readonly Check[] = [
    ...laptopChecks,
    ...profileChecks,
    ...bucketChecks,
    ...artifactChecks,
    ...instanceChecks,
    ...tunnelChecks,
    ...serverChecks,
    ...clientChecks,
    ...transferChecks,
];
