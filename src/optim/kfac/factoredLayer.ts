/**
 * The Kronecker factors of one dense layer, their damped inverses, and a gradient multiplied by these: the arithmetic of
 * K-FAC. Statistics and decompositions are f64, products of matrices f32.
 */

import type { EngineCore } from "../../engine/core.js";
import type { Doubles } from "../../engine/doubles.js";
import { extraKernels } from "../../engine/extraKernels.js";
import type { Tensor } from "../../engine/tensor.js";
import { eigen, invert, linalg } from "../../linalg/index.js";
import type { Member } from "../core/rule.js";
import type { Scratch } from "../core/scratch.js";

/** What the arithmetic needs of the hyperparameters. */
export interface Damping {
  damping: number;
  piDamping: boolean;
  inverse: "factored" | "eigen";
}

/** A dense layer as the last backward pass has shown it. */
export class FactoredLayer {
  readonly weight: Tensor;
  readonly bias: Tensor | undefined;
  /** Inputs with the 1 of the bias, if there is one; and outputs. */
  readonly n: number;
  readonly m: number;
  readonly index: number;
  /** The input, and the gradient at the output, of the last backward pass. */
  x: Tensor;
  dy: Tensor;
  readonly #scratch: Scratch;
  readonly #engine: EngineCore;

  constructor(index: number, weight: Tensor, bias: Tensor | undefined, x: Tensor, dy: Tensor, scratch: Scratch) {
    const [inputs, outputs] = weight.shape as [number, number];
    this.index = index;
    this.weight = weight;
    this.bias = bias;
    this.n = bias ? inputs + 1 : inputs;
    this.m = outputs;
    this.x = x;
    this.dy = dy;
    this.#scratch = scratch;
    this.#engine = weight.engine;
  }

  /** Allocates all that the methods below need for this number of rows. */
  reserve(rows: number): void {
    const { n, m } = this;
    const engine = this.#engine;
    const inputs = this.weight.shape[0];
    engine.reserve(true, false, inputs, inputs, rows, false);
    engine.reserve(true, false, m, m, rows, false);
    for (const transposed of [false, true]) {
      engine.reserve(transposed, false, n, m, n, false);
      engine.reserve(false, transposed, n, m, m, false);
    }
    linalg(engine);
    extraKernels(engine);
    for (const side of [n, m]) {
      this.#floats("product", side, side);
      for (const name of ["damped", "inverse", "vectors"]) this.#doubles(name, side, side);
      this.#doubles("values", side, 1);
    }
    this.#doubles(`sum ${this.index}`, m, m);
    for (const name of ["gradient", "between", `update ${this.index}`]) this.#floats(name, n, m);
    this.#floats("sums", inputs, 1);
    this.#floats(`bias ${this.index}`, m, 1);
  }

  /** The step of the weights, rows of the inputs first and that of the bias last, once {@link precondition} has run. */
  get update(): Tensor {
    return this.#floats(`update ${this.index}`, this.n, this.m);
  }
  /** The row of the bias alone. */
  get biasUpdate(): Tensor {
    const { n, m } = this;
    const row = this.#floats(`bias ${this.index}`, m, 1);
    extraKernels(this.#engine).copyColumns(1, m, this.update.ref, (n - 1) * m, n * m, row.ref, 0, m);
    return row;
  }

  /** Starts to sum up statistics of the gradient at the output. */
  clearSum(): void {
    this.#doubles(`sum ${this.index}`, this.m, this.m).data.fill(0);
  }

  /** Adds `scale` dyᵀ dy of the last backward pass. */
  addSum(scale: number): void {
    const { m, dy } = this;
    const product = this.#floats("product", m, m);
    this.#engine.product(true, false, m, m, dy.shape[0], dy.ref, dy.ref, product.ref, false);
    const from = product.data;
    const sum = this.#doubles(`sum ${this.index}`, m, m).data;
    for (let i = 0; i < m * m; i++) sum[i] += scale * from[i];
  }

  /**
   * Takes the statistics of the last passes into the averages A and G: old · decay + new · (1 - decay).
   * @returns false, with both as they were, if the new ones are not finite
   */
  average({ doubles: { inputFactor, outputFactor } }: Member, decay: number): boolean {
    const { n, m, x, bias } = this;
    const engine = this.#engine;
    const [rows, inputs] = x.shape as [number, number];
    const product = this.#floats("product", n, n);
    const sums = this.#floats("sums", inputs, 1);
    engine.product(true, false, inputs, inputs, rows, x.ref, x.ref, product.ref, false);
    engine.kernels.fill(sums.place.length, sums.ref, 0);
    if (bias) engine.kernels.addRowSums(rows, inputs, x.ref, sums.ref);
    const squares = product.data;
    const means = sums.data;
    const sum = this.#doubles(`sum ${this.index}`, m, m).data;
    let total = 0;
    for (let i = 0; i < inputs * inputs; i++) total += squares[i] - squares[i];
    for (let i = 0; i < inputs; i++) total += means[i] - means[i];
    for (let i = 0; i < m * m; i++) total += sum[i] - sum[i];
    if (total !== 0) return false;
    const a = inputFactor.data;
    const share = (1 - decay) / rows;
    for (let i = 0; i < inputs; i++) {
      for (let j = 0; j < inputs; j++) a[i * n + j] = decay * a[i * n + j] + share * squares[i * inputs + j];
    }
    if (bias) {
      const last = n - 1;
      for (let i = 0; i < inputs; i++) {
        a[i * n + last] = decay * a[i * n + last] + share * means[i];
        a[last * n + i] = a[i * n + last];
      }
      a[last * n + last] = decay * a[last * n + last] + (1 - decay);
    }
    const g = outputFactor.data;
    for (let i = 0; i < m * m; i++) g[i] = decay * g[i] + (1 - decay) * sum[i];
    return true;
  }

  /** Whether the averages have never been filled: an element of each diagonal is 0 only then, or where all inputs are. */
  isNew({ doubles: { inputFactor, outputFactor } }: Member): boolean {
    return trace(this.n, inputFactor) === 0 && trace(this.m, outputFactor) === 0;
  }

  /** Sets both averages to the identity. */
  start({ doubles: { inputFactor, outputFactor } }: Member): void {
    identity(this.n, inputFactor);
    identity(this.m, outputFactor);
  }

  /**
   * Inverts, or decomposes, the averages. Where one is not positive definite with its damping, that is multiplied by 10, up
   * to 30 times; below the rounding of the eigenvalues' products it is raised to that.
   * @returns how often it was; -1, with the inverses as they were, if it was to no avail
   */
  refresh(member: Member, h: Damping): number {
    return h.inverse === "eigen" ? this.#decompose(member, h) : this.#invert(member, h);
  }

  #invert({ doubles: { inputFactor, outputFactor }, slots }: Member, { damping, piDamping }: Damping): number {
    const { n, m } = this;
    const ratio = trace(n, inputFactor) / n / (trace(m, outputFactor) / m);
    const pi = piDamping && ratio > 0 && ratio < Number.POSITIVE_INFINITY ? Math.sqrt(ratio) : 1;
    for (let times = 0, gamma = damping; times <= 30; times++, gamma *= 10) {
      const root = Math.sqrt(gamma);
      const a = this.#inverse(n, inputFactor, pi * root, "left");
      const g = a && this.#inverse(m, outputFactor, root / pi, "right");
      if (!a || !g) continue;
      round(n * n, a, slots.inputInverse);
      round(m * m, g, slots.outputInverse);
      return times;
    }
    return -1;
  }

  #inverse(side: number, factor: Doubles, ridge: number, place: string): Doubles | undefined {
    const damped = this.#doubles("damped", side, side);
    const inverse = this.#doubles(place === "left" ? "inverse" : "vectors", side, side);
    const to = damped.data;
    const from = factor.data;
    for (let i = 0; i < side * side; i++) to[i] = from[i];
    for (let i = 0; i < side; i++) to[i * side + i] += ridge;
    return invert(this.#engine, side, damped, inverse) ? inverse : undefined;
  }

  #decompose({ doubles, slots }: Member, { damping }: Damping): number {
    const one = (side: number, factor: Doubles, values: Doubles, basis: Tensor): boolean => {
      const work = this.#doubles("damped", side, side);
      const vectors = this.#doubles("vectors", side, side);
      const found = this.#doubles("values", side, 1);
      const to = work.data;
      const from = factor.data;
      for (let i = 0; i < side * side; i++) to[i] = from[i];
      if (!eigen(this.#engine, side, work, found, vectors)) return false;
      // Rounding can leave a value of a positive semi-definite matrix just below 0.
      for (let i = 0; i < side; i++) values.data[i] = Math.max(found.data[i], 0);
      round(side * side, vectors, basis);
      return true;
    };
    const { inputFactor, outputFactor, inputValues, outputValues } = doubles;
    const both =
      one(this.n, inputFactor, inputValues, slots.inputBasis) &&
      one(this.m, outputFactor, outputValues, slots.outputBasis);
    if (!both) return -1;
    return this.#rounding(inputValues, outputValues) > damping ? 1 : 0;
  }

  /** By how much products of eigenvalues, the largest of which are last, may be off. */
  #rounding({ data: a }: Doubles, { data: g }: Doubles): number {
    return Math.max(this.n, this.m) * 2 ** -52 * a[this.n - 1] * g[this.m - 1];
  }

  /**
   * Multiplies the gradient, times `scale`, by the inverses from both sides.
   * @returns the inner product of the result, {@link update}, and the gradient. Not finite where the product overflows: the
   *   result is 0 then
   */
  precondition({ slots, doubles }: Member, scale: number, h: Damping): number {
    const { n, m, weight, bias, update } = this;
    const engine = this.#engine;
    const { kernels } = engine;
    const gradient = this.#floats("gradient", n, m);
    const between = this.#floats("between", n, m);
    const inputs = weight.shape[0];
    const { copyColumns } = extraKernels(engine);
    copyColumns(1, inputs * m, weight.gradient.ref, 0, inputs * m, gradient.ref, 0, n * m);
    if (bias) copyColumns(1, m, bias.gradient.ref, 0, m, gradient.ref, inputs * m, n * m);
    if (scale !== 1) kernels.scale(gradient.place.length, gradient.ref, scale);
    const times = (left: Tensor, transposed: boolean, right: Tensor, into: Tensor) =>
      engine.product(transposed, false, n, m, n, left.ref, right.ref, into.ref, false);
    const by = (left: Tensor, right: Tensor, transposed: boolean, into: Tensor) =>
      engine.product(false, transposed, n, m, m, left.ref, right.ref, into.ref, false);
    if (h.inverse === "factored") {
      times(slots.inputInverse, false, gradient, between);
      by(between, slots.outputInverse, false, update);
    } else {
      times(slots.inputBasis, false, gradient, between);
      by(between, slots.outputBasis, true, update);
      const values = update.data;
      const { inputValues, outputValues } = doubles;
      const a = inputValues.data;
      const g = outputValues.data;
      const damping = Math.max(h.damping, this.#rounding(inputValues, outputValues));
      for (let i = 0; i < n; i++) for (let j = 0; j < m; j++) values[i * m + j] /= a[i] * g[j] + damping;
      times(slots.inputBasis, true, update, between);
      by(between, slots.outputBasis, false, update);
    }
    const along = kernels.dot(n * m, update.ref, gradient.ref);
    // A gradient that is not finite itself is the caller's to let pass.
    if (!Number.isFinite(along) && Number.isFinite(kernels.dot(n * m, gradient.ref, gradient.ref)))
      kernels.fill(update.place.length, update.ref, 0);
    return along;
  }

  #floats(name: string, rows: number, columns: number): Tensor {
    return this.#scratch.floats(name, [rows, columns]);
  }
  #doubles(name: string, rows: number, columns: number): Doubles {
    return this.#scratch.doubles(name, [rows, columns]);
  }
}

function trace(n: number, { data }: Doubles): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += data[i * n + i];
  return sum;
}

function identity(n: number, { data }: Doubles): void {
  data.fill(0);
  for (let i = 0; i < n; i++) data[i * n + i] = 1;
}

function round(length: number, from: Doubles, to: Tensor): void {
  const source = from.data;
  const { data } = to;
  for (let i = 0; i < length; i++) data[i] = source[i];
}
