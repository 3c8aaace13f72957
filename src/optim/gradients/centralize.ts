import { padded } from "../../engine/backend.js";
import type { Tensor } from "../../engine/tensor.js";
import { columnScratch, columnsOf, reserve } from "./columns.js";
import { checkMoving } from "./params.js";

/**
 * Subtracts from the gradient of each output unit's weights its mean, in place.
 *
 * ```
 * g[…, j] = g[…, j] - mean over the inputs of g[…, j]
 * ```
 * Weights are [in, out], so the mean is that of each column (over all dimensions but the last); with PyTorch's [out, in]
 * it is that of each row. Skips biases and other tensors of one dimension, and parameters that are frozen or have no
 * gradient. `adamw(params, { centralize: true })` does the same in every step.
 *
 * Yong et al., Gradient centralization: a new optimization technique for deep neural networks, ECCV 2020, eq. 1.
 *
 * @param params tensors of one engine or several
 * @throws TypeError or RangeError for anything but a list of live tensors
 * @example
 * const w = engine.tensor([2, 1], [0.5, 0.5]);
 * w.grad.set([1, 3]);
 * centralizeGrads([w]); // w.grad is [-1, 1]
 */
export function centralizeGrads(params: readonly Tensor[]): void {
  const list = checkMoving(params);
  for (const p of list) reserve(p, 1);
  for (const p of list) {
    p.pull();
    centralize(p);
  }
}

/** The same for one tensor; an attached one must have been pulled. */
export function centralize(p: Tensor): void {
  if (p.shape.length < 2) return;
  const { engine, gradient: g } = p;
  const { fill, addRowSums, scale, addRow } = engine.kernels;
  const columns = columnsOf(p);
  const rows = p.size / columns;
  const means = columnScratch(p, 1);
  const width = padded(columns);
  fill(width, means, 0);
  addRowSums(rows, columns, g.ref, means);
  scale(width, means, -1 / rows);
  addRow(rows, columns, means, g.ref);
  p.pushGrad();
}
