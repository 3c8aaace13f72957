/**
 * Runs a dense layer and the activation after it as one, if a kernel does the work of both in fewer passes, with the
 * same bits.
 */
import type { Ref } from "../engine/backend.js";
import type { BoundLayer } from "./layer.js";

/**
 * Epilogues require a multiple of 16 columns, a cache line: their kernels need no tail, and widths worth fusing fit.
 */
export const EPILOGUE_COLUMNS = 16;

/** An activation together with the bias before it, on values [rows, columns]. */
export interface Epilogue {
  /** y = f(y + bias). */
  forward(rows: number, columns: number, bias: Ref, y: Ref): void;
  /**
   * Overwrites d, the gradient with respect to y, by that with respect to f's input, and adds its column sums to
   * `sums`.
   */
  backward(rows: number, columns: number, y: Ref, d: Ref, sums: Ref): void;
}

/** Rebuilds a layer that ends by adding a bias, with an epilogue in place of that addition. */
type Taker = (epilogue: Epilogue) => BoundLayer;

// By identity: a layer that wraps one of these may do more, so it must not be fused.
const known = new WeakMap<BoundLayer, Epilogue | Taker>();

/** Registers how a layer can be fused: an activation as an epilogue, a layer with a bias by taking an epilogue. */
export function fusible(layer: BoundLayer, as: Epilogue | Taker): void {
  known.set(layer, as);
}

/** Fuses two layers if both allow it. */
export function fuse(layer: BoundLayer, next: BoundLayer): BoundLayer | undefined {
  const taker = known.get(layer);
  const epilogue = known.get(next);
  if (typeof taker === "function" && typeof epilogue === "object") return taker(epilogue);
  return undefined;
}
