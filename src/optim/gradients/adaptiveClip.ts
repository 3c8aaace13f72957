import { checkKeys, checkNonNegative, checkPositive, typeError } from "../../check.js";
import { padded } from "../../engine/backend.js";
import { extraKernels } from "../../engine/extraKernels.js";
import type { Tensor } from "../../engine/tensor.js";
import { squares } from "./clip.js";
import { columnScratch, columnsOf, reserve } from "./columns.js";
import { checkMoving } from "./params.js";

/** The bounds of {@link adaptiveClipGrad}. */
export interface AdaptiveClipOptions {
  /** The largest ratio of the norm of a gradient to that of its parameters. Default 0.01. */
  clipRatio?: number;
  /** The least norm of parameters that is assumed, so that weights which start at zero can move. Default 1e-3. */
  eps?: number;
}

/** The least norm of gradients that divides, as in timm. */
const FLOOR = 1e-6;

/**
 * Adaptive gradient clipping, in place: the gradient of each output unit's weights by the norm of those weights.
 *
 * ```
 * g_j = g_j · clipRatio max(‖θ_j‖, eps) / max(‖g_j‖, 1e-6)     where ‖g_j‖ is not below clipRatio max(‖θ_j‖, eps)
 * ```
 * The unit j is a column of weights [in, out] (for more dimensions, all that share the last index), and the whole tensor
 * of one dimension. Skips parameters that are frozen or have no gradient. Leave the last layer out, as in the paper.
 *
 * Brock et al., High-performance large-scale image recognition without normalization, ICML 2021, eq. 3.
 *
 * @throws RangeError unless clipRatio is above 0 and eps at least 0
 * @example
 * adaptiveClipGrad(model.parameters(), { clipRatio: 0.02 });
 */
export function adaptiveClipGrad(params: readonly Tensor[], options: AdaptiveClipOptions = {}): void {
  if (typeof options !== "object" || options === null) throw typeError("options", "an object of options", options);
  checkKeys("adaptiveClipGrad", options, ["clipRatio", "eps"]);
  const { clipRatio = 0.01, eps = 1e-3 } = options;
  checkPositive("clipRatio", clipRatio);
  checkNonNegative("eps", eps);
  const list = checkMoving(params);
  for (const p of list) {
    reserve(p, 2);
    extraKernels(p.engine);
  }
  for (const p of list) {
    p.pull();
    if (p.shape.length < 2) clipWhole(p, clipRatio, eps);
    else clipColumns(p, clipRatio, eps);
    p.pushGrad();
  }
}

function clipWhole(p: Tensor, clipRatio: number, eps: number): void {
  const { gradient: g } = p;
  const norm = Math.sqrt(squares(g));
  const most = clipRatio * Math.max(Math.sqrt(squares(p)), eps);
  if (norm < most) return;
  g.engine.kernels.scale(g.place.length, g.ref, most / Math.max(norm, FLOOR));
}

function clipColumns(p: Tensor, clipRatio: number, eps: number): void {
  const { engine, gradient: g } = p;
  const { columnNorms, clipRatios, mulRow } = extraKernels(engine);
  const columns = columnsOf(p);
  const rows = p.size / columns;
  const width = padded(columns);
  const norms = columnScratch(p, 2);
  const ratios = engine.implementation.at(norms, width, width);
  columnNorms(rows, columns, p.ref, norms);
  columnNorms(rows, columns, g.ref, ratios);
  clipRatios(width, norms, ratios, clipRatio, eps);
  mulRow(rows, columns, ratios, g.ref);
}
