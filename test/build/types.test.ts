/**
 * The declarations of the installed package under the oldest and the newest TypeScript, without skipLibCheck and without the
 * types of the DOM and of Node: a program that uses every entry, and writes a rule and a layer. The versions between are rows
 * of `npm run test:hosts`.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, it } from "vitest";
import { installed, run } from "../support/packed.js";

const program = fileURLToPath(new URL("../support/userProgram.ts.txt", import.meta.url));
let folder: string;
beforeAll(async () => {
  folder = await installed(["ts-oldest@npm:typescript@5.0", "ts-newest@npm:typescript@7"]);
  const text = await readFile(program, "utf8");
  for (const [name, way] of Object.entries({ "user.mts": "import", "user.cts": "require", "user.ts": "require" }))
    await writeFile(join(folder, name), text + (await every(way)));
}, 300_000);

/** A type that names every entry that can be had this way. */
async function every(way: string): Promise<string> {
  const { exports } = JSON.parse(await readFile(join(folder, "node_modules/thalweg/package.json"), "utf8"));
  const names = Object.keys(exports).filter((name) => exports[name][way]?.types);
  return `export type Every = [${names.map((name) => `typeof import("thalweg${name.slice(1)}")`).join(", ")}];\n`;
}

const OPTIONS = "--noEmit --strict --skipLibCheck false --target es2022 --lib es2022";

it.each([
  ["oldest", "--module node16 user.mts user.cts"],
  ["oldest", "--module esnext --moduleResolution node10 user.ts"],
  ["newest", "--module nodenext user.mts user.cts"],
  ["newest", "--module esnext --moduleResolution bundler --exactOptionalPropertyTypes user.ts"],
])(
  "compile under the %s TypeScript with %s",
  async (version, words) => {
    const tsc = join(folder, `node_modules/ts-${version}/bin/tsc`);
    const found = await run(process.execPath, [tsc, ...`${OPTIONS} ${words}`.split(" ")], { cwd: folder }).catch(
      (error: { stdout: string }) => error,
    );
    expect(found.stdout).toBe("");
  },
  120_000,
);
