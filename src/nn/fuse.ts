/** A dense layer and the activation after it as one, where a kernel does the work of both in fewer passes: the same bits. */
import type { Ref } from "../engine/backend.js";
import type { BoundLayer } from "./layer.js";

/** Epilogues take rows of whole lines of the cache, 16 numbers: widths worth fusing are such, and kernels have no tails. */
export const EPILOGUE_COLUMNS = 16;

/** An activation together with the bias before it, on values [rows, columns]. */
export interface Epilogue {
  /** y = f(y + bias). */
  forward(rows: number, columns: number, bias: Ref, y: Ref): void;
  /** Turns the gradient d with respect to y into the one with respect to f's input, and adds its column sums. */
  backward(rows: number, columns: number, y: Ref, d: Ref, sums: Ref): void;
}

/** A layer that ends in adding a bias, with an epilogue in place of that. */
type Taker = (epilogue: Epilogue) => BoundLayer;

// By identity: a layer that wraps one of these, and does something else besides, is none of them.
const known = new WeakMap<BoundLayer, Epilogue | Taker>();

/** Says what a layer can be run as: an activation in place as an epilogue, one with a bias by taking one. */
export function fusible(layer: BoundLayer, as: Epilogue | Taker): void {
  known.set(layer, as);
}

/** Two layers as one, where that can be. */
export function fuse(layer: BoundLayer, next: BoundLayer): BoundLayer | undefined {
  const taker = known.get(layer);
  const epilogue = known.get(next);
  if (typeof taker === "function" && typeof epilogue === "object") return taker(epilogue);
  return undefined;
}
