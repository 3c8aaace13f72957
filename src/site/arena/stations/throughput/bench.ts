/** The tasks of the bench: each does the same work on an engine, or in a plain loop where that is no update rule. */
import { adam, dense, type Engine, relu, sequential, softmaxCrossEntropy } from "../../../../index.js";

export type Host = "wasm" | "js" | "loop";
export interface Contest {
  readonly id: string;
  readonly work: string;
  readonly unit: string;
  /** The rate is this over the milliseconds of a call. */
  readonly amount: number;
  on(engine: Engine): () => void;
  readonly loop?: () => () => void;
}

const MILLION = 1_000_000;
const SIDE = 256;
const BATCH = 128;

export const CONTESTS: readonly Contest[] = [
  {
    id: "adam",
    work: "Adam, 1,000,000 parameters",
    unit: "million parameters a second",
    amount: 1000,
    on(engine) {
      const p = engine.tensor(MILLION, new Float32Array(MILLION).fill(1));
      p.grad.fill(0.01);
      const optimizer = adam([p]);
      return () => optimizer.step();
    },
  },
  {
    id: "product",
    work: "Matrix product, 256 × 256 × 256",
    unit: "GFLOP a second",
    amount: (2 * SIDE ** 3) / 1e6,
    on(engine) {
      const values = filled(SIDE * SIDE);
      const [a, b] = [engine.tensor([SIDE, SIDE], values), engine.tensor([SIDE, SIDE], values)];
      const out = engine.tensor([SIDE, SIDE]);
      return () => {
        engine.matmul(a, b, { out });
      };
    },
    loop() {
      const values = filled(SIDE * SIDE);
      const out = new Float32Array(SIDE * SIDE);
      return () => {
        out.fill(0);
        for (let i = 0; i < SIDE; i++)
          for (let k = 0; k < SIDE; k++) {
            const x = values[i * SIDE + k];
            for (let j = 0; j < SIDE; j++) out[i * SIDE + j] += x * values[k * SIDE + j];
          }
      };
    },
  },
  {
    id: "training",
    work: "Training step, 64-64-10, batch 128",
    unit: "steps a second",
    amount: 1000,
    on(engine) {
      const model = sequential(engine, [dense(64, 64, { init: "heUniform" }), relu(), dense(64, 10)], { seed: 1 });
      const optimizer = adam(model.parameters());
      const x = engine.tensor([BATCH, 64], filled(BATCH * 64));
      const labels = Int32Array.from({ length: BATCH }, (_, i) => i % 10);
      return () => {
        const { grad } = softmaxCrossEntropy(model.forward(x), labels);
        model.backward(grad, { inputGrad: false });
        optimizer.step(undefined, { zeroGrad: true });
      };
    },
  },
];

const filled = (size: number): Float32Array => Float32Array.from({ length: size }, (_, i) => ((i * 37) % 101) / 101);

/** The median milliseconds of a call of each task, measured in turns after a warm-up. */
export function medians(tasks: readonly (() => void)[], warmUp: number, rounds: number): number[] {
  const samples = tasks.map((): number[] => []);
  for (const task of tasks) for (const end = performance.now() + warmUp; performance.now() < end; ) task();
  for (let round = 0; round < rounds; round++)
    for (const [i, task] of tasks.entries()) {
      const start = performance.now();
      let calls = 0;
      do {
        task();
        calls++;
      } while (performance.now() - start < 12);
      samples[i].push((performance.now() - start) / calls);
    }
  return samples.map((times) => times.sort((a, b) => a - b)[rounds >> 1]);
}

export interface Measured {
  readonly id: string;
  /** Milliseconds of a call. */
  readonly times: Partial<Record<Host, number>>;
}
export type Said =
  | { readonly engine: { readonly backend: string; readonly reason: string } }
  | { readonly measured: Measured }
  | { readonly done: true }
  | { readonly problem: string };
