/** Architecture of an EC2 instance type, in the words of Amazon Linux's image names: Graviton types have a `g` after the generation. */
export const architectureOf = (instanceType: string): "arm64" | "x86_64" =>
    /^[a-z]+\d+[a-z]*?g[a-z]*(-|\.)/.test(instanceType) || instanceType.startsWith("a1.") ? "arm64" : "x86_64";

/** T types spend CPU credits; as `unlimited`, EC2's default for them, they cost extra without a limit. */
export const isBurstable = (instanceType: string): boolean => /^t\d/.test(instanceType);
