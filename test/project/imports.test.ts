/**
 * The rooms of src/ (docs/architecture.md): imports point down, and never round in a circle, types included. Read from the
 * sources' own import and export lines.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
const filesOf = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !/(^|\/)(node_modules|binaries)\//.test(name))
    .map((name) => `${folder}/${name}`);
const read = (file: string): string => readFileSync(join(root, file), "utf8");

/** Files that a file names in `from "…"`, `import "…"` and `import("…")`, types among them. */
const importsOf = (file: string): string[] =>
  [...read(file).matchAll(/(?:\bfrom|\bimport)\s*\(?\s*"(\.[^"]*)\.js"/g)].map(([, path]) =>
    normalize(join(dirname(file), `${path}.ts`)),
  );

const sources = filesOf("src");
const graph = new Map(sources.map((file) => [file, importsOf(file).filter((to) => sources.includes(to))]));

/** The folders of rules that need several files: `src/optim/NAME/` beside `src/optim/NAME.ts`, and for this rule alone. */
const OWN = sources
  .filter(
    (file) => /^src\/optim\/\w+\.ts$/.test(file) && sources.some((one) => one.startsWith(file.replace(".ts", "/"))),
  )
  .map((file) => file.replace(".ts", "/"));

/**
 * Rooms from the ground up: a file belongs to the first room that it starts with, and may import from its own and from
 * lower ones. Rooms in one line know nothing of each other.
 */
const FLOORS: readonly (readonly string[])[] = [
  ["src/check.ts", "src/nearest.ts", "src/host/"],
  ["src/math/"],
  ["src/engine/", "src/schedule/"],
  ["src/linalg/"],
  ["src/optim/gradients/"],
  ["src/optim/core/"],
  ["src/optim/shared/", "src/optim/wrappers/"],
  OWN,
  ["src/optim/"],
  ["src/nn/", "src/data/", "src/minimize/"],
  ["src/train/", "src/landscape/"],
  ["src/tabular/", "src/node/", "src/experiments/", "src/adapters/", "src/testing/"],
  ["src/sweep/"],
  ["src/cli/", "src/index.ts"],
  ["src/site/"],
];
const roomOf = (file: string): { floor: number; room: string } => {
  for (const [floor, rooms] of FLOORS.entries()) {
    const room = rooms.find((start) => file.startsWith(start));
    if (room) return { floor, room };
  }
  throw new Error(`${file} stands in no room: add it to FLOORS, and to docs/architecture.md`);
};

describe("imports in src/", () => {
  it("are found", () => {
    expect(sources.length).toBeGreaterThan(150);
    expect(graph.get("src/engine/create.ts")).toContain("src/engine/engine.ts");
    expect(graph.get("src/engine/tensor.ts")).toContain("src/engine/core.ts"); // a type
  });

  it("point down", () => {
    const wrong: string[] = [];
    for (const [file, targets] of graph) {
      if (file.startsWith("src/build/")) continue; // runs at build time, over all of it
      const own = roomOf(file);
      for (const to of targets) {
        const { floor, room } = roomOf(to);
        if (floor > own.floor || (floor === own.floor && room !== own.room)) wrong.push(`${file} imports ${to}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it("into the folder of a rule come from that folder and from the rule", () => {
    expect(OWN).toContain("src/optim/kfac/");
    const wrong = [...graph].flatMap(([file, targets]) =>
      targets
        .filter((to) =>
          OWN.some((own) => to.startsWith(own) && !file.startsWith(own) && `${file.slice(0, -3)}/` !== own),
        )
        .map((to) => `${file} imports ${to}`),
    );
    expect(wrong).toEqual([]);
  });

  it("never go round in a circle", () => {
    const circles: string[] = [];
    const done = new Set<string>();
    const visit = (file: string, path: readonly string[]): void => {
      const at = path.indexOf(file);
      if (at >= 0) circles.push([...path.slice(at), file].join(" → "));
      if (at >= 0 || done.has(file)) return;
      for (const to of graph.get(file)!) visit(to, [...path, file]);
      done.add(file);
    };
    for (const file of sources) visit(file, []);
    expect(circles).toEqual([]);
  });

  it("cross the wall to assembly/ nowhere", () => {
    for (const file of filesOf("assembly")) expect(read(file), file).not.toMatch(/from "[^"]*src\//);
    for (const file of sources.filter((name) => !name.startsWith("src/build/")))
      expect(read(file), file).not.toMatch(/from "[^"]*assembly\//);
  });
});

/** Files that one idea has made longer, each with its reason. */
const LONG: Readonly<Record<string, string>> = {};

it("files stay under 300 lines", () => {
  const long = ["src", "assembly", "bench", "test", "examples"]
    .flatMap(filesOf)
    .filter((file) => read(file).split("\n").length > 301 && !(file in LONG));
  expect(long).toEqual([]);
});
