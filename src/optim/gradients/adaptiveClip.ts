import { checkKeys, checkNonNegative, checkPositive, typeError } from "../../check.js";
import { padded } from "../../engine/backend.js";
import type { Tensor } from "../../engine/tensor.js";
import { checkParams } from "../core/params.js";
import { squares } from "./clip.js";
import { columnScratch, columnsOf, reserve } from "./columns.js";

/** How {@link adaptiveClipGrad} clips. */
export interface AdaptiveClipOptions {
  /** The largest ratio of the norm of a gradient to that of its parameters. Default 0.01. */
  clipping?: number;
  /** Norms of parameters below it count as it, so that weights which start at zero can leave it. Default 1e-3. */
  eps?: number;
}

/** Norms of gradients below it count as it when they divide, as in timm. */
const FLOOR = 1e-6;

/**
 * Adaptive gradient clipping, in place: the gradient of each output unit's weights by the norm of those weights.
 *
 * ```
 * g_j = g_j · clipping max(‖θ_j‖, eps) / max(‖g_j‖, 1e-6)     where ‖g_j‖ is not below clipping max(‖θ_j‖, eps)
 * ```
 * The unit j is a column of weights [in, out] (for more dimensions, all that share the last index), and the whole tensor
 * where there is one dimension. Parameters that are frozen or have no gradient are passed over. Leave the last layer out, as the
 * paper does.
 *
 * Brock et al., High-performance large-scale image recognition without normalization, ICML 2021, eq. 3.
 *
 * @throws RangeError unless clipping is above 0 and eps at least 0
 * @example
 * adaptiveClipGrad(model.parameters(), { clipping: 0.02 });
 */
export function adaptiveClipGrad(params: readonly Tensor[], options: AdaptiveClipOptions = {}): void {
  if (typeof options !== "object" || options === null) throw typeError("options", "an object of options", options);
  checkKeys("adaptiveClipGrad", options, ["clipping", "eps"]);
  const { clipping = 0.01, eps = 1e-3 } = options;
  checkPositive("clipping", clipping);
  checkNonNegative("eps", eps);
  const list = checkParams(params);
  for (const p of list) reserve(p, 2);
  for (const p of list) {
    p.pull();
    if (p.shape.length < 2) clipWhole(p, clipping, eps);
    else clipColumns(p, clipping, eps);
    p.pushGrad();
  }
}

function clipWhole(p: Tensor, clipping: number, eps: number): void {
  const { gradient: g } = p;
  const norm = Math.sqrt(squares(g));
  const most = clipping * Math.max(Math.sqrt(squares(p)), eps);
  if (norm < most) return;
  g.engine.kernels.scale(g.place.length, g.ref, most / Math.max(norm, FLOOR));
}

function clipColumns(p: Tensor, clipping: number, eps: number): void {
  const { engine, gradient: g } = p;
  const { columnNorms, clipRatios, mulRow } = engine.kernels;
  const columns = columnsOf(p);
  const rows = p.size / columns;
  const width = padded(columns);
  const norms = columnScratch(p, 2);
  const ratios = engine.implementation.at(norms, width, width);
  columnNorms(rows, columns, p.ref, norms);
  columnNorms(rows, columns, g.ref, ratios);
  clipRatios(width, norms, ratios, clipping, eps);
  mulRow(rows, columns, ratios, g.ref);
}
