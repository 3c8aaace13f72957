/**
 * What second derivatives need to know of a layer or a loss, as plain data. Their code (`curvature/`) looks it up here, so
 * that a program that asks for no second derivative carries none of it.
 */
import type { Tensor } from "../engine/tensor.js";
import type { BoundLayer } from "./layer.js";
import type { Loss } from "./loss.js";
import type { Stack } from "./stack.js";

/** The kinds of layers. */
export type LayerKind =
  | { readonly kind: "dense"; readonly weight: Tensor; readonly bias: Tensor | undefined }
  /** y = f(x) element by element. `second` names f″ (curvature/elementwise.ts); without it f is linear in pieces. */
  | { readonly kind: "elementwise"; readonly second?: string; readonly a?: number; readonly b?: number }
  /** `stats` are the mean and 1 / √(variance + eps) of each row of the last pass. */
  | { readonly kind: "layerNorm"; readonly weight: Tensor; stats(rows: number): Tensor }
  | {
      readonly kind: "concat";
      readonly stacks: readonly Stack[];
      readonly branches: readonly { readonly inputs: number; readonly outputs: number }[];
      /** Whether the branches divide the columns of the input. */
      readonly split: boolean;
    };

/** The kinds of losses of the library, with their options. */
export type LossKind =
  /** The second derivative is `weight`, or `weight` / N of a mean over all N elements. */
  | { readonly kind: "squaredError"; readonly weight: number; readonly mean: boolean }
  /** 0 but for the kinks. */
  | { readonly kind: "l1" }
  | { readonly kind: "huber"; readonly bend: number; readonly share: number }
  | { readonly kind: "binaryCrossEntropyWithLogits" | "binaryCrossEntropy" }
  | {
      readonly kind: "softmaxCrossEntropy";
      readonly labelSmoothing?: number;
      readonly classWeights?: Float32Array | undefined;
    };

// By identity, as in fuse.ts: a layer or a loss that wraps one of these may compute something else.
const layers = new WeakMap<BoundLayer, LayerKind>();
const losses = new WeakMap<Loss, LossKind>();

/** Registers the kind of a layer, and returns the layer. */
export function layerOfKind(layer: BoundLayer, kind: LayerKind): BoundLayer {
  layers.set(layer, kind);
  return layer;
}

/** Registers the kind of a loss, and returns the loss. */
export function lossOfKind<L extends Loss>(loss: L, kind: LossKind): L {
  losses.set(loss, kind);
  return loss;
}

export const kindOfLayer = (layer: BoundLayer): LayerKind | undefined => layers.get(layer);
export const kindOfLoss = (loss: Loss): LossKind | undefined => losses.get(loss);
