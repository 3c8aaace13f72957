/**
 * Makes abi.json, the binaries described for callers without the package: signatures from assembly/, arrays from a table
 * (arrays.ts), scalars from the glossary (docs/kernel-scalars.md), formulas from the rules and examples from steps of theirs.
 */
import { readdirSync, readFileSync } from "node:fs";
import { readBinary } from "./binary.js";
import { formulasIn, plain } from "./formulas.js";
import { complete, Functions } from "./functions.js";
import { kernelOf } from "./kernels.js";
import { words } from "./loops.js";
import { signatures } from "./sources.js";
import { type AnyRule, callsOf, rules, type Seen, type Starts } from "./trials.js";
import type { Abi, Call, Kernel, Optimizer } from "./types.js";

/** @param root path of the repository, with a slash at its end; its dist/wasm has the binaries */
export async function makeAbi(root: string): Promise<Abi> {
  const read = (path: string): string => readFileSync(`${root}${path}`, "utf8");
  const kernels = Object.fromEntries(signatures(root).map((one) => [one.name, kernelOf(one)]));
  const shared = readdirSync(`${root}src/optim/shared`).map((name) => read(`src/optim/shared/${name}`));
  const functions = new Functions(shared);
  const optimizers: Record<string, Optimizer> = {};
  for (const [name, rule] of rules()) {
    const calls: Record<string, Call> = {};
    // adam and lamb take adamw's steps where options say so.
    const codes = [name, "adamw"].map((file) => plain(read(`src/optim/${file}.ts`)));
    const { calls: found, starts } = await callsOf(name);
    for (const [kernel, seen] of found) {
      calls[kernel] = callOf(kernels[kernel], kernel, seen, codes, functions);
      kernels[kernel].optimizers.push(name);
    }
    optimizers[name] = described(rule, starts, calls);
  }
  const binaries = Object.fromEntries(
    (["strict", "strict-shared", "relaxed", "relaxed-shared"] as const).map((name) => {
      const simd = name.startsWith("strict") ? "strict" : "relaxed";
      return [`${name}.wasm`, readBinary(readFileSync(`${root}dist/wasm/${name}.wasm`), simd)];
    }),
  );
  return {
    format: 1,
    version: (JSON.parse(read("package.json")) as { version: string }).version,
    pageBytes: 65536,
    alignment: { required: 1, best: 16 },
    padding: { bytes: 64 },
    binaries,
    scalars: glossary(read("docs/kernel-scalars.md")),
    functions: functions.used,
    words: words(read("src/math/f32.ts")),
    kernels,
    optimizers,
  };
}

function described(rule: AnyRule, slots: Starts, kernels: Record<string, Call>): Optimizer {
  const { paper, follows } = rule;
  const hyper = jsonOf(rule.hyper);
  const state = jsonOf((rule.state?.(rule.hyper) ?? {}) as Record<string, unknown>);
  return { paper, follows, hyper, state, slots, kernels };
}

function callOf(kernel: Kernel, name: string, seen: Seen, codes: readonly string[], functions: Functions): Call {
  const arrays = kernel.arguments.flatMap((one) => (one.role === "array" ? [one.name] : [])).slice(2);
  const scalars = kernel.arguments.flatMap((one) => (one.role === "scalar" ? [one.name] : [])).slice(1);
  const found = codes.map((code) => formulasIn(code, name, scalars)).find((one) => one !== undefined);
  if (!found && scalars.length > 0)
    throw new Error(`${kernel.source}: expected an optimizer that gives ${name} its scalars`);
  const set = scalars.flatMap((scalar, i) => {
    const given = found!.scalars[i];
    return given === scalar ? [] : [`${scalar} = ${given}`];
  });
  const formulas = [...(found?.lines ?? []), ...set];
  const missing = functions.take(formulas, codes[0]);
  return {
    options: jsonOf(seen.options),
    slots: Object.fromEntries(arrays.map((array, i) => [array, seen.slots[i] ?? null])),
    formulas,
    complete: missing.length === 0 && complete([...formulas, ...scalars], functions.used),
    example: { t: seen.t, scalars: [...seen.scalars.subarray(0, scalars.length + 1)].map(jsonNumber) },
  };
}

/** The first two columns of the glossary's tables of scalars; a row may have several names. */
function glossary(text: string): Record<string, string> {
  const rows = text
    .split("## Names inside the loops")[0]
    .split("\n")
    .filter((line) => line.startsWith("| `"));
  return Object.fromEntries(
    rows.flatMap((line) => {
      const [names, meaning] = line.replace(/^\| /, "").split(/(?<!\\) \| /);
      return [...names.matchAll(/`(\w+)`/g)].map(([, name]) => [
        name,
        meaning
          .replace(/\s*\|$/, "")
          .replace(/\\\|/g, "|")
          .trim(),
      ]);
    }),
  );
}

/** Numbers that JSON has not, as text. */
const jsonNumber = (x: number): number | string => (Number.isFinite(x) ? x : String(x));
const jsonOf = (values: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, typeof value === "number" ? jsonNumber(value) : value]),
  );
