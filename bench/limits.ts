/** The machine's limits, measured by the probes in bench/probes. Tasks, so that they run in the rounds of what they are compared with. */

import type { Task } from "./harness.js";
import { binary, type Costs, type Operations, type Streams } from "./workshop.js";

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
const INSTRUCTIONS = 480_000; // some 0.05 ms

/** One build of the probes; relaxed where the host can run it. */
export const probes = async (relaxed: boolean): Promise<Probes> =>
  (await instance(relaxed ? "probes-relaxed" : "probes")) as Probes;

const modules = new Map<string, Promise<WebAssembly.Module>>();

async function instance(name: string): Promise<unknown> {
  if (!modules.has(name)) modules.set(name, binary(name).then(WebAssembly.compile));
  return (await WebAssembly.instantiate(await modules.get(name)!)).exports;
}

/** An in-register peak: a task, and the floating-point operations of one call. */
export interface Peak {
  task: Task;
  flops: number;
}

/**
 * In-register peaks of this build, of calls with about so many floating-point operations. What takes a millisecond is
 * compared with a millisecond of them: short calls slip between interruptions, and their median is up to 15 % higher on
 * a busy machine.
 */
export function peaks(probe: Probes, label: string, flops = 2 * 32 * K * REPS): Record<string, Peak> {
  const [a, b, c] = operands(probe);
  const once = { 4: 2 * 32 * K, 6: 2 * 48 * K };
  const reps = (rows: 4 | 6) => Math.max(1, Math.round(flops / once[rows]));
  const [four, six] = [reps(4), reps(6)];
  return {
    [`${label} 4x8`]: { task: () => probe.peak4(K, a, b, c, four), flops: once[4] * four },
    [`${label} 6x8`]: { task: () => probe.peak6(K, a, b, c, six), flops: once[6] * six },
  };
}

const places = new WeakMap<Probes, [number, number, number]>();

/** Where the probe's tiles work: the same place for all. */
function operands(probe: Probes): [number, number, number] {
  let found = places.get(probe);
  if (!found) places.set(probe, (found = [probe.alloc(K * 24), probe.alloc(K * 32), probe.alloc(192)]));
  return found;
}

/** The least that a pass with these streams can do: load, add up, store; two vectors a turn. */
export async function traffic(n: number, streams: Streams): Promise<Task> {
  const count = streams.read + streams.updated + streams.written;
  const { read, updated, written } = streams;
  const exports = (await instance(`traffic-${read}-${updated}-${written}`)) as Probes & {
    traffic(n: number, ...at: number[]): void;
  };
  const at = Array.from({ length: count }, () => exports.alloc(n * 4));
  // Memory that no one has written to is one page of zeros, which never leaves the cache.
  for (const stream of at) new Float32Array(exports.memory.buffer, stream, n).fill(1e-3);
  return () => exports.traffic(n, ...at);
}

/** Divisions, or square roots: a task, and how many of them one call does. */
export function divider(probe: Probes, operation: "divide" | "root"): { task: Task; elements: number } {
  const x = probe.alloc(DIVISIONS * 4);
  new Float32Array(probe.memory.buffer, x, DIVISIONS).fill(1.25);
  return { task: () => probe[operation](DIVISIONS, x, 8), elements: DIVISIONS * 8 };
}

/** Rates that bind instructions: multiplications alone, additions alone, and both in turns, which is as many as there can be. */
export const RATES = ["multiply", "add", "mix"] as const;
export type Rates = Record<(typeof RATES)[number], number>;

/** A task for each rate, and the vector instructions of one call. */
export async function rates(): Promise<{ tasks: Record<keyof Rates, Task>; instructions: number }> {
  const exports = (await instance("operations")) as Probes &
    Record<keyof Rates, (at: number, instructions: number) => void>;
  const at = exports.alloc(32);
  const tasks = Object.fromEntries(RATES.map((rate) => [rate, () => exports[rate](at, INSTRUCTIONS)]));
  return { tasks: tasks as Record<keyof Rates, Task>, instructions: INSTRUCTIONS };
}

/** What the instructions of one vector take, where one of each rate takes this long: the largest of three times. */
export const instructing = ({ multiplications, additions, instructions }: Operations, { multiply, add, mix }: Rates) =>
  Math.max(multiplications * multiply, additions * add, instructions * mix);

/** The loop of a kernel that runs with these scalars. */
export const loopWith = ({ loops }: Costs, scalars: Float32Array): Operations =>
  loops.find(({ when }) => when.every(([place, value]) => scalars[place] === value))!;
