/**
 * What a bench needs of the sources and of the compiler: binaries that measure the machine, and what the kernels are
 * made of. A page asks the server that serves it (browser/workshop.ts).
 */
import { readFileSync } from "node:fs";
import asc from "assemblyscript/asc";
import { compile, root } from "../src/build/compile.js";
import { unrolled } from "../src/build/unroll.js";

/** Streams of a pass over memory, n elements each: that it reads, that it reads and writes, and that it writes. */
export interface Streams {
  read: number;
  updated: number;
  written: number;
}

/** Vector instructions of a loop for each vector, without loads, stores and constants, which are in the traffic or outside. */
export interface Operations {
  multiplications: number;
  /** Also subtractions, comparisons, minima, maxima and conversions: the same units do them. */
  additions: number;
  /** All: those above, divisions and roots, and what works on bits. */
  instructions: number;
}

/** A loop that runs where these scalars, by their place among the arguments, have these values. */
export interface Loop extends Operations {
  when: [place: number, value: number][];
}

/** What a kernel cannot do without, for each element; and its loops, of which the first whose condition holds runs. */
export interface Costs extends Streams {
  divisions: number;
  roots: number;
  loops: Loop[];
}

let library: ReturnType<typeof compile> | undefined;

/** "probes", "probes-relaxed", "operations", or "traffic-R-U-W" with the numbers of its streams. */
export function binary(name: string): Promise<Uint8Array<ArrayBuffer>> {
  const [kind, ...rest] = name.split("-");
  if (kind === "probes") {
    return build(readFileSync(new URL("probes/index.ts", import.meta.url), "utf8"), rest[0] === "relaxed");
  }
  if (kind === "operations") return build(operationsSource());
  const [read, updated, written] = rest.map(Number) as [number, number, number];
  return build(trafficSource({ read, updated, written }));
}

async function build(source: string, relaxed = false): Promise<Uint8Array<ArrayBuffer>> {
  const files = new Map<string, string | Uint8Array>([["index.ts", source]]);
  const flags = `-O3 --noAssert --runtime stub --use abort= --enable simd ${relaxed ? "--enable relaxed-simd " : ""}--disableWarning 112`;
  const { error, stderr } = await asc.main(["index.ts", "--outFile", "out.wasm", ...flags.split(" ")], {
    readFile: (name: string) => (files.get(name) as string | undefined) ?? null,
    writeFile: (name: string, contents: string | Uint8Array) => void files.set(name, contents),
  });
  if (error) throw new Error(stderr.toString());
  return files.get("out.wasm") as Uint8Array<ArrayBuffer>;
}

function trafficSource({ read, updated, written }: Streams): string {
  const names = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => `${prefix}${i}`);
  const [reads, updates, writes] = [names("r", read), names("u", updated), names("w", written)];
  const all = [...reads, ...updates, ...writes];
  const load = (name: string, offset: number) => `v128.load(${name} + i, ${offset})`;
  const store = (name: string, value: string, offset: number) => `v128.store(${name} + i, ${value}, ${offset});`;
  const turn = (offset: number) => `{
      let x = f32x4.splat(0);
      ${reads.map((name) => `x = f32x4.add(x, ${load(name, offset)});`).join(" ")}
      ${updates.map((name) => store(name, `f32x4.add(x, ${load(name, offset)})`, offset)).join(" ")}
      ${writes.map((name) => store(name, "x", offset)).join(" ")}
    }`;
  return `
    export function alloc(bytes: usize): usize { return (heap.alloc(bytes + 64) + 63) & ~63; }
    export function traffic(n: i32, ${all.map((name) => `${name}: usize`).join(", ")}): void {
      const end = <usize>n << 2;
      let i: usize = 0;
      do { ${turn(0)} ${turn(16)} i += 32; } while (i < end);
    }`;
}

/** Chains that `operationsSource` writes: each result is used four cycles later at the earliest, where four are made a cycle. */
const CHAINS = 12;

/** Loops of independent multiplications, of additions, and of both in turns, all in registers. */
function operationsSource(): string {
  const chains = Array.from({ length: CHAINS }, (_, k) => `s${k}`);
  const loop = (name: string, words: readonly string[]) => {
    const turn = chains.map((s, k) => `${s} = f32x4.${words[k % words.length]}(${s}, x);`).join(" ");
    return `
    export function ${name}(at: usize, instructions: i32): void {
      const x = v128.load(at);
      let ${chains.map((s) => `${s} = x`).join(", ")};
      for (; instructions > 0; instructions -= ${2 * CHAINS}) { ${turn} ${turn} }
      v128.store(at, ${chains.reduce((sum, s) => `f32x4.add(${sum}, ${s})`)}, 16);
    }`;
  };
  return `
    export function alloc(bytes: usize): usize { return (heap.alloc(bytes + 64) + 63) & ~63; }
    ${loop("multiply", ["mul"])} ${loop("add", ["add"])} ${loop("mix", ["mul", "add"])}`;
}

/** Streams from the kernel's source, instructions from the binary, where the vocabulary is inlined. */
export async function costs(kernel: string): Promise<Costs> {
  const { text } = await (library ??= compile("strict"));
  const exports = readFileSync(`${root}assembly/index.ts`, "utf8");
  const file = exports.match(new RegExp(`\\b${kernel}\\b[^;]*from "\\./(optim/\\w+)"`))![1];
  const source = readFileSync(`${root}assembly/${file}.ts`, "utf8");
  const lines = source.match(new RegExp(`function ${kernel}\\([^]*?^}`, "m"))?.[0] ?? "";
  const streams = (word: string) =>
    new Set([...lines.matchAll(new RegExp(`${word}\\((\\w+) \\+ i`, "g"))].map((m) => m[1]));
  const [loads, stores] = [streams("load"), streams("store")];
  const updated = [...stores].filter((stream) => loads.has(stream)).length;
  if (stores.size === 0) throw new Error(`no loop of ${kernel} in assembly/${file}.ts`);
  // Kernels of equal bodies are one function in the binary, under the name of one of them.
  const target = text.match(new RegExp(`\\(export "${kernel}" \\(func (\\S+?)\\)\\)`))![1];
  const body = text.match(new RegExp(`^ \\(func ${target.replaceAll("$", "\\$")} [^]*?^ \\)`, "m"))![0];
  const all = (instruction: string) => body.split(instruction).length - 1;
  const bodies = all("v128.store") / stores.size; // the build writes the body of a loop several times
  const count = (instruction: string) => all(instruction) / bodies;
  return {
    ...{ read: loads.size - updated, updated, written: stores.size - updated },
    ...{ divisions: count("f32x4.div"), roots: count("f32x4.sqrt") },
    loops: loopsOf(body, lines, stores.size),
  };
}

/**
 * The loops of a function, that with the fewest instructions first, as the build writes them: without `plus` and `times`,
 * without `plus`, with both (src/build/unroll.ts).
 */
function loopsOf(body: string, source: string, stores: number): Loop[] {
  const scalars = [...source.matchAll(/(\w+): f32/g)].map(([, name]) => name);
  const conditions = [...unrolled(source, 0).matchAll(/if \((.*)\) \{ *do \{/g)].map(([, all]) =>
    all.split(" && ").map((one): [number, number] => {
      const [name, value] = one.split(" == ");
      return [scalars.indexOf(name), Number(value)];
    }),
  );
  const found = [...body.matchAll(/^( *)loop [\s\S]*?^\1end/gm)]
    .map(([text]) => operationsOf(text, stores))
    .sort((a, b) => a.instructions - b.instructions);
  if (found.length !== conditions.length + 1) {
    throw new Error(`expected ${conditions.length + 1} loops, got ${found.length}, in\n${source}`);
  }
  return found.map((operations, k) => ({ ...operations, when: conditions[k] ?? [] }));
}

const COUNTED = /\b(?:[fi]\d+x\d+|v128)\.(?!load|store|const|splat)\w+/g;
const ADDS = /^f\d+x\d+\.(add|sub|p?min|p?max|[lg][te]|eq|ne|convert|promote|demote)/;

function operationsOf(loop: string, stores: number): Operations {
  const vectors = (loop.split("v128.store").length - 1) / stores;
  const words = loop.match(COUNTED) ?? [];
  const count = (kind: RegExp) => words.filter((word) => kind.test(word)).length / vectors;
  return { multiplications: count(/\.mul$/), additions: count(ADDS), instructions: words.length / vectors };
}
