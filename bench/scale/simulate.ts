/**
 * Data-parallel training of the digits with the real kernels and a modelled network: machines take turns on this one, and a
 * clock has, for each step, the time of the slowest machine in a step without disturbance, and that of the exchange.
 */
import type { Engine } from "../../src/engine/engine.js";
import { dense, type Model, momentum, relu, sequential, softmaxCrossEntropy } from "../../src/index.js";
import type { Digits } from "../digits/data.js";
import { accuracy } from "../digits/trial.js";
import { compress } from "./compress.js";
import { type Compression, exchange, type Network } from "./network.js";

export interface Way {
  machines: number;
  compression: Compression;
  /** Steps between two exchanges: of gradients for 1, of weights (local SGD, Stich 2019) for more. */
  every: number;
}

const BATCH = 256;
const EPOCHS = 4;
const HIDDEN = 512;

export interface Simulated {
  /** Of the clock. */
  seconds: number;
  /** The share of them that went into exchanges. */
  waiting: number;
  accuracy: number;
}

export function simulate(engine: Engine, data: { train: Digits; test: Digits }, way: Way, network: Network): Simulated {
  const { machines, compression, every } = way;
  const replicas = Array.from({ length: every === 1 ? 1 : machines }, () =>
    sequential(engine, [dense(64, HIDDEN), relu(), dense(HIDDEN, HIDDEN), relu(), dense(HIDDEN, 10)], { seed: 1 }),
  );
  const optimizers = replicas.map((model) => momentum(model.parameters(), { lr: 0.05 }));
  const sizes = replicas[0]!.parameters().map(({ data }) => data.length);
  const parameters = sizes.reduce((a, b) => a + b, 0);
  const errors = Array.from({ length: machines }, () => sizes.map((size) => new Float32Array(size)));
  const share = BATCH / machines;
  const sent = exchange(parameters, machines, compression, network);
  let waiting = 0;
  /** Seconds of a step without its exchange: the least, as other programs only add to it. */
  let fastest = Number.POSITIVE_INFINITY;
  const order = new Uint32Array(data.train.rows).map((_, i) => i);
  let state = 1;
  const steps = Math.floor(data.train.rows / BATCH);
  using x = engine.tensor([share, 64]);
  const y = new Int32Array(share);
  for (let step = 0; step < EPOCHS * steps; step++) {
    if (step % steps === 0)
      for (let i = order.length - 1; i > 0; i--) {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        const j = Math.floor((state / 2 ** 32) * (i + 1));
        [order[i], order[j]] = [order[j]!, order[i]!];
      }
    const sums = sizes.map((size) => new Float32Array(size));
    let slowest = 0;
    for (let m = 0; m < machines; m++) {
      const model = replicas[m % replicas.length]!;
      for (let row = 0; row < share; row++) {
        const from = order[(step % steps) * BATCH + m * share + row]!;
        x.data.set(data.train.x.subarray(64 * from, 64 * from + 64), 64 * row);
        y[row] = data.train.y[from]!;
      }
      const start = performance.now();
      const { grad } = softmaxCrossEntropy(model.forward(x), y);
      model.backward(grad, { inputGrad: false });
      if (every > 1) optimizers[m]!.step(undefined, { zeroGrad: true });
      else {
        for (const [p, { grad }] of model.parameters().entries()) {
          compress(compression, grad, errors[m]![p]!);
          for (let i = 0; i < grad.length; i++) sums[p]![i] += grad[i]! / machines;
          grad.fill(0);
        }
      }
      slowest = Math.max(slowest, performance.now() - start);
    }
    const start = performance.now();
    if (every === 1) {
      for (const [p, { grad }] of replicas[0]!.parameters().entries()) grad.set(sums[p]!);
      optimizers[0]!.step(undefined, { zeroGrad: true });
    }
    fastest = Math.min(fastest, (slowest + (every === 1 ? performance.now() - start : 0)) / 1000);
    if ((step + 1) % every > 0) continue;
    waiting += sent;
    if (every > 1) average(replicas);
  }
  const compute = EPOCHS * steps * fastest;
  const result = accuracy(replicas[0]!, engine, data.test);
  for (const each of [...optimizers, ...replicas]) each.dispose();
  return { seconds: compute + waiting, waiting: waiting / (compute + waiting), accuracy: result };
}

function average(replicas: readonly Model[]): void {
  for (const p of replicas[0]!.parameters().keys()) {
    const all = replicas.map((model) => model.parameters()[p]!.data);
    for (let i = 0; i < all[0]!.length; i++) {
      const mean = all.reduce((sum, each) => sum + each[i]!, 0) / all.length;
      for (const each of all) each[i] = mean;
    }
  }
}
