/** The rooms of src/optim: what each folder may import, types included, and no cycles. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";

/** The folders of src that each folder may import besides its own and files of src itself. */
const doors: Record<string, readonly string[]> = {
  schedule: [],
  "optim/gradients": ["engine"],
  "optim/core": ["engine", "schedule", "optim/gradients"],
  "optim/wrappers": ["engine", "optim/core", "optim/gradients"],
};

const src = new URL("../../src/", import.meta.url);
const files = readdirSync(src, { recursive: true, encoding: "utf8" })
  .map((file) => file.replaceAll("\\", "/"))
  .filter((file) => /^(optim|schedule)\/.*\.ts$/.test(file));
const imports = new Map(
  files.map((file) => {
    const text = readFileSync(new URL(file, src), "utf8");
    const found = [...text.matchAll(/ from "(\.[^"]+)\.js"/g)].map(([, path]) => join(dirname(file), `${path}.ts`));
    return [file, found.map((path) => path.replaceAll("\\", "/"))] as const;
  }),
);

it.each(Object.entries(doors))("%s imports nothing but %j", (room, open) => {
  const inside = files.filter((file) => dirname(file) === room);
  expect(inside.length).toBeGreaterThan(3);
  const others = inside.flatMap((file) => imports.get(file)!.map((path) => [file, path] as const));
  const shut = others.filter(([, path]) => ![room, ".", ...open].includes(dirname(path)));
  expect(shut).toEqual([]);
});

it("has no import cycle", () => {
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) expect.fail([...path, file].join(" → "));
    if (done.has(file)) return;
    for (const next of imports.get(file) ?? []) if (imports.has(next)) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
  expect(done.size).toBe(files.length);
});
