/** How the preview's script is linted; tests/test_preview_scripts.py runs it with the tools in .cache/js-tools. */

import { createRequire } from "node:module";

const tools = createRequire(new URL("../../.cache/js-tools/", import.meta.url));
const recommended = tools("@eslint/js").configs.recommended;

export default [
  recommended,
  {
    rules: {
      "no-undef": "off", // the type checker knows the browser's names
      "no-unused-vars": ["error", { varsIgnorePattern: "^_$" }],
      "consistent-return": "error",
      curly: ["error", "multi-line"],
      eqeqeq: "error",
      "no-implicit-coercion": "error",
      "no-shadow": "error",
      "no-use-before-define": ["error", { functions: false, variables: false }],
      "no-var": "error",
      "prefer-const": "error",
      "prefer-template": "error",
      "object-shorthand": "error",
    },
  },
];
