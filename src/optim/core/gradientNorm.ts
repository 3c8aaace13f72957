/**
 * What happens to gradients between the backward pass and the update, over all groups together: their norm, clipping,
 * the check for numbers that are not finite, and centralisation. Every step runs this, hence loops by index (the reason
 * is in RuleOptimizer.step).
 */
import type { Tensor } from "../../engine/tensor.js";
import { centralize } from "../gradients/centralize.js";
import { EPS, squares } from "../gradients/clip.js";
import { reserve as reserveColumns } from "../gradients/columns.js";
import { moves } from "../gradients/params.js";
import type { Group } from "./group.js";

// biome-ignore lint/suspicious/noExplicitAny: gradients do not depend on the rule
type Groups = readonly Group<any, any>[];

/** The norm of the gradients of a step and the factor on them. Fields of one object, as V8 boxes number arguments and results, 16 bytes each. */
export interface Measured {
  norm: number;
  scale: number;
}

/** Measures the norm of the gradients that the step would use. */
export function measure(groups: Groups, into: Measured): void {
  let total = 0;
  for (let g = 0; g < groups.length; g++) {
    const { params } = groups[g];
    for (let i = 0; i < params.length; i++) if (moves(params[i])) total += squares(params[i].gradient);
  }
  into.norm = Math.sqrt(total);
}

/** Lowers the scale so that the scaled norm is at most `clipNorm`. */
export function clip(measured: Measured, clipNorm: number): void {
  const factor = clipNorm / (measured.norm * Math.abs(measured.scale) + EPS);
  if (!(factor >= 1)) measured.scale *= factor;
}

/** Whether any group reacts to gradients that are not finite. */
export function watchesNonFinite(groups: Groups): boolean {
  for (let g = 0; g < groups.length; g++) if (groups[g].hyper.now.onNonFinite !== "propagate") return true;
  return false;
}

/** From this norm on squares of gradients overflow f32: 2^64, 1.8e19. */
const MOST = 2 ** 64;

/** Whether the norm over all groups, scaled, rules out a gradient that `onNonFinite` reacts to. False where it is NaN. */
export const isBearable = ({ norm, scale }: Measured): boolean => norm * Math.abs(scale) < MOST;

/**
 * Applies `onNonFinite` of each group to its gradients, scaled and clipped: throws for the first parameter of a group that
 * throws, returns true if the step is to be skipped. A sum of squares tests a whole gradient: that of finite f32, taken in
 * f64, is finite.
 */
export function refuses(groups: Groups, { norm, scale }: Measured, clipNorm: number | undefined): boolean {
  const clipped = clipNorm === undefined || !Number.isFinite(norm) ? Number.POSITIVE_INFINITY : clipNorm / norm;
  const factor = Math.min(Math.abs(scale), clipped);
  let skip = false;
  for (const [g, { hyper, params }] of groups.entries()) {
    const { onNonFinite } = hyper.now;
    if (onNonFinite === "propagate") continue;
    for (const [i, p] of params.entries()) {
      if (!moves(p)) continue;
      const square = squares(p.gradient);
      if (Math.sqrt(square) * factor < MOST) continue;
      skip = true;
      if (onNonFinite === "throw") {
        const [expected, got] = Number.isFinite(square)
          ? ["a norm below 2^64, beyond which its squares overflow", Math.sqrt(square) * factor]
          : ["finite numbers", culprit(p)];
        throw new RangeError(`groups[${g}].params[${i}].grad: expected ${expected}, got ${got}`);
      }
    }
  }
  return skip;
}

function culprit({ gradient }: Tensor): string {
  const at = gradient.data.findIndex((x) => !Number.isFinite(x));
  return `${gradient.data[at]} at element ${at}`;
}

/** Allocates the working memory of {@link centralizeAll} before the first gradient changes. */
export function reserve(groups: Groups): void {
  for (let g = 0; g < groups.length; g++) {
    const { hyper, params } = groups[g];
    if (!hyper.now.centralize) continue;
    for (let i = 0; i < params.length; i++) if (moves(params[i])) reserveColumns(params[i], 1);
  }
}

/** Centralises the gradients of the groups with `centralize`; returns whether there is one. */
export function centralizeAll(groups: Groups): boolean {
  let any = false;
  for (let g = 0; g < groups.length; g++) {
    const { hyper, params } = groups[g];
    if (!hyper.now.centralize) continue;
    any = true;
    for (let i = 0; i < params.length; i++) if (moves(params[i])) centralize(params[i]);
  }
  return any;
}
