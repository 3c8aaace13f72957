/** TypeScript, which checks the declarations themselves: every entry, with and without the DOM, in each way to resolve. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Host, Row } from "../support/row.js";

/** `npm test` takes the first and the last. */
const VERSIONS = ["5.0.4", "5.4.5", "5.9.3", "6.0.3", "7.0.2"];

/** What a program writes that trains, with the types that it says. */
const PROGRAM = `import { adamw, createEngine, dense, type Engine, relu, schedules, sequential, type Tensor } from "thalweg";
export async function program(): Promise<Float32Array> {
  const engine: Engine = await createEngine({ simd: "strict" });
  const model = sequential(engine, [dense(2, 3), relu()], { seed: 1 });
  const optimizer = adamw(model.parameters(), { lr: schedules.cosine(0.1, { steps: 10 }) });
  optimizer.groups[0]!.lr = 0.01;
  optimizer.step();
  const [weight]: readonly Tensor[] = model.parameters();
  return weight!.toArray();
}
`;

interface Way {
  module: string;
  moduleResolution: string;
  lib: string[];
  /** The entries of the package that it can see: without \`exports\`, the first alone. */
  entries?: number;
}
const WAYS: Record<string, Way> = {
  nodenext: { module: "nodenext", moduleResolution: "nodenext", lib: ["ES2022", "DOM"] },
  "node16, no DOM": { module: "node16", moduleResolution: "node16", lib: ["ES2022"] },
  bundler: { module: "esnext", moduleResolution: "bundler", lib: ["ES2022", "DOM"] },
  "bundler, no DOM": { module: "esnext", moduleResolution: "bundler", lib: ["ES2022"] },
  node10: { module: "esnext", moduleResolution: "node10", lib: ["ES2022", "DOM"], entries: 1 },
};

async function compile({ folder, write, exec, installed }: Host, version: string): Promise<undefined> {
  const { exports } = JSON.parse(readFileSync(join(folder, "node_modules/thalweg/package.json"), "utf8"));
  const entries = Object.keys(exports).filter(
    (name) => !name.includes("*") && (exports[name].import ?? exports[name]).types !== undefined,
  );
  // Node10 ended with TypeScript 7; 6 says that it will.
  const ways = Object.entries(WAYS).filter(([name]) => name !== "node10" || Number(version[0]) < 6);
  const failures: string[] = [];
  for (const [name, { entries: seen, ...options }] of ways) {
    const imports = entries.slice(0, seen).map((entry) => `import "thalweg${entry.slice(1)}";\n`);
    const compilerOptions = { ...options, strict: true, exactOptionalPropertyTypes: true, noEmit: true };
    const all = { ...compilerOptions, target: "ES2022", types: [], skipLibCheck: false, skipDefaultLibCheck: true };
    write({
      "all.ts": imports.join("") + PROGRAM,
      "required.cts": 'import thalweg = require("thalweg");\nexport const made = thalweg.createEngine();\n',
      "tsconfig.json": JSON.stringify({
        compilerOptions: all,
        files: ["all.ts", ...(options.module.startsWith("node") ? ["required.cts"] : [])],
      }),
    });
    await exec(process.execPath, [installed("typescript/bin/tsc")]).catch((error) =>
      failures.push(`${name}: ${error.message.slice(0, 600)}`),
    );
  }
  if (failures.length > 0) throw new Error(failures.join("\n"));
}

export const types: Row[] = VERSIONS.map((version) => ({
  name: `TypeScript ${version}: nodenext, node16, bundler${Number(version[0]) < 6 ? ", node10" : ""}`,
  packages: { typescript: version },
  always: version === VERSIONS[0] || version === VERSIONS.at(-1),
  run: (host) => compile(host, version),
}));
