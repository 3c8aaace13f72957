/**
 * The API reference: TypeDoc reads the declarations of the built package without a warning, and documents every symbol that
 * an entry of package.json's "exports" hands on.
 */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";

const root = new URL("../../", import.meta.url);
const folder = new URL("docs/reference/", root);
const manifest = JSON.parse(readFileSync(new URL("package.json", root), "utf8")) as {
  exports: Record<string, { import?: { types: string } }>;
};
/** The entries that have types, by the name to import them by, with their declarations; standalone is the main one again. */
const entries = Object.entries(manifest.exports).flatMap(([path, entry]): [name: string, types: string][] =>
  entry.import === undefined || path === "./standalone" ? [] : [[`thalweg${path.slice(1)}`, entry.import.types]],
);
const json = join(process.env.THALWEG_TEST_FOLDER!, "reference.json");

/** TypeDoc's number of an accessor, which a class has, and no module. */
const ACCESSOR = 262144;

interface Documented {
  name: string;
  kind: number;
  type?: { name?: string; typeArguments?: { name: string }[] };
  children?: Documented[];
}
let modules: Documented[];

beforeAll(async () => {
  const typedoc = fileURLToPath(new URL("node_modules/.bin/typedoc", folder));
  try {
    await promisify(execFile)(process.execPath, [typedoc, "--json", json], { cwd: fileURLToPath(folder) });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`TypeDoc: ${stdout}${stderr}`); // its warnings are errors
  }
  modules = (JSON.parse(readFileSync(json, "utf8")) as Documented).children!;
});

/** What an entry exports: values as Node sees them, and types by the declarations. */
async function exported(name: string, declarations: string): Promise<string[]> {
  const values = Object.keys((await import(name)) as object);
  return [...new Set([...values, ...namesIn(new URL(declarations, root))])];
}

/** The names that a file of declarations exports, and those of the files that it hands on whole. */
function namesIn(file: URL): string[] {
  const text = readFileSync(file, "utf8");
  const lists = [...text.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(([, list]) =>
    list!.split(",").flatMap(
      (item) =>
        item
          .trim()
          .replace(/^type /, "")
          .replace(/^.* as /, "") || [],
    ),
  );
  const spaces = [...text.matchAll(/^export \* as (\w+) from/gm)].map(([, name]) => name!);
  const own = [...text.matchAll(/^export (?:declare )?(?:abstract )?\w+\*? (\w+)/gm)].map(([, name]) => name!);
  const whole = [...text.matchAll(/^export \* from "(.+)\.js"/gm)].map(([, path]) => new URL(`${path}.d.ts`, file));
  return [...lists, ...spaces, ...own.filter((name) => name !== "as"), ...whole.flatMap(namesIn)];
}

it("has a module for each entry with types", () => {
  expect(modules.map(({ name }) => name).sort()).toEqual(entries.map(([name]) => name).sort());
  expect(entries.map(([name]) => name)).toContain("thalweg/schedules");
});

it("has accessors in their classes alone, and no name that is a path", () => {
  const inModules = modules.flatMap((module) => module.children!);
  expect(inModules.filter(({ kind }) => kind === ACCESSOR).map(({ name }) => name)).toEqual([]);
  expect(inModules.filter(({ name }) => name.includes("/")).map(({ name }) => name)).toEqual([]);
  const optimizer = inModules.find(({ name }) => name === "Optimizer")!;
  const accessors = optimizer.children!.filter(({ kind }) => kind === ACCESSOR).map(({ name }) => name);
  expect(accessors).toContain("stepCount");
  expect(new Set(accessors).size).toBe(accessors.length);
});

it("says of each optimizer which options it takes", () => {
  const main = modules.find(({ name }) => name === "thalweg")!.children!;
  const factories = main.filter(({ type }) => type?.name === "OptimizerFactory");
  expect(factories.length).toBeGreaterThan(50);
  expect(factories.filter(({ type }) => !type!.typeArguments?.[0]?.name.endsWith("Hyper"))).toEqual([]);
  expect(factories.find(({ name }) => name === "adam")!.type!.typeArguments![0]!.name).toBe("AdamHyper");
});

describe.each(entries)("%s", (name, declarations) => {
  it("is documented whole", async () => {
    const found = await exported(name, declarations);
    expect(found.length).toBeGreaterThan(0);
    const documented = new Set(modules.find((module) => module.name === name)!.children!.map((child) => child.name));
    expect(found.filter((symbol) => !documented.has(symbol))).toEqual([]);
  });
});
