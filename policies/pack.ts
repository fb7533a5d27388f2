import { PolicyPack, type PolicyResource, type ResourceValidationArgs } from "@pulumi/policy";
import { type Rule, violations } from "./rule";
import { rules } from "./rules";
import { Seen } from "./seen";

// The rules as Pulumi takes them: `pulumi preview --policy-pack policies`, and the same with `up`.

const seen = new Seen();

type Report = (message: string, urn?: string) => void;

const policyOf = (rule: Rule) => ({
    name: rule.name,
    description: rule.refuses,
    enforcementLevel: rule.enforcement,
    ...("judgeStack" in rule
        ? {
              validateStack: ({ resources }: { resources: PolicyResource[] }, report: Report) =>
                  violations(rule, seen.all(resources)).forEach(({ message, urn }) => report(message, urn)),
          }
        : {
              validateResource: (resource: ResourceValidationArgs, report: Report) =>
                  violations(rule, [seen.one(resource)]).forEach(({ message }) => report(message)),
          }),
});

new PolicyPack("mlflow-aws", { policies: rules.map(policyOf) });
