/**
 * Products in GFLOP/s and as a share of the in-register peak, the best of the tiles, of the same rounds: square ones, and
 * those of a step of training.
 */

import { createEngine, type Engine, type EngineOptions, type MatmulOptions } from "thalweg";
import { greatest } from "../src/math/extremes.js";
import { type Effort, measure, median, type Task } from "./harness.js";
import type { Peak } from "./limits.js";
import { plainProduct } from "./plain.js";

export interface ProductRow {
  shape: string;
  layout: string;
  gflops: number;
  ofPeak: number;
  overPlain?: number;
}

/** Products of one size, by what they are called: C [m, n] of k products each. */
interface Case {
  shape: string;
  layouts: Record<string, Product>;
  /** Whether the plain loop runs too. */
  plain?: boolean;
}
export interface Product extends Omit<MatmulOptions, "out"> {
  m: number;
  k: number;
  n: number;
}

export const squares: readonly Case[] = [32, 64, 128, 256, 512, 1024].map((n) => {
  const size = { m: n, k: n, n };
  const layouts = { NN: size, NT: { ...size, transposeB: true }, TN: { ...size, transposeA: true } };
  return { shape: `${n}³`, layouts, plain: n <= 512 };
});

/** What a layer multiplies in a step: batch x inputs x outputs, forward, and backward to its inputs and to its weights. */
export const products: readonly Case[] = (
  [
    [32, 64, 64],
    [32, 64, 10],
    [128, 784, 128],
    [128, 128, 10],
    [128, 784, 512],
    [128, 512, 256],
  ] as const
).map(([batch, inputs, outputs]) => ({
  shape: `${batch}×${inputs}×${outputs}`,
  layouts: {
    forward: { m: batch, k: inputs, n: outputs },
    "to inputs": { m: batch, k: outputs, n: inputs, transposeB: true },
    "to weights": { m: inputs, k: batch, n: outputs, transposeA: true, accumulate: true },
  },
}));

/** `best`: the peaks, for calls of so many operations. */
export async function benchProducts(
  best: (flops: number) => Record<string, Peak>,
  cases: readonly Case[],
  effort: Effort,
  o: EngineOptions = {},
) {
  const engine = await createEngine({ backend: "wasm", ...o });
  findTile(engine);
  const rows: ProductRow[] = [];
  for (const { shape, layouts, plain } of cases) {
    const { m, k, n } = Object.values(layouts)[0];
    const flops = 2 * m * k * n; // the same for all layouts
    const reps = Math.max(1, Math.round(2e6 / flops)); // short calls in a row, so that the clock's own cost does not count
    const tasks: Record<string, Task> = Object.fromEntries(
      Object.entries(layouts).map(([layout, product]) => [layout, productTask(engine, product, reps)]),
    );
    const limits = best(flops * reps);
    for (const [name, { task }] of Object.entries(limits)) tasks[name] = task;
    if (plain) tasks.plain = plainProduct(n);
    const times = await measure(tasks, effort);
    const peak = times[Object.keys(layouts)[0]].map((_, i) =>
      greatest(Object.entries(limits).map(([name, { flops }]) => flops / times[name][i])),
    );
    for (const layout of Object.keys(layouts)) {
      const rates = times[layout].map((t) => (flops * reps) / t);
      rows.push({
        shape,
        layout,
        gflops: median(rates) / 1e6,
        ofPeak: median(rates.map((rate, i) => rate / peak[i])),
        ...(tasks.plain &&
          layout === "NN" && { overPlain: median(rates.map((rate, i) => rate / (flops / times.plain[i]))) }),
      });
    }
  }
  engine.dispose();
  return rows;
}

/** Lets the engine find its tile: it turns from one to the other until both have run long enough, some 0.15 s. */
export function findTile(engine: Engine): void {
  const run = productTask(engine, { m: 256, k: 256, n: 256 }, 1);
  const start = performance.now();
  while (performance.now() - start < 400) run();
}

export function productTask(engine: Engine, { m, k, n, ...options }: Product, reps: number): Task {
  const a = engine.tensor(options.transposeA ? [k, m] : [m, k]);
  const b = engine.tensor(options.transposeB ? [n, k] : [k, n]);
  const out = engine.tensor([m, n]);
  a.data.fill(0.5);
  b.data.fill(0.25);
  const o = { ...options, out };
  engine.matmul(a, b, o);
  const last = out.data[m * n - 1];
  if (last !== k / 8) throw new Error(`product of ${m}x${k}x${n}: expected ${k / 8}, got ${last}`);
  return () => {
    for (let i = 0; i < reps; i++) engine.matmul(a, b, o);
  };
}
