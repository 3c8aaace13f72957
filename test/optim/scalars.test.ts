/**
 * Scalars of update kernels have one name: in `prepare`, which computes them, in the twin, in the kernel, and in the
 * glossary (docs/kernel-scalars.md). Read from the sources, as the names are what is tested; that the right values go by
 * them is for parity and golden.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { table } from "../support/options.js";

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
/** The names in the first column of the glossary's tables, but for those of the locals. */
const glossary = new Set(
  read("docs/kernel-scalars.md")
    .split("## Names inside the loops")[0]
    .split("\n")
    .flatMap((line) =>
      line.startsWith("| `") ? [...line.split(" | ")[0].matchAll(/`(\w+)`/g)].map(([, name]) => name) : [],
    ),
);
/** The names of a list; one that is not used has an underscore before it. */
const list = (text: string): string[] => text.split(",").flatMap((name) => name.trim().replace(/^_/, "") || []);

/** The scalars of each kernel of a file of assembly/optim, in order; one that is not used has an underscore before its name. */
function scalarsOfKernels(source: string): Map<string, string[]> {
  const found = [...source.matchAll(/export function (\w+)\(([^)]*)\)/g)];
  return new Map(
    found.map(([, kernel, parameters]) => [
      kernel,
      list(parameters).flatMap((parameter) => /^_?(\w+): f32$/.exec(parameter)?.[1] ?? []),
    ]),
  );
}

/** Source with every list on one line, however long: what the formatter breaks is joined again. */
const joined = (source: string): string =>
  source
    .replace(/([([])\s+/g, "$1")
    .replace(/,?\s*\n\s*([)\]])/g, "$1")
    .replace(/,\s+/g, ", ");

/** The scalars that each twin of a rule's file takes, by the list that it is destructured into. */
const scalarsOfTwins = (source: string): string[][] =>
  [...joined(source).matchAll(/\(n, _?p, _?g(?:, (?:\[[^\]]*\]|\w+)(?:, \[([^\]]*)\])?)?\) =>/g)].map(
    ([, names = "gradScale"]) => list(names),
  );

/** The names in each `pass.scalars(…)` of a rule's file, and in each `run("kernel", […])` with its kernel. */
function scalarsGiven(source: string): { kernel?: string; names: string[] }[] {
  const code = source.replace(/\/\/.*/g, "");
  return [
    ...[...code.matchAll(/pass\.scalars\(([^;]*)\);/g)].map(([, names]) => ({ names: list(names) })),
    ...[...code.matchAll(/\brun\(\s*"(\w+)",\s*\[([^\]]*)\]/g)].map(([, kernel, names]) => ({
      kernel,
      names: list(names),
    })),
  ];
}

describe.each(table.map(([name]) => name))("%s", (name) => {
  const rule = read(`src/optim/${name}.ts`);
  const kernels = scalarsOfKernels(read(`assembly/optim/${name}.ts`));
  // adam runs adamw's kernels where its decay is decoupled, and lamb where it takes no ratio.
  const all = new Map([
    ...kernels,
    ...(["adam", "lamb"].includes(name) ? scalarsOfKernels(read("assembly/optim/adamw.ts")) : []),
  ]);

  it("names each scalar in the glossary", () => {
    for (const [kernel, names] of kernels) {
      for (const scalar of names) expect(glossary, `${scalar} of ${kernel}`).toContain(scalar);
    }
  });

  it("has the kernel's names in its twins", () => {
    const twins = scalarsOfTwins(rule).map((names) => names.join());
    for (const [kernel, names] of kernels) {
      // A twin may leave out gradScale where it takes nothing else, and may take the decay rates at the end as one list.
      const listed = names.join().replace(/\bbeta1(,beta\d)*$/, "...betas");
      expect(twins, kernel).toContain(twins.includes(listed) ? listed : names.join());
    }
  });

  it("gives scalars by these names", () => {
    const lists = new Map([...all].map(([kernel, [, ...names]]) => [kernel, names.join()]));
    const given = scalarsGiven(rule);
    expect(given.length).toBeGreaterThan(0);
    for (const { kernel, names } of given) {
      if (kernel) expect(names.join(), kernel).toBe(lists.get(kernel));
      else expect([...lists.values()]).toContain(names.join());
    }
  });
});

it("the glossary has no scalar that no kernel takes", () => {
  const taken = table.flatMap(([name]) => [...scalarsOfKernels(read(`assembly/optim/${name}.ts`)).values()].flat());
  expect([...glossary].filter((name) => !taken.includes(name))).toEqual([]);
});
