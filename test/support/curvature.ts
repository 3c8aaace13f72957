/** Diagonals of the Hessian for the optimizers that are given them, in batteries that go through all of THE TABLE. */
import type { Engine } from "../../src/engine/engine.js";
import type { Tensor } from "../../src/engine/tensor.js";
import { HessianOptimizer } from "../../src/optim/shared/hessianOptimizer.js";

/** Steps between two estimates, as in the paper. */
const EVERY = 10;

/** Before every tenth step, t = 0, 1 …, hands an optimizer that takes it the diagonal for each of these tensors. */
export function feedCurvature(
  opt: unknown,
  t: number,
  tensors: readonly Tensor[],
  diagonal: (tensor: Tensor, i: number) => ArrayLike<number>,
): void {
  if (t % EVERY !== 0 || !(opt instanceof HessianOptimizer)) return;
  const engine = opt.engine as Engine;
  const diagonals = tensors.map((tensor, i) => engine.tensor(tensor.shape, diagonal(tensor, i)));
  opt.updateHessian(tensors, diagonals);
  for (const one of diagonals) one.dispose();
}
