/** The machine's limits, measured by the probes in bench/probes. Tasks, so that they run in the rounds of what they are compared with. */

import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";
import type { Task } from "./harness.js";

export interface Probes {
  memory: WebAssembly.Memory;
  alloc(bytes: number): number;
  peak4(k: number, a: number, b: number, c: number, reps: number): void;
  peak6(k: number, a: number, b: number, c: number, reps: number): void;
  divide(n: number, x: number, reps: number): void;
  root(n: number, x: number, reps: number): void;
  [traffic: `traffic${number}`]: (n: number, g: number, ...streams: number[]) => void;
}

const K = 256; // deep enough that the stores do not count, shallow enough for the L1 cache
const REPS = 50;
const DIVISIONS = 2048;

/** One build of the probes; relaxed where the host can run it. */
export async function probes(relaxed: boolean): Promise<Probes> {
  const files = new Map<string, string | Uint8Array>();
  const base = fileURLToPath(new URL("probes", import.meta.url));
  const flags = `-O3 --noAssert --runtime stub --use abort= --enable simd ${relaxed ? "--enable relaxed-simd " : ""}--disableWarning 112`;
  const { error, stderr } = await asc.main(
    ["index.ts", "--outFile", "out.wasm", "--baseDir", base, ...flags.split(" ")],
    {
      writeFile: (name: string, contents: string | Uint8Array) => void files.set(name, contents),
    },
  );
  if (error) throw new Error(stderr.toString());
  const { instance } = await WebAssembly.instantiate(files.get("out.wasm") as Uint8Array<ArrayBuffer>);
  return instance.exports as unknown as Probes;
}

/** In-register peaks of this build, with the floating-point operations of one call. */
export function peaks(probe: Probes, label: string): Record<string, { task: Task; flops: number }> {
  const [a, b, c] = [probe.alloc(K * 24), probe.alloc(K * 32), probe.alloc(192)];
  return {
    [`${label} 4x8`]: { task: () => probe.peak4(K, a, b, c, REPS), flops: 2 * 32 * K * REPS },
    [`${label} 6x8`]: { task: () => probe.peak6(K, a, b, c, REPS), flops: 2 * 48 * K * REPS },
  };
}

/** Reading one stream of n elements and updating `updated` more. */
export function traffic(probe: Probes, n: number, updated: number): Task {
  const streams = Array.from({ length: 6 }, () => probe.alloc(n * 4));
  // Memory that no one has written to is one page of zeros, which never leaves the cache.
  for (const stream of streams) new Float32Array(probe.memory.buffer, stream, n).fill(1e-3);
  const run = probe[`traffic${updated}`]!;
  return () => run(n, ...(streams as [number, ...number[]]));
}

/** Divisions, or square roots: a task, and how many of them one call does. */
export function divider(probe: Probes, operation: "divide" | "root"): { task: Task; elements: number } {
  const x = probe.alloc(DIVISIONS * 4);
  new Float32Array(probe.memory.buffer, x, DIVISIONS).fill(1.25);
  return { task: () => probe[operation](DIVISIONS, x, 8), elements: DIVISIONS * 8 };
}
