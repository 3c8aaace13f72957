import { checkOneOf } from "../../check.js";
import type { Tensor } from "../../engine/tensor.js";
import { Workspace } from "../../nn/curvature/differential.js";
import { checkBatch, multiply } from "../../nn/curvature/hessianVectorProduct.js";
import { checkedKind } from "../../nn/curvature/lossHessian.js";
import { type CurvatureBatch, checkModel, Passes } from "../../nn/curvature/passes.js";
import type { Loss } from "../../nn/loss.js";
import type { Model } from "../../nn/sequential.js";
import type { Multiply } from "./krylov.js";

/** Which matrix of second derivatives. */
export type Matrix = "hessian" | "gaussNewton";

/** What products in f32 leave of 0, relative to the norm of the matrix. */
export const ROUNDING = 2 ** -20;

/** Checks what products take, with the refusals of `hessianVectorProduct`; returns the parameters. */
export function checkProducts(model: Model, loss: Loss, batch: CurvatureBatch): readonly Tensor[] {
  checkBatch(batch);
  const parameters = checkModel(model, batch.x);
  checkedKind(loss);
  return parameters;
}

export const checkMatrix = (matrix: unknown): void => checkOneOf("matrix", matrix, ["hessian", "gaussNewton"]);

/** Runs with the products of a matrix of a model's loss with vectors over all parameters, on one forward pass. */
export function withProducts<T>(
  model: Model,
  loss: Loss,
  batch: CurvatureBatch,
  matrix: Matrix,
  run: (products: Multiply) => T,
): T {
  const parameters = model.parameters();
  const kind = checkedKind(loss);
  const passes = new Passes(model, batch.x);
  const space = new Workspace(model.engine);
  try {
    const v = parameters.map(({ shape }) => space.make(shape));
    const out = parameters.map(({ shape }) => space.make(shape));
    const result = run((from, into) => {
      for (const [i, part] of split(from, parameters).entries()) v[i].data.set(part);
      const { grad } = loss(passes.prediction, batch.y); // every product overwrites it
      multiply(passes, kind, matrix === "hessian", grad, batch.y, v, out);
      for (const [i, part] of split(into, parameters).entries()) part.set(out[i].data);
    });
    passes.count();
    return result;
  } finally {
    space.dispose();
    passes.dispose();
  }
}

/** The number of elements of tensors. */
export const sizeOf = (tensors: readonly { readonly size: number }[]): number =>
  tensors.reduce((sum, { size }) => sum + size, 0);

/** Views of the parts of a vector over all parameters. */
export function split(vector: Float64Array, parameters: readonly { readonly size: number }[]): Float64Array[] {
  let at = 0;
  return parameters.map(({ size }) => vector.subarray(at, (at += size)));
}
