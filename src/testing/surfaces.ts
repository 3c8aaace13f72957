/** The surfaces that every optimizer is to descend: a bowl, a ravine ten times steeper one way, Rosenbrock's curved valley. */
import type { Engine } from "../engine/engine.js";
import type { Tensor } from "../engine/tensor.js";
import type { AnyFactory, AnyOptimizer, Hyper } from "./types.js";

export interface Surface {
  readonly from: readonly number[];
  readonly minimum: readonly number[];
  /** Steps in which the minimum is to be reached. */
  readonly steps: number;
  /** For rules that search it. */
  value(x: readonly number[]): number;
  gradient(x: readonly number[]): number[];
  /** The diagonal of the Hessian, for the optimizers that are given one. */
  diagonal(x: readonly number[]): number[];
}

export const surfaces = {
  bowl: {
    from: [-1, 10, 1],
    minimum: [1, -1, 2],
    steps: 2000,
    value: ([x, y, z]) => (x - 1) ** 2 + (y + 1) ** 2 + (z - 2) ** 2,
    gradient: (x) => [2 * (x[0] - 1), 2 * (x[1] + 1), 2 * (x[2] - 2)],
    diagonal: () => [2, 2, 2],
  },
  ravine: {
    from: [5, 5],
    minimum: [0, 0],
    steps: 2000,
    value: ([x, y]) => x * x + 10 * y * y,
    gradient: ([x, y]) => [2 * x, 20 * y],
    diagonal: () => [2, 20],
  },
  // (1 − x)² + 100 (y − x²)², from its customary start.
  rosenbrock: {
    from: [-1.2, 1],
    minimum: [1, 1],
    steps: 10_000,
    value: ([x, y]) => (1 - x) ** 2 + 100 * (y - x * x) ** 2,
    gradient: ([x, y]) => [-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)],
    diagonal: ([x, y]) => [2 + 1200 * x * x - 400 * y, 200],
  },
} satisfies Record<string, Surface>;

export type SurfaceName = keyof typeof surfaces;

/** Where an optimizer ends after the steps of a surface, with lr falling linearly to 0, or constant. */
export function descend(
  engine: Engine,
  factory: AnyFactory,
  { from, steps, value, gradient }: Surface,
  hyper: Hyper,
  constant = false,
  before: (opt: AnyOptimizer, t: number, x: Tensor) => void = () => {},
): number[] {
  const settings: Hyper = { ...factory.rule.hyper, ...hyper };
  const lr = settings.lr as number;
  const x = engine.tensor(from.length, from);
  const opt = factory([x], { ...settings, lr: constant ? lr : (t: number) => lr * (1 - t / steps) });
  const evaluate = (): number => {
    x.grad.set(gradient([...x.data]));
    return value([...x.data]);
  };
  for (let t = 0; t < steps; t++) {
    before(opt, t, x);
    opt.step(evaluate);
  }
  opt.eval();
  const end = [...x.data];
  opt.dispose();
  x.dispose();
  return end;
}
