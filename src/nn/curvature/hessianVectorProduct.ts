import { checkKeys, typeError } from "../../check.js";
import type { Tensor } from "../../engine/tensor.js";
import type { LossKind } from "../derivatives.js";
import type { Loss } from "../loss.js";
import type { Model } from "../sequential.js";
import { Workspace } from "./differential.js";
import { checkedKind, lossHessian } from "./lossHessian.js";
import { type CurvatureBatch, checkLike, checkModel, checkOut, into, Passes } from "./passes.js";

/** Options of {@link hessianVectorProduct} and {@link gaussNewtonVectorProduct}. */
export interface ProductOptions {
  /** Tensors of the parameters' shapes that receive the product, other than v. Default: new ones. */
  out?: readonly Tensor[];
}

/**
 * Hv, the Hessian of a model's loss over a batch times a vector: how the gradient changes along v. Exact, without the
 * Hessian itself, in about the time of two training steps: the derivative along v of every line of the forward and the
 * backward pass ("forward over reverse").
 *
 * ```
 * Hv = d/dε ∇L(θ + εv) at ε = 0
 * ```
 * v and the product are lists of tensors, one for each of `model.parameters()`, of its shape. Parameters, gradients, and
 * what the model keeps of its own passes stay as they are. In training mode dropout has the mask that the next
 * `model.forward` would have, and the call adds 1 to `model.generatorState.step`, as that would. Where a relu or a loss has
 * a kink, its second derivative counts as 0.
 *
 * In strict mode the bits are the same on every backend and number of threads.
 *
 * Pearlmutter, Fast exact multiplication by the Hessian, Neural Computation 6, 1994.
 *
 * @param loss a loss of the library, or one made by its `with`
 * @param batch { x, y }: inputs, and targets as the loss takes them
 * @returns `out`, or new tensors, which belong to the caller
 * @throws TypeError for a loss or a layer that is not the library's, TypeError or RangeError for tensors of other shapes,
 *   RangeError when memory runs out; nothing has changed then
 * @example
 * const v = model.parameters().map(({ shape, data }) => engine.tensor(shape, data.map(Math.sign)));
 * const product = hessianVectorProduct(model, mse, { x, y: target }, v);
 */
export function hessianVectorProduct(
  model: Model,
  loss: Loss,
  batch: CurvatureBatch,
  v: readonly Tensor[],
  options: ProductOptions = {},
): readonly Tensor[] {
  return product("hessianVectorProduct", true, model, loss, batch, v, options);
}

/**
 * Gv, the Gauss–Newton matrix of a model's loss over a batch times a vector: the Hessian without the curvature of the
 * model itself, positive semidefinite where the loss is convex in the prediction, as all losses here are.
 *
 * ```
 * Gv = Jᵀ H_L J v        J: the Jacobian of the predictions; H_L: the Hessian of the loss with respect to them
 * ```
 * For softmax cross-entropy it is the Fisher information times v. Arguments, errors and what changes are as with
 * {@link hessianVectorProduct}.
 *
 * Schraudolph, Fast curvature matrix-vector products for second-order gradient descent, Neural Computation 14, 2002.
 *
 * @returns `out`, or new tensors, which belong to the caller
 * @example
 * const v = model.parameters().map(({ shape, data }) => engine.tensor(shape, data.map(Math.sign)));
 * const product = gaussNewtonVectorProduct(model, mse, { x, y: target }, v);
 */
export function gaussNewtonVectorProduct(
  model: Model,
  loss: Loss,
  batch: CurvatureBatch,
  v: readonly Tensor[],
  options: ProductOptions = {},
): readonly Tensor[] {
  return product("gaussNewtonVectorProduct", false, model, loss, batch, v, options);
}

function product(
  name: string,
  whole: boolean,
  model: Model,
  loss: Loss,
  batch: CurvatureBatch,
  v: readonly Tensor[],
  options: ProductOptions,
): readonly Tensor[] {
  checkBatch(batch);
  checkModel(model, batch.x);
  const kind = checkedKind(loss);
  checkLike("v", model, v);
  checkKeys(name, options, ["out"]);
  const given = checkOut(model, options.out, [...v, batch.x, batch.y]);
  return into(model, given, (out) => {
    const passes = new Passes(model, batch.x);
    try {
      multiply(passes, kind, whole, loss(passes.prediction, batch.y).grad, batch.y, v, out);
      passes.count();
    } finally {
      passes.dispose();
    }
  });
}

/**
 * One product with the Hessian (`whole`) or the Gauss–Newton matrix. `grad`, that of the loss, is overwritten. Nothing is
 * written to `out` before all memory is there.
 */
export function multiply(
  passes: Passes,
  kind: LossKind,
  whole: boolean,
  grad: Tensor,
  target: Tensor | Int32Array,
  v: readonly Tensor[],
  out: readonly Tensor[],
): void {
  const { prediction } = passes;
  const space = new Workspace(passes.engine);
  try {
    const tangents = passes.along(space, v, out);
    const t = space.make(prediction.shape);
    const dot = tangents.forward()!; // there are parameters, so the prediction changes
    tangents.reserve(whole, false);
    lossHessian(kind, prediction, target, dot, t);
    tangents.backward(whole ? grad : undefined, t, false);
  } finally {
    space.dispose();
  }
}

/** Refuses what is not a batch; the loss checks the targets. */
export function checkBatch(batch: unknown): asserts batch is CurvatureBatch {
  if (typeof batch !== "object" || batch === null) throw typeError("batch", "{ x, y }, inputs and targets", batch);
}
