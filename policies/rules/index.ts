import type { Rule } from "../rule";
import { bucketRules } from "./buckets";
import { databaseRules } from "./database";
import { fullAccessRules } from "./fullAccess";
import { identityRules } from "./identity";
import { instanceRules } from "./instances";
import { networkRules } from "./network";
import { secretRules } from "./secrets";

export const rules: readonly Rule[] = [
    ...networkRules,
    ...bucketRules,
    ...instanceRules,
    ...identityRules,
    ...fullAccessRules,
    ...secretRules,
    ...databaseRules,
];
