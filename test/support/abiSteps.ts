/** Steps of optimizers by abi.json alone: scalars from its formulas, and what a kernel does from its loop. */
import { abi, type Call, type Numbers } from "./abi.js";

type Values = Record<string, unknown>;
type Step = (h: Values, s: Values, t: number) => number[];

const MATH = { sqrt: Math.sqrt, max: Math.max, min: Math.min, abs: Math.abs, pow: Math.pow, sign: Math.sign };
const defined = (functions: Record<string, string>): string =>
  Object.entries(functions)
    .map(([name, text]) => `const ${name} = ${text};`)
    .join("\n");
/** Names that lines set, once each. */
const namesSet = (lines: readonly string[]): string[] => [
  ...new Set(lines.flatMap((line) => line.match(/^(\w+) = /)?.[1] ?? [])),
];

/** The scalars of an update kernel, by name, without those of no step: the first is gradScale. */
export const scalarsOf = (kernel: string): string[] =>
  abi.kernels[kernel].arguments.flatMap(({ name, role }) => (role === "scalar" ? [name] : []));

/** A function that advances the state s and returns the scalars after gradScale, in f64. */
export function stepOf(optimizer: string, kernel: string): Step {
  const { formulas } = abi.optimizers[optimizer].kernels[kernel];
  const names = namesSet(formulas).filter((name) => name !== "t");
  const body = `${defined(abi.functions)}
    return (h, s, t) => {
      ${names.length > 0 ? `let ${names.join(", ")};` : ""}
      ${formulas.join(";\n")};
      return [${scalarsOf(kernel).slice(1).join(", ")}];
    };`;
  return new Function(...Object.keys(MATH), body)(...Object.values(MATH)) as Step;
}

/** Options and state as they are: numbers that JSON has not are text there. */
export const decoded = (values: Values): Values =>
  Object.fromEntries(
    Object.entries(values).map(([key, x]) => [key, /^(-?Infinity|NaN)$/.test(`${x}`) ? Number(x) : x]),
  );

/** Whether a loop can be run here: its words are all in abi.json. */
export const runs = (loop: readonly string[]): boolean =>
  loop.every((line) => [...line.matchAll(/([\w.]+)\(/g)].every(([, word]) => Object.hasOwn(abi.words, word)));

/** Runs the loop of a kernel over the arrays of a call, which it changes; arithmetic rounds to f32. */
export function runLoop({ kernel, given, arrays }: Call): void {
  const { loop } = abi.kernels[kernel];
  const { n, ...scalars } = given;
  const lines = loop!.filter((line) => !/^\w+\[i\] = /.test(line));
  const body = `${defined(abi.words)}
    for (let i = 0; i < ${n}; i++) {
      ${loop!.map((line) => (lines.includes(line) ? `const ${line.replace(/^(\w+) =/, "$1_ =")}` : line)).join(";\n")};
    }`;
  // What a loop names may be the name of an argument: its own have a mark.
  const own = namesSet(lines);
  const marked = body.replace(/(?<![\w.])([A-Za-z]\w*)(?![\w[(])/g, (name) => (own.includes(name) ? `${name}_` : name));
  const known: Record<string, number | Numbers> = { ...scalars, ...arrays };
  new Function(...Object.keys(known), marked)(...Object.values(known));
}
