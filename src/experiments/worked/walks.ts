/** Surfaces, data and walks of the examples that were worked out by hand. */
import type { Engine } from "../../engine/engine.js";
import type { Tensor } from "../../engine/tensor.js";
import { random } from "../../math/random.js";
import { sigmoid } from "../../nn/activation.js";
import { dense } from "../../nn/dense.js";
import { sequential } from "../../nn/sequential.js";
import { halfMse } from "../../nn/squaredError.js";
import { adam } from "../../optim/adam.js";
import type { adamw } from "../../optim/adamw.js";
import { sgd } from "../../optim/sgd.js";

export type Make = (params: Tensor[]) => { step(): unknown; state(tensor: Tensor): Record<string, Tensor> };

/** Steps on f: returns x (its first element) and f before each step and after the last. */
export function descend(
  engine: Engine,
  make: Make,
  x0: number[],
  f: Surface,
  steps: number,
): { x: number[]; f: number[] } {
  const theta = engine.tensor(x0.length, x0);
  const opt = make([theta]);
  const path: { x: number[]; f: number[] } = { x: [], f: [] };
  for (let t = 0; ; t++) {
    path.x.push(theta.data[0]);
    path.f.push(f.value([...theta.data]));
    if (t === steps) return path;
    theta.grad.set(f.gradient([...theta.data]));
    opt.step();
  }
}

export interface Surface {
  value(x: number[]): number;
  gradient(x: number[]): number[];
}
export const parabola: Surface = { value: ([x]) => (x - 3) * (x - 3), gradient: ([x]) => [2 * (x - 3)] };
export const ravine: Surface = { value: ([x, y]) => x * x + 10 * y * y, gradient: ([x, y]) => [2 * x, 20 * y] };
export const quartic: Surface = {
  value: ([x]) => (x * x - 3) * x * x + 2,
  gradient: ([x]) => [(4 * x * x - 6) * x],
};

export const POINTS = [
  [1, 2],
  [2, 4],
  [3, 5],
  [4, 8],
] as const;

/** θ of y = θx after each mini-batch of POINTS (counted from 1), by the mean of the squared errors. */
export function regress(engine: Engine, make: Make, batches: Iterable<number[]>): number[] {
  const theta = engine.tensor(1, [1]);
  const opt = make([theta]);
  return Array.from(batches, (batch) => {
    const slopes = batch.map((i) => POINTS[i - 1]).map(([px, py]) => 2 * px * (theta.data[0] * px - py));
    theta.grad[0] = slopes.reduce((total, slope) => total + slope, 0) / batch.length;
    opt.step();
    return theta.data[0];
  });
}

/** The state and the step of an optimizer after each of some gradients of one parameter. */
export function trace(engine: Engine, make: Make, x0: number, grads: number[]) {
  const theta = engine.tensor(1, [x0]);
  const opt = make([theta]);
  return grads.map((grad) => {
    const before = theta.data[0];
    theta.grad[0] = grad;
    opt.step();
    const slots = Object.entries(opt.state(theta)).map(([name, { data }]) => [name, data[0]]);
    return { ...Object.fromEntries(slots), update: before - theta.data[0] } as Record<string, number>;
  });
}

export interface Example {
  name: string;
  run(engine: Engine): number[];
  want: number[];
  /** Digits after the point that the example gives, all of which must hold. */
  digits: number;
}

export const gd =
  (lr: number): Make =>
  (params) =>
    sgd(params, { lr });
export const on = (make: Make, x0: number[], f: Surface, steps: number) => (engine: Engine) =>
  descend(engine, make, x0, f, steps);
export const x =
  (run: (engine: Engine) => { x: number[] }, ...at: number[]) =>
  (engine: Engine) =>
    pick(run(engine).x, at);
export const f =
  (run: (engine: Engine) => { f: number[] }, ...at: number[]) =>
  (engine: Engine) =>
    pick(run(engine).f, at);
export const pick = (values: number[], at: number[]): number[] => (at.length ? at.map((i) => values.at(i)!) : values);

export const momentum: Make = (params) => sgd(params, { lr: 0.01, momentum: 0.9 });
export const adamGrads = [4, -1, 3];
export const busyGrads = [3, 2.5, 2.8, 3.1];
/** A slot and the effective learning rate after each gradient. */
export const rates = (make: Make, grads: number[], slot: string) => (engine: Engine) =>
  trace(engine, make, 0, grads).flatMap((row, t) => [row[slot], row.update / grads[t]]);
/**
 * How far one step moves θ = 5 with g = 2 and λ = 0.1, m settled at its input (β₁ = 0) and v at 4: β₂ leaves v where it
 * is to seven digits, and bias correction has died away (powers of 0).
 */
export const settled = (factory: typeof adam | typeof adamw) => (engine: Engine) => {
  const theta = engine.tensor(1, [5]);
  const opt = factory([theta], { lr: 0.001, betas: [0, 0.9999999], weightDecay: 0.1 });
  theta.grad[0] = 2;
  opt.step();
  const saved = opt.stateDict();
  saved.groups[0].scalars = { beta1Power: 0, beta2Power: 0 };
  saved.groups[0].params[0].expAvgSq[0] = 4;
  opt.loadStateDict(saved);
  theta.copyFrom([5]);
  opt.step();
  return [5 - theta.data[0]];
};
/** Batches of two out of four, in an order that changes from epoch to epoch. */
export function* shuffled(epochs: number): Generator<number[]> {
  const order = Int32Array.of(1, 2, 3, 4);
  const generator = random(1);
  for (let i = 0; i < epochs; i++) {
    generator.shuffle(order);
    yield [order[0], order[1]];
    yield [order[2], order[3]];
  }
}

/** The moments divided by 1 - β^t, and the corrected step: lr m̂ / (√v̂ + ε). */
export const corrected = (engine: Engine) =>
  trace(engine, adam, 0, adamGrads).flatMap(({ expAvg, expAvgSq }, t) => [
    expAvg / (1 - 0.9 ** (t + 1)),
    expAvgSq / (1 - 0.999 ** (t + 1)),
  ]);

/** ∂E/∂y, ∂E/∂x and ∂E/∂w of one sigmoid unit with y = 0.9, target 0 and E = ½(y - d)², from the input 0.6. */
export function sigmoidUnit(engine: Engine): number[] {
  using model = sequential(engine, [dense(1, 1), sigmoid()]);
  const [weight, bias] = model.parameters();
  weight.copyFrom([Math.log(9) / 0.6]);
  bias.copyFrom([0]);
  using input = engine.tensor([1, 1], [0.6]);
  using target = engine.tensor([1, 1]);
  const { grad } = halfMse(model.forward(input), target);
  const [error] = grad.data;
  model.backward(grad);
  return [error, bias.grad[0], weight.grad[0]];
}

/** ∂E/∂y of a hidden unit, from its outgoing weights and the error signals that come back through them. */
export function blame(engine: Engine): number[] {
  using model = sequential(engine, [dense(1, 3, { bias: false })]);
  model.parameters()[0].copyFrom([0.5, 0.3, 0.8]);
  using hidden = engine.tensor([1, 1], [1]);
  using signals = engine.tensor([1, 3], [0.081, 0.04, 0.02]);
  model.forward(hidden);
  return [...model.backward(signals)!.data];
}

/** a x² + y², whose first element is the steep one. */
export const steep = (a: number): Surface => ({
  value: ([x, y]) => a * x * x + y * y,
  gradient: ([x, y]) => [2 * a * x, 2 * y],
});

/** The distances from 3 after these steps, against the first. */
export const shares =
  (...at: number[]) =>
  (engine: Engine) =>
    x(on(gd(0.1), [0], parabola, 11), ...at)(engine).map((value) => (3 - value) / 3);
