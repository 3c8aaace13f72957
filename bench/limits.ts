/** The machine's limits, measured by the probes in bench/probes. Tasks, so that they run in the rounds of what they are compared with. */

import { readFileSync } from "node:fs";
import asc from "assemblyscript/asc";
import type { Task } from "./harness.js";

export interface Probes {
  memory: WebAssembly.Memory;
  alloc(bytes: number): number;
  peak4(k: number, a: number, b: number, c: number, reps: number): void;
  peak6(k: number, a: number, b: number, c: number, reps: number): void;
  divide(n: number, x: number, reps: number): void;
  root(n: number, x: number, reps: number): void;
}

const K = 256; // deep enough that the stores do not count, shallow enough for the L1 cache
const REPS = 50;
const DIVISIONS = 2048;

/** One build of the probes; relaxed where the host can run it. */
export const probes = (relaxed: boolean): Promise<Probes> =>
  build(readFileSync(new URL("probes/index.ts", import.meta.url), "utf8"), relaxed) as Promise<Probes>;

async function build(source: string, relaxed = false): Promise<unknown> {
  const files = new Map<string, string | Uint8Array>([["index.ts", source]]);
  const flags = `-O3 --noAssert --runtime stub --use abort= --enable simd ${relaxed ? "--enable relaxed-simd " : ""}--disableWarning 112`;
  const { error, stderr } = await asc.main(["index.ts", "--outFile", "out.wasm", ...flags.split(" ")], {
    readFile: (name: string) => (files.get(name) as string | undefined) ?? null,
    writeFile: (name: string, contents: string | Uint8Array) => void files.set(name, contents),
  });
  if (error) throw new Error(stderr.toString());
  const { instance } = await WebAssembly.instantiate(files.get("out.wasm") as Uint8Array<ArrayBuffer>);
  return instance.exports;
}

/** In-register peaks of this build, with the floating-point operations of one call. */
export function peaks(probe: Probes, label: string): Record<string, { task: Task; flops: number }> {
  const [a, b, c] = [probe.alloc(K * 24), probe.alloc(K * 32), probe.alloc(192)];
  return {
    [`${label} 4x8`]: { task: () => probe.peak4(K, a, b, c, REPS), flops: 2 * 32 * K * REPS },
    [`${label} 6x8`]: { task: () => probe.peak6(K, a, b, c, REPS), flops: 2 * 48 * K * REPS },
  };
}

/** Streams of a pass over memory, n elements each. */
export interface Streams {
  read: number;
  updated: number;
  written: number;
}

/** The least that a pass with these streams can do: load, add up, store; two vectors a turn. */
export async function traffic(n: number, streams: Streams): Promise<Task> {
  const count = streams.read + streams.updated + streams.written;
  const exports = (await build(trafficSource(streams))) as Probes & { traffic(n: number, ...at: number[]): void };
  const at = Array.from({ length: count }, () => exports.alloc(n * 4));
  // Memory that no one has written to is one page of zeros, which never leaves the cache.
  for (const stream of at) new Float32Array(exports.memory.buffer, stream, n).fill(1e-3);
  return () => exports.traffic(n, ...at);
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

/** Divisions, or square roots: a task, and how many of them one call does. */
export function divider(probe: Probes, operation: "divide" | "root"): { task: Task; elements: number } {
  const x = probe.alloc(DIVISIONS * 4);
  new Float32Array(probe.memory.buffer, x, DIVISIONS).fill(1.25);
  return { task: () => probe[operation](DIVISIONS, x, 8), elements: DIVISIONS * 8 };
}
