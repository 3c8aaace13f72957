import type { Tensor } from "../engine/tensor.js";

/** One layer after the last forward and backward pass. */
export interface LayerReport {
  /** Position and kind: "1.relu"; inside a concat "1.0.2.relu", with the branch before the position. */
  name: string;
  /** Shape [rows, width] of the output; undefined before the first forward pass. */
  shape: readonly number[] | undefined;
  /**
   * The output, valid until the next pass. Undefined, as are its statistics, if an in-place layer has overwritten it.
   */
  output: Tensor | undefined;
  /** Mean of the output. */
  mean: number | undefined;
  /** Population standard deviation of the output. */
  std: number | undefined;
  /** Root mean square of the output. */
  rms: number | undefined;
  /** Fraction of exact zeros: after a relu, inactive units. */
  zeros: number | undefined;
  /** Number of units (columns) that are zero in every row: after a relu and in a large batch, dead units. */
  deadUnits: number | undefined;
  /**
   * Gradient of the loss with respect to the output. Undefined before a backward pass, and if an in-place layer has
   * overwritten it.
   */
  gradient: Tensor | undefined;
  /** Euclidean norm of the gradient. */
  gradNorm: number | undefined;
}

export function report(
  name: string,
  y: Tensor | undefined,
  overwritten: boolean,
  gradient: Tensor | undefined,
): LayerReport {
  const output = overwritten ? undefined : y;
  return { name, shape: y?.shape, output, ...figures(output), gradient, gradNorm: gradient && norm(gradient) };
}

const NONE = { mean: undefined, std: undefined, rms: undefined, zeros: undefined, deadUnits: undefined };

function figures(y: Tensor | undefined): Omit<LayerReport, "name" | "shape" | "output" | "gradient" | "gradNorm"> {
  if (y === undefined) return NONE;
  const { sum } = y.engine.kernels;
  const { data, size } = y;
  const [rows, width] = y.shape as [number, number];
  const mean = sum(size, y.ref) / size;
  let squares = 0;
  for (const v of data) squares += (v - mean) ** 2;
  const variance = squares / size;
  let zeros = 0;
  let deadUnits = 0;
  for (let j = 0; j < width; j++) {
    let at = 0;
    for (let r = 0; r < rows; r++) if (data[r * width + j] === 0) at++;
    zeros += at;
    if (at === rows) deadUnits++;
  }
  return { mean, std: Math.sqrt(variance), rms: Math.sqrt(variance + mean * mean), zeros: zeros / size, deadUnits };
}

const norm = (t: Tensor): number => Math.sqrt(t.engine.kernels.dot(t.size, t.ref, t.ref));
