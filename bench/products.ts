/** Products of square matrices: GFLOP/s and the share of the in-register peak, the best of the tiles, of the same rounds. */
import { createEngine, type Engine, type EngineOptions } from "thalweg";
import { type Effort, measure, median, type Task } from "./harness.js";
import type { peaks } from "./limits.js";
import { plainProduct } from "./plain.js";

export interface ProductRow {
  shape: string;
  layout: string;
  gflops: number;
  ofPeak: number;
  overPlain?: number;
}

export type Peaks = ReturnType<typeof peaks>;

const LAYOUTS = { NN: {}, NT: { transposeB: true }, TN: { transposeA: true } };

export async function benchProducts(best: Peaks, sizes: readonly number[], effort: Effort, o: EngineOptions = {}) {
  const engine = await createEngine({ backend: "wasm", ...o });
  const rows: ProductRow[] = [];
  for (const n of sizes) {
    const flops = 2 * n ** 3;
    const reps = Math.max(1, Math.round(2e6 / flops)); // short calls in a row, so that the clock's own cost does not count
    const tasks: Record<string, Task> = Object.fromEntries(
      Object.entries(LAYOUTS).map(([layout, options]) => [layout, product(engine, n, options, reps)]),
    );
    for (const [name, { task }] of Object.entries(best)) tasks[name] = task;
    if (n <= 512) tasks.plain = plainProduct(n);
    warm(tasks.NN!, flops * reps);
    const times = await measure(tasks, effort);
    const peak = times.NN!.map((_, i) =>
      Math.max(...Object.entries(best).map(([name, { flops }]) => flops / times[name]![i]!)),
    );
    for (const layout of Object.keys(LAYOUTS)) {
      const rates = times[layout]!.map((t) => (flops * reps) / t);
      rows.push({
        shape: `${n}³`,
        layout,
        gflops: median(rates) / 1e6,
        ofPeak: median(rates.map((rate, i) => rate / peak[i]!)),
        ...(tasks.plain &&
          layout === "NN" && { overPlain: median(rates.map((rate, i) => rate / (flops / times.plain![i]!))) }),
      });
    }
  }
  engine.dispose();
  return rows;
}

/** Lets the engine find its tile: it alternates until both have run long enough. */
function warm(task: Task, flops: number): void {
  for (let i = 0; i < Math.max(10, 4e9 / flops); i++) task();
}

function product(engine: Engine, n: number, options: object, reps: number): Task {
  const [a, b, out] = [engine.tensor([n, n]), engine.tensor([n, n]), engine.tensor([n, n])];
  a.data.fill(0.5);
  b.data.fill(0.25);
  engine.matmul(a, b, { ...options, out });
  if (out.data[n]! !== n / 8) throw new Error(`product of ${n}: expected ${n / 8}, got ${out.data[n]}`);
  const o = { ...options, out };
  return () => {
    for (let i = 0; i < reps; i++) engine.matmul(a, b, o);
  };
}
