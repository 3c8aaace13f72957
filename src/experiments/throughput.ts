/** How fast a host is: the same tasks on an engine, and in plain loops as one would write them, for the command and the arena. */
import type { Engine } from "../engine/engine.js";
import { relu } from "../nn/activation.js";
import { softmaxCrossEntropy } from "../nn/crossEntropy.js";
import { dense } from "../nn/dense.js";
import { sequential } from "../nn/sequential.js";
import { adam } from "../optim/adam.js";

export type Task = () => void;

/** One task, which engines do, and a plain loop in double precision. */
export interface Contest {
  readonly id: string;
  readonly work: string;
  /** The unit of its rate, which is `amount` divided by the milliseconds of a call. */
  readonly unit: string;
  readonly amount: number;
  on(engine: Engine): Task;
  readonly plain?: () => Task;
}

const MILLION = 1_000_000;
const SIDE = 512;
const BATCH = 128;

export const CONTESTS: readonly Contest[] = [
  {
    id: "adam",
    work: "Adam, 1M parameters",
    unit: "M/s",
    amount: 1e3,
    on(engine) {
      const p = engine.tensor(MILLION, new Float32Array(MILLION).fill(1));
      p.grad.fill(0.01);
      const opt = adam([p]);
      return () => opt.step();
    },
    plain() {
      const [p, g, m, v] = [1, 0.01, 0, 0].map((value) => new Float32Array(MILLION).fill(value)) as Float32Array[];
      let t = 0;
      return () => {
        t++;
        const step = 1e-3 / (1 - 0.9 ** t);
        const root = 1 / Math.sqrt(1 - 0.999 ** t);
        for (let i = 0; i < MILLION; i++) {
          m[i] = 0.9 * m[i] + 0.1 * g[i];
          v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i];
          p[i] -= (step * m[i]) / (Math.sqrt(v[i]) * root + 1e-8);
        }
      };
    },
  },
  {
    id: "product",
    work: "matrix product 512³",
    unit: "GFLOP/s",
    amount: (2 * SIDE ** 3) / 1e6,
    on(engine) {
      const values = squares();
      const [a, b] = [engine.tensor([SIDE, SIDE], values), engine.tensor([SIDE, SIDE], values)];
      const out = engine.tensor([SIDE, SIDE]);
      return () => {
        engine.matmul(a, b, { out });
      };
    },
    plain() {
      const values = squares();
      const out = new Float32Array(SIDE * SIDE);
      return () => {
        out.fill(0);
        for (let i = 0; i < SIDE; i++) {
          for (let k = 0; k < SIDE; k++) {
            const x = values[i * SIDE + k];
            for (let j = 0; j < SIDE; j++) out[i * SIDE + j] += x * values[k * SIDE + j];
          }
        }
      };
    },
  },
  {
    id: "training",
    work: "step of 784-128-10, batch 128",
    unit: "steps/s",
    amount: 1e3,
    on(engine) {
      const inputs = Float32Array.from({ length: BATCH * 784 }, (_, i) => Math.fround(((i * 37) % 101) / 101));
      const labels = Int32Array.from({ length: BATCH }, (_, i) => i % 10);
      const model = sequential(engine, [dense(784, 128, { init: "heUniform" }), relu(), dense(128, 10)], { seed: 1 });
      const opt = adam(model.parameters());
      const x = engine.tensor([BATCH, 784]);
      return () => {
        x.copyFrom(inputs);
        const { grad } = softmaxCrossEntropy(model.forward(x), labels);
        model.backward(grad, { inputGrad: false });
        opt.step(undefined, { zeroGrad: true });
      };
    },
  },
];

const squares = (): Float32Array => Float32Array.from({ length: SIDE * SIDE }, (_, i) => (i % 7) - 3);

/** What a task is measured on. */
export type Place = "wasm" | "js" | "plain";
export type Times = Partial<Record<Place, number>>;

/** Milliseconds of a call in each place, medians measured in turns; without wasm where `own` is an engine on js. */
export function measured({ on, plain }: Contest, own: Engine, js: Engine): Times {
  const tasks: [Place, Task][] = [["js", on(js)]];
  if (own.backend === "wasm") tasks.unshift(["wasm", on(own)]);
  if (plain) tasks.push(["plain", plain()]);
  const times = medians(tasks.map(([, task]) => task));
  return Object.fromEntries(tasks.map(([place], i) => [place, times[i]]));
}

const ROUNDS = 5;
/** Milliseconds: hosts compile hot code after many calls, and matrix products of 512 try their tiles for some 300 calls. */
const WARM_UP = 500;

/** The median milliseconds of a call of each task, measured in alternating rounds after a warm-up. */
export function medians(tasks: readonly Task[], warmUp = WARM_UP, rounds = ROUNDS): number[] {
  const samples = tasks.map((): number[] => []);
  for (const task of tasks) for (const end = performance.now() + warmUp; performance.now() < end; ) task();
  for (let round = 0; round < rounds; round++) {
    for (const [i, task] of tasks.entries()) {
      const start = performance.now();
      let calls = 0;
      do {
        task();
        calls++;
      } while (performance.now() - start < 10);
      samples[i].push((performance.now() - start) / calls);
    }
  }
  return samples.map((times) => times.sort((a, b) => a - b)[rounds >> 1]);
}
