/**
 * What a bench needs of the sources and of the compiler: binaries that measure the machine, and what the kernels are
 * made of. A page asks the server that serves it (browser/workshop.ts).
 */
import { readFileSync } from "node:fs";
import asc from "assemblyscript/asc";
import { compile, root } from "../src/build/compile.js";

/** Streams of a pass over memory, n elements each: that it reads, that it reads and writes, and that it writes. */
export interface Streams {
  read: number;
  updated: number;
  written: number;
}

/** What a kernel cannot do without, for each element. */
export interface Costs extends Streams {
  divisions: number;
  roots: number;
}

let library: ReturnType<typeof compile> | undefined;

/** "probes", "probes-relaxed", or "traffic-R-U-W" with the numbers of its streams. */
export function binary(name: string): Promise<Uint8Array<ArrayBuffer>> {
  const [kind, ...rest] = name.split("-");
  if (kind === "probes") {
    return build(readFileSync(new URL("probes/index.ts", import.meta.url), "utf8"), rest[0] === "relaxed");
  }
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

/** Streams from the kernel's source, divisions from the binary, where the vocabulary is inlined. */
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
  };
}
