/**
 * What is done to gradients between the backward pass and the update, over all groups together. Loops on the path of
 * every step go by index: see Optimizer.step.
 */
import type { Tensor } from "../../engine/tensor.js";
import { centralize } from "../gradients/centralize.js";
import { EPS, squares } from "../gradients/clip.js";
import { reserve as reserveColumns } from "../gradients/columns.js";
import { moves } from "../gradients/params.js";
import type { Group } from "./group.js";

// biome-ignore lint/suspicious/noExplicitAny: gradients are the same whatever the rule
type Groups = readonly Group<any, any>[];

/** The norm of the gradients of one step, and what they are multiplied by. Fields: arguments and results are boxed, 16 bytes each. */
export interface Measured {
  norm: number;
  scale: number;
}

/** Takes the norm of the gradients that a step would take. */
export function measure(groups: Groups, into: Measured): void {
  let total = 0;
  for (let g = 0; g < groups.length; g++) {
    const { params } = groups[g];
    for (let i = 0; i < params.length; i++) if (moves(params[i])) total += squares(params[i].gradient);
  }
  into.norm = Math.sqrt(total);
}

/** Brings the scale down so that the norm, scaled, is at most `clipNorm`. */
export function clip(measured: Measured, clipNorm: number): void {
  const factor = clipNorm / (measured.norm * Math.abs(measured.scale) + EPS);
  if (!(factor >= 1)) measured.scale *= factor;
}

/** Whether any group wants to know of gradients that are not finite. */
export function watched(groups: Groups): boolean {
  for (let g = 0; g < groups.length; g++) if (groups[g].hyper.now.onNonFinite !== "propagate") return true;
  return false;
}

/**
 * The first parameter whose gradient is not finite, for which its group says what: throws or returns true, to skip. The
 * sum of the squares of finite f32 in f64 is finite, so the pass that clips by the norm tells.
 */
export function refused(groups: Groups): boolean {
  let skip = false;
  for (const [g, { hyper, params }] of groups.entries()) {
    const { onNonFinite } = hyper.now;
    if (onNonFinite === "propagate") continue;
    for (const [i, p] of params.entries()) {
      if (!moves(p) || Number.isFinite(squares(p.gradient))) continue;
      skip = true;
      if (onNonFinite === "throw") {
        throw new RangeError(`groups[${g}].params[${i}].grad: expected finite numbers, got ${culprit(p)}`);
      }
    }
  }
  return skip;
}

function culprit({ gradient }: Tensor): string {
  const at = gradient.data.findIndex((x) => !Number.isFinite(x));
  return `${gradient.data[at]} at element ${at}`;
}

/** Makes the working memory of {@link centralized}, before the first gradient changes. */
export function reserve(groups: Groups): void {
  for (let g = 0; g < groups.length; g++) {
    const { hyper, params } = groups[g];
    if (!hyper.now.centralize) continue;
    for (let i = 0; i < params.length; i++) if (moves(params[i])) reserveColumns(params[i], 1);
  }
}

/** Centralises the gradients of the groups that ask for it; returns whether any does. */
export function centralized(groups: Groups): boolean {
  let any = false;
  for (let g = 0; g < groups.length; g++) {
    const { hyper, params } = groups[g];
    if (!hyper.now.centralize) continue;
    any = true;
    for (let i = 0; i < params.length; i++) if (moves(params[i])) centralize(params[i]);
  }
  return any;
}
