import js from "@eslint/js";
import tseslint from "typescript-eslint";

export default tseslint.config(
    { ignores: ["node_modules/", ".sandbox/"] },
    js.configs.recommended,
    {
        files: ["**/*.js"],
        languageOptions: {
            sourceType: "commonjs",
            globals: {
                require: "readonly",
                module: "writable",
                __dirname: "readonly",
                process: "readonly",
                console: "readonly",
            },
        },
    },
    {
        files: ["**/*.ts"],
        extends: [tseslint.configs.recommendedTypeChecked],
        languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
        rules: {
            // An Output in a template literal becomes the text of a warning instead of its value.
            "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
            "@typescript-eslint/no-explicit-any": "error",
            "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
            eqeqeq: "error",
        },
    },
    {
        // Resource inputs have no type on their way to an emulator: the SDK hands them over as `any`.
        files: ["plan/imaginaryAws.ts", "sandbox/aws/*.ts"],
        rules: Object.fromEntries(
            ["assignment", "argument", "call", "member-access", "return"].map((use) => [
                `@typescript-eslint/no-unsafe-${use}`,
                "off",
            ]),
        ),
    },
    {
        // One shape for all handlers, whether they wait for something or not.
        files: ["sandbox/aws/*.ts"],
        rules: { "@typescript-eslint/require-await": "off" },
    },
    {
        // Messages of failed assertions may show anything.
        files: ["tests/**/*.ts"],
        rules: { "@typescript-eslint/restrict-template-expressions": "off" },
    },
);
