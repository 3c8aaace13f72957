/** Gradients at a model's output for labels that the model itself would draw: what its Fisher matrix is made of. */
import type { Tensor } from "../../engine/tensor.js";
import { uniform } from "../../math/f32.js";
import { exp, log, sinPi } from "../../math/f64.js";
import { counterKey } from "../../math/random.js";

/** The loss whose Fisher matrix is meant. */
export type FisherLoss = "softmaxCrossEntropy" | "mse";

// Digits of pi, behind those of dropout and of the estimators of Hessians.
const SALTS = [0x38d01377, 0xbe5466cf, 0x34e90c6c, 0xc0ac29b7] as const;

/** The smallest argument of a logarithm: draws are multiples of it. */
const LEAST = 2 ** -25;

/**
 * Writes to `grad` [rows, width] the gradient of the loss of each row, not divided by the number of rows, for one label a row
 * that is drawn from the model. A draw is a function of seed, step and position alone.
 */
export function drawnGradient(
  loss: FisherLoss,
  output: Tensor,
  grad: Tensor,
  at: { seed: number; step: number },
): void {
  const [rows, width] = output.shape as [number, number];
  const { data } = grad;
  const key0 = counterKey(at, 0, SALTS[0]);
  const key1 = counterKey(at, 0, SALTS[1]);
  if (loss === "softmaxCrossEntropy") {
    softmax(output, grad);
    for (let r = 0; r < rows; r++) data[r * width + chosen(data, r * width, width, uniform(r, key0, key1))] -= 1;
    return;
  }
  // The mean of squares over the outputs is that of a normal distribution of variance width / 2: Box and Muller.
  const other0 = counterKey(at, 0, SALTS[2]);
  const other1 = counterKey(at, 0, SALTS[3]);
  const scale = Math.sqrt(2 / width);
  for (let i = 0; i < rows * width; i++) {
    const radius = Math.sqrt(-2 * log(uniform(i, key0, key1) + LEAST));
    data[i] = scale * radius * sinPi(2 * uniform(i, other0, other1));
  }
}

/** The passes of {@link exactGradient}: classes, or outputs. */
export const exactPasses = (output: Tensor): number => output.shape[1];

/**
 * The same for pass number `pass` of the sum over all labels: the gradient for this label, times the root of its
 * probability, so that squares of it add up to the expectation.
 */
export function exactGradient(loss: FisherLoss, output: Tensor, grad: Tensor, pass: number): void {
  const [rows, width] = output.shape as [number, number];
  const { data } = grad;
  if (loss === "softmaxCrossEntropy") {
    softmax(output, grad);
    for (let r = 0, i = 0; r < rows; r++) {
      const root = Math.sqrt(data[r * width + pass]);
      for (let j = 0; j < width; j++, i++) data[i] = root * (j === pass ? data[i] - 1 : data[i]);
    }
    return;
  }
  data.fill(0);
  const root = Math.sqrt(2 / width);
  for (let r = 0; r < rows; r++) data[r * width + pass] = root;
}

/** Probabilities, in f64 until they are stored. */
function softmax(output: Tensor, into: Tensor): void {
  const [rows, width] = output.shape as [number, number];
  const from = output.data;
  const to = into.data;
  for (let r = 0; r < rows; r++) {
    const at = r * width;
    let most = Number.NEGATIVE_INFINITY;
    for (let j = at; j < at + width; j++) most = Math.max(most, from[j]);
    let sum = 0;
    for (let j = at; j < at + width; j++) sum += exp(from[j] - most);
    for (let j = at; j < at + width; j++) to[j] = exp(from[j] - most) / sum;
  }
}

/** The class in whose part of the unit interval a draw falls; the last one takes what rounding has left. */
function chosen(p: Float32Array, from: number, width: number, draw: number): number {
  let sum = 0;
  for (let j = 0; j < width - 1; j++) {
    sum += p[from + j];
    if (draw < sum) return j;
  }
  return width - 1;
}
