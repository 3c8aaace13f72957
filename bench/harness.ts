/**
 * Timing on a shared, noisy machine: everything that is compared runs in turns within the same second, and figures are
 * medians over many such rounds, ratios taken round by round.
 */
import { Bench } from "tinybench";

export type Task = () => void;

/** Milliseconds a call: one median for each round. */
export type Times<Name extends string> = Record<Name, number[]>;

export interface Effort {
  rounds: number;
  /** Milliseconds for each task in each round. */
  time: number;
}

export async function measure<Name extends string>(tasks: Record<Name, Task>, effort: Effort): Promise<Times<Name>> {
  const names = Object.keys(tasks) as Name[];
  const times = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Times<Name>;
  await round(tasks, { rounds: 1, time: effort.time * 3 }); // engines compile hot code by calls: warm up first
  for (let i = 0; i < effort.rounds; i++) {
    const medians = await round(tasks, effort);
    for (const name of names) times[name].push(medians[name]);
  }
  return times;
}

async function round<Name extends string>(tasks: Record<Name, Task>, { time }: Effort): Promise<Record<Name, number>> {
  const bench = new Bench({ time, iterations: 3, warmup: false, throws: true });
  for (const [name, task] of Object.entries(tasks)) bench.add(name, task as Task);
  await bench.run();
  return Object.fromEntries(
    bench.tasks.map(({ name, result }) => [name, (result as unknown as { latency: { p50: number } }).latency.p50]),
  ) as Record<Name, number>;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The median over the rounds of a / b. */
export const ratio = (a: readonly number[], b: readonly number[]): number => median(a.map((x, i) => x / b[i]!));
