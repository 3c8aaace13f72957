/**
 * Contract: what is written down in several places says the same everywhere. THE TABLE, the rules, the binary's exports,
 * the public entry, the files and the documentation name the same optimizers and kernels.
 */
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { optimizerSections, optimizerTable } from "../../bench/optimizerPage.js";
import type { OwnBinary } from "../../src/engine/backend.js";
import { detect } from "../../src/engine/detect.js";
import { extraKernels } from "../../src/engine/extraKernels.js";
import { twins } from "../../src/engine/js/twins.js";
import core from "../../src/engine/wasm/binaries/core.js";
import { decode } from "../../src/engine/wasm/binaryText.js";
import * as entry from "../../src/index.js";
import { adafactorRows } from "../../src/optim/adafactor/rows.js";
import { sm3RowKernels } from "../../src/optim/sm3/rows.js";
import { optimizers } from "../../src/optim/table.js";
import { built } from "../support/built.js";
import { documented, exported, namespaces } from "../support/docs.js";
import { linalgKernels } from "../support/linalgKernels.js";
import { nnKernels } from "../support/nnKernels.js";
import { setsOf, table } from "../support/options.js";

const root = new URL("../..", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), "utf8");
const names = table.map(([name]) => name);

/** The exports that are not update kernels: those with twins, and what memory and products need. */
const SHARED = [twins, extraKernels.twins, nnKernels, linalgKernels, adafactorRows, sm3RowKernels]
  .flatMap((some) => Object.keys(some))
  .concat(["variant", "alloc", "free", "gemm", "gemmBytes"]);

const products = {
  strict: () => import("../../src/engine/wasm/binaries/strict.js"),
  relaxed: () => import("../../src/engine/wasm/binaries/relaxed.js"),
};
type Variant = keyof typeof products;

/** The whole binary of the package. */
const whole = (variant: Variant) => new WebAssembly.Module(readFileSync(built(`wasm/${variant}.wasm`)));
/** The functions of a binary. */
const functionsOf = (module: WebAssembly.Module): string[] =>
  WebAssembly.Module.exports(module).flatMap(({ name, kind }) => (kind === "function" ? [name] : []));
const carried = (binary: string | OwnBinary) => functionsOf(new WebAssembly.Module(decode(binary as string)));

// The relaxed build compiles only where the host has relaxed SIMD; test/support/backends.ts fails where it should.
describe.each(detect().variants)("the %s binary", (variant) => {
  it("exports the kernels of THE TABLE's rows and the shared ones, and nothing else", async () => {
    const found = WebAssembly.Module.exports(whole(variant));
    const own = new Set(table.flatMap(([, { rule }]) => Object.keys(rule.kernels)));
    expect(SHARED.filter((name) => own.has(name))).toEqual([]);
    expect(functionsOf(whole(variant)).sort()).toEqual([...SHARED, ...own].sort());
    expect(found.filter(({ kind }) => kind !== "function").map(({ name }) => name)).toEqual(["memory"]);
  });

  it("is carried as a core that has what every engine needs, and as the products of the variant", async () => {
    expect(carried(core).sort()).toEqual([...Object.keys(twins), "alloc", "free"].sort());
    const { default: binary } = await products[variant]();
    expect(carried(binary).sort()).toEqual(["gemm", "gemmBytes", "variant"]);
  });

  it.each(table)("has update kernels of %s that take what the rule passes", (_, { rule }) => {
    const { exports } = new WebAssembly.Instance(whole(variant), {
      env: { memory: new WebAssembly.Memory({ initial: 1 }) },
    });
    // n, parameters, gradients, slots, gradScale and the other scalars.
    const fixed = 4;
    for (const kernel of Object.keys(rule.kernels)) {
      expect((exports[kernel] as (...args: number[]) => void).length, kernel).toBeGreaterThanOrEqual(fixed);
    }
    for (const given of setsOf(rule)) {
      if (!rule.prepare) continue; // a rule with a `step` of its own says with each call what it passes
      const hyper = { ...rule.hyper, ...given };
      let scalars = 0;
      const pass = { kernel: "", slots: 1000, scalars: (...values: unknown[]) => void (scalars = values.length) };
      rule.prepare(hyper, rule.state?.(hyper) ?? {}, 1, pass);
      const slots = Math.min(pass.slots, Object.keys(rule.slots(hyper, [4])).length);
      const kernel = exports[pass.kernel] as (...args: number[]) => void;
      expect(kernel.length, `${pass.kernel} for ${JSON.stringify(given)}`).toBe(fixed + slots + scalars);
    }
  });
});

describe.each(table)("%s", (name, factory) => {
  it("has its name in the rule, in the entry and on its files", () => {
    expect(factory.rule.name).toBe(name);
    expect((entry as Record<string, unknown>)[name]).toBe((optimizers as Record<string, unknown>)[name]);
    expect(existsSync(new URL(`src/optim/${name}.ts`, root))).toBe(true);
    expect(existsSync(new URL(`assembly/optim/${name}.ts`, root))).toBe(true);
    expect(read(`src/optim/${name}.ts`)).toContain(`export const ${name} = `);
  });

  it("carries the binaries that have its kernels", () => {
    const found = (factory.rule.binaries ?? []).flatMap(carried);
    for (const kernel of Object.keys(factory.rule.kernels)) expect(found).toContain(kernel);
  });

  it("says where it comes from, and passes its own check", () => {
    expect(factory.rule.paper).toMatch(/\d{4}/);
    expect(["PyTorch", "Optax", "Keras", "authors", "paper"]).toContain(factory.rule.follows);
    expect(() => factory.rule.check(factory.rule.hyper)).not.toThrow();
  });

  it("names slots as averages only if it has them, under some options", () => {
    for (const given of setsOf(factory.rule)) {
      const hyper = { ...factory.rule.hyper, ...given };
      for (const average of factory.rule.averages?.(hyper) ?? []) {
        const held = setsOf(factory.rule).flatMap((set) =>
          [[4], [4, 4]].map((shape) => factory.rule.slots({ ...factory.rule.hyper, ...set }, shape)),
        );
        expect(held.some((slots) => average in slots)).toBe(true);
      }
    }
  });
});

it("has no optimizer in the entry that THE TABLE lacks", () => {
  const factories = Object.entries(entry).filter(([, value]) => typeof value === "function" && "rule" in value);
  expect(factories.map(([name]) => name).sort()).toEqual([...names].sort());
});

describe("docs/optimizers.md", () => {
  const between = (mark: string) =>
    read("docs/optimizers.md").match(new RegExp(`<!-- ${mark} -->\\n([^]*?)\\n<!-- end -->`))![1];

  it("has THE TABLE, as `npm run docs:tables` writes it", async () => {
    expect(between("optimizers")).toBe(await optimizerTable());
  });

  it("has a section for every optimizer, as `npm run docs:tables` writes it", async () => {
    expect(between("sections")).toBe(await optimizerSections());
  });
});

it("has every optimizer linked in the README, and their number", () => {
  const linked = [...read("README.md").matchAll(/\[(\w+)\]\(docs\/optimizers\.md#\w+\)/g)].map(([, name]) => name);
  expect(linked).toEqual(names);
  expect(read("README.md")).toContain(` ${names.length} optimizers,`);
});

describe("documentation of the entry", () => {
  const optimizers = exported(read("src/optim/index.ts")).map((one) => ({ ...one, path: `optim/${one.path}` }));
  const found = [...exported(read("src/index.ts")), ...optimizers];
  const within = namespaces(read("src/index.ts")).map(({ name, path }) => {
    const folder = path.slice(0, path.lastIndexOf("/") + 1);
    return { name, items: exported(read(`src/${path}`)).map((one) => ({ ...one, path: folder + one.path })) };
  });

  it("covers all that it exports", () => {
    const values = found.filter(({ type }) => !type).map(({ name }) => name);
    expect([...values, ...within.map(({ name }) => name)].sort()).toEqual(Object.keys(entry).sort());
    for (const { name, items } of within) {
      const own = items.filter(({ type }) => !type).map((item) => item.name);
      expect(own.sort(), name).toEqual(Object.keys((entry as unknown as Record<string, object>)[name]).sort());
    }
  });

  const others = ["node", "minimize"].flatMap((room) =>
    exported(read(`src/${room}/index.ts`)).map((one) => ({ ...one, path: `${room}/${one.path}` })),
  );

  it.each([...found, ...within.flatMap(({ items }) => items), ...others])("$name", ({ name, type, path }) => {
    const comment = documented(read(`src/${path}`), name);
    expect(comment, `a doc comment on ${name} in src/${path}`).toBeDefined();
    // Types are shown in the examples of the values that take and give them.
    if (!type) expect(comment).toContain("@example");
  });
});
