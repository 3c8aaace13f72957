/** Test runners: a test in each that trains. */
import { recipe } from "../support/recipes.js";
import { type Host, type Outcome, outcomeOf, type Row } from "../support/row.js";

const assertions = `
  globalThis.process.stdout.write("\\nOUTCOME " + JSON.stringify(found) + "\\n");
`;
/** A test file, with what it takes from the runner; \`describe\`-less, as each of them has \`test\` or \`it\`. */
const esm = (head: string, name = "test"): string =>
  `${head}import { train } from "./training.js";\n${name}("trains", async () => {\n  const found = await train();${assertions}});\n`;
const cjs = (head: string, name = "test"): string =>
  `${head}const { train } = require("./training.cjs");\n${name}("trains", async () => {\n  const found = await train();${assertions}});\n`;

const JEST = { jest: "30.5.2" };
const jest = async ({ exec, installed }: Host, flags: string[] = []): Promise<Outcome> =>
  outcomeOf(await exec(process.execPath, [...flags, installed("jest/bin/jest.js"), "--no-cache", "--watchman=false"]));

const vitest = (pool: string): Row => ({
  name: `vitest 5.1.2, ${pool}`,
  packages: { vitest: "5.1.2" },
  async run({ write, exec, installed }) {
    write({ "it.test.js": esm('import { test } from "vitest";\n') });
    const args = [installed("vitest/vitest.mjs"), "run", `--pool=${pool}`, "--disableConsoleIntercept"];
    return outcomeOf(await exec(process.execPath, args));
  },
});

export const testRunners: Row[] = [
  {
    name: "Jest 30.5.2, CommonJS",
    packages: JEST,
    async run(host) {
      host.write({ "package.json": "{}", "it.test.js": cjs("") });
      return jest(host);
    },
  },
  {
    name: "Jest 30.5.2, ES modules",
    packages: JEST,
    configuration: "`--experimental-vm-modules`",
    async run(host) {
      host.write({ "it.test.js": esm(""), ...recipe("Jest") });
      return jest(host, ["--experimental-vm-modules", "--no-warnings"]);
    },
  },
  {
    name: "Jest 30.5.2, jsdom",
    packages: { ...JEST, "jest-environment-jsdom": "30.5.2" },
    configuration: "`testEnvironment`",
    async run(host) {
      host.write({ "package.json": '{ "jest": { "testEnvironment": "jsdom" } }', "it.test.js": cjs("") });
      return jest(host);
    },
  },
  vitest("forks"),
  vitest("threads"),
  vitest("vmThreads"),
  ...(["mjs", "cjs"] as const).map(
    (kind): Row => ({
      name: `mocha 12.0.3, ${kind === "mjs" ? "import" : "require"}`,
      packages: { mocha: "12.0.3" },
      async run({ write, exec, installed }) {
        write({ [`it.${kind}`]: kind === "mjs" ? esm("", "it") : cjs("", "it") });
        return outcomeOf(await exec(process.execPath, [installed("mocha/bin/mocha.js"), `it.${kind}`]));
      },
    }),
  ),
  {
    name: "node:test",
    async run({ write, exec }) {
      write({ "it.test.js": esm('import { test } from "node:test";\n') });
      return outcomeOf(await exec(process.execPath, ["--test", "--test-reporter=tap", "it.test.js"]));
    },
  },
];
