/**
 * Timing on a shared, noisy machine: everything that is compared runs in turns within the same second, and figures are
 * medians over many such rounds, ratios taken round by round.
 */
import { Bench } from "tinybench";

/** What is timed; a promise that it returns is awaited within the time. */
export type Task = () => unknown;

/** A task that some other process times: the median of what it takes in so many milliseconds. */
export interface Remote {
  sample(time: number): Promise<number>;
}

/** Milliseconds a call: one median for each round. */
export type Times<Name extends string> = Record<Name, number[]>;

export interface Effort {
  rounds: number;
  /** Milliseconds for each task in each round. */
  time: number;
  /** Milliseconds for each task in all. One too slow for that runs in the first rounds alone, or but once. */
  limit?: number;
}

const TICK = tick();
/** A sample lasts at least this long, in milliseconds, and at least fifty ticks of the clock. */
const SAMPLE = Math.max(0.2, 50 * TICK);

/**
 * Milliseconds that the clock tells apart: nothing in Node; in a page 5 µs (Chromium) or 20 (Firefox), and without
 * isolation from other origins 100 µs or 1 ms.
 */
function tick(): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 10; i++) {
    const start = performance.now();
    let now = start;
    while (now === start) now = performance.now();
    least = Math.min(least, now - start);
  }
  return least;
}

export async function measure<Name extends string>(
  tasks: Record<Name, Task | Remote>,
  { rounds, time, limit = Number.POSITIVE_INFINITY }: Effort,
): Promise<Times<Name>> {
  const names = Object.keys(tasks) as Name[];
  const times = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Times<Name>;
  const runs = {} as Record<Name, Remote>;
  const turns = {} as Record<Name, number>;
  for (const name of names) {
    const task: Task | Remote = tasks[name];
    const { first, ...run } = typeof task === "function" ? await local(task) : { ...task, first: 0 };
    runs[name] = run;
    if (first > limit) times[name].push(first);
    const least = first > limit ? first : await run.sample(3 * time); // engines compile hot code by calls: warm up first
    turns[name] = first > limit ? 0 : Math.max(1, Math.floor(limit / Math.max(time, least)));
  }
  for (let i = 0; i < rounds; i++) {
    for (const name of names) if (i < turns[name]) times[name].push(await runs[name].sample(time));
  }
  return times;
}

/** Times a task here, several calls in a row where one is too short for the clock; and its first call. */
async function local(task: Task): Promise<Remote & { first: number }> {
  const start = performance.now();
  const returned = task();
  const async = returned instanceof Promise;
  await returned;
  const first = Math.max(TICK, performance.now() - start); // within one tick, the clock says 0
  let calls = Math.max(1, Math.floor(SAMPLE / first));
  const batch = async
    ? async () => {
        for (let i = 0; i < calls; i++) await task();
      }
    : () => {
        for (let i = 0; i < calls; i++) task();
      };
  const sample = async (ms: number): Promise<number> => {
    const bench = new Bench({ time: ms, iterations: 1, warmup: false, throws: true });
    bench.add("", batch, { async });
    await bench.run();
    const { p50 } = (bench.tasks[0].result as unknown as { latency: { p50: number } }).latency;
    const found = Math.max(TICK, p50) / calls;
    calls = Math.max(calls, Math.ceil(SAMPLE / found)); // the first call was a cold one, and said too few
    return found;
  };
  return { first, sample };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The median of a / b over the rounds that both ran in. */
export const ratio = (a: readonly number[], b: readonly number[]): number =>
  median(a.slice(0, b.length).map((x, i) => x / b[i]));
