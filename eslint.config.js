import eslint from "@eslint/js";
import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

const typeScript = ["**/*.ts"];

export default defineConfig(
  { ignores: ["node_modules/", "artifacts/", "cache/", "coverage/", "types/ethers-contracts/", ".riskveil*/"] },
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  {
    files: ["**/*.js", "**/*.mjs"],
    extends: [eslint.configs.recommended],
    languageOptions: { globals: { process: "readonly", setTimeout: "readonly", console: "readonly" } },
  },
  {
    files: typeScript,
    extends: [eslint.configs.recommended, tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // Node runs these files by erasing the types: what has to be transformed cannot run.
      "no-restricted-syntax": [
        "error",
        { selector: "TSEnumDeclaration", message: "Not erasable: use a union of literals." },
        { selector: "TSModuleDeclaration[kind!='global'][declare!=true]", message: "Not erasable: use a module." },
        { selector: "TSParameterProperty", message: "Not erasable: declare the field and assign it." },
      ],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      // Counts and ports belong in messages as they are.
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      // There are no enums, and a class's instance is what its constructor made: each costs a tenth of the time.
      "@typescript-eslint/no-unsafe-enum-assignment": "off",
      "@typescript-eslint/no-unsafe-class-instance-assignment": "off",
      // Objects come from factories that close over their state: there is no `this` to lose.
      "@typescript-eslint/unbound-method": "off",
      // Takes a variable that a callback changes for a constant.
      "@typescript-eslint/no-unnecessary-condition": "off",
      "@typescript-eslint/no-misused-spread": "off",
      eqeqeq: "error",
    },
  },
  {
    // chai asserts by property access, and tests build broken inputs on purpose.
    files: ["test/**/*.ts"],
    rules: {
      "@typescript-eslint/no-unused-expressions": "off",
      "@typescript-eslint/require-await": "off",
      "@typescript-eslint/no-non-null-assertion": "off",
    },
  },
);
