import { checkNonNegative, checkNumber, checkOneOf, checkWhole } from "../check.js";
import type { Twin } from "../engine/backend.js";
import type { Shape, Tensor } from "../engine/tensor.js";
import binary from "../engine/wasm/binaries/optim/shampoo.js";
import { eigenKernels } from "../linalg/eigen.js";
import { gramKernels, panels } from "../linalg/gram.js";
import { inversePower, inverseRoot } from "../linalg/inverseRoot.js";
import { modeKernels } from "../linalg/modes.js";
import { add, LARGEST, mul, sub } from "../math/f32.js";
import type { Counted, Member, StepContext, Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";
import { counted, FAILURES } from "./shared/failures.js";
import { alongSide, reserveAlongSide, type Side, sidesOf } from "./shared/sides.js";

/** Hyperparameters of {@link shampoo}. */
export interface ShampooHyper {
  /** Learning rate. */
  lr: number;
  /** ε, with which the diagonals of the statistics start. */
  eps: number;
  /** Momentum factor μ, on the preconditioned gradient. */
  momentum: number;
  /** L2: λθ is added to the gradient. */
  weightDecay: number;
  /** Decay of the statistics: 1 for their sum, as in AdaGrad; below 1 for their moving average. */
  beta2: number;
  /** Steps from one computation of the roots to the next. */
  preconditionFrequency: number;
  /** So many first steps compute the roots at every step, while the statistics still change by much: a root of step 1 is more than 100 % wrong at step 11. */
  preconditionWarmup: number;
  /** A dimension above this keeps the diagonal of its statistic alone. */
  maxPreconditionerDim: number;
  /** Gives the step of each tensor the norm of another optimizer's: "none", "sgd" or "adagrad". */
  grafting: "none" | "sgd" | "adagrad";
}

type Context = StepContext<ShampooHyper, Counted>;

const shampooTwin: Twin = (n, p, _g, [b, u], [_gradScale, lr, momentum]) => {
  for (let i = 0; i < n; i++) {
    const velocity = add(mul(momentum, b[i]), u[i]);
    b[i] = velocity;
    p[i] = sub(p[i], mul(lr, velocity));
  }
};

/** Whether a dimension has a matrix for its statistic, or the diagonal of one. Both, where a schedule may say either. */
const isFull = ({ maxPreconditionerDim }: ShampooHyper, { n }: Side): boolean => !(n > maxPreconditionerDim);
const isDiagonal = ({ maxPreconditionerDim }: ShampooHyper, { n }: Side): boolean => !(n <= maxPreconditionerDim);

/**
 * Shampoo: AdaGrad with a matrix for each dimension of a tensor in place of one number for each element. A matrix G of
 * gradients is multiplied by the inverse fourth roots of ΣGGᵀ from the left and of ΣGᵀG from the right.
 *
 * ```
 * g = g + λθ
 * Lᵢ = Lᵢ + Gᵢ Gᵢᵀ        i = 1 … k: k dimensions, Gᵢ the gradient as a matrix with a row for each index of dimension i;
 *                         L starts at εI;  beta2 < 1: Lᵢ = β₂Lᵢ + (1 - β₂) Gᵢ Gᵢᵀ
 * u = g with every vector along dimension i multiplied by Lᵢ^(-1/2k), for each i
 * u = u ‖a‖ / ‖u‖         grafting: a = g for "sgd", a = g / √Σg² for "adagrad"
 * b = μb + u
 * θ = θ - lr b
 * ```
 * k is 2 for a matrix (exponent -1/4), 1 for a vector (-1/2, full-matrix AdaGrad); tensors of any number of dimensions are
 * taken as the paper does. A dimension above `maxPreconditionerDim` keeps the diagonal of Lᵢ alone, with a root at every step: a long vector
 * takes AdaGrad's step. Statistics and roots are f64; roots of matrices are rounded to f32, and multiply there. A statistic that is not
 * positive definite to working precision (ε = 0, or an average of few directions) gets a ridge that makes it so, which
 * `opt.report.damped` counts; one that is not finite keeps the last root, which `opt.report.failed` counts.
 *
 * A root takes 2 ms for a dimension of 128 and 100 ms for 512, where a step of a matrix takes 230 ms with new roots and some 30
 * without. `preconditionFrequency` spreads that over steps, at a price: on digits (batch 32, lr 0.7) a loss of 0.05 takes 106.5
 * steps with new roots in each (median of ten seeds), and every 10 steps 110 with a warm-up of 100, 134 with 50 (medians of
 * three, one of which does not arrive); with 25 it is mostly not reached. Memory: 16 bytes for each element of an n × n
 * statistic.
 *
 * Throws a RangeError for negative lr, eps, momentum or weightDecay, for beta2 outside (0, 1], and for frequencies and
 * dimensions that are not whole numbers ≥ 1.
 *
 * Gupta, Koren & Singer, Shampoo: preconditioned stochastic tensor optimization, ICML 2018, algorithms 1 and 2. Grafting and
 * the average: Anil et al., Scalable second order optimization for deep learning, 2020.
 *
 * @example
 * const opt = shampoo(model.parameters(), { lr: 0.7, preconditionFrequency: 10 });
 */
export const shampoo = /* @__PURE__ */ optimizer<ShampooHyper, Counted>({
  name: "shampoo",
  paper: "Gupta et al. 2018",
  follows: "paper",
  hyper: {
    lr: 0.1,
    eps: 1e-4,
    momentum: 0,
    weightDecay: 0,
    beta2: 1,
    preconditionFrequency: 1,
    preconditionWarmup: 100,
    maxPreconditionerDim: 1024,
    grafting: "none",
  },
  check({ lr, eps, momentum, weightDecay, beta2, grafting, ...h }) {
    checkNonNegative("lr", lr);
    checkNonNegative("eps", eps);
    checkNonNegative("momentum", momentum);
    checkNonNegative("weightDecay", weightDecay);
    checkNumber("beta2", beta2, "a number in (0, 1]", (x) => x > 0 && x <= 1);
    checkWhole("preconditionFrequency", h.preconditionFrequency);
    checkWhole("preconditionWarmup", h.preconditionWarmup, 0);
    checkWhole("maxPreconditionerDim", h.maxPreconditionerDim);
    checkOneOf("grafting", grafting, ["none", "sgd", "adagrad"]);
  },
  slots: ({ momentum }, shape) => (momentum === 0 ? {} : { momentumBuffer: shape }),
  doubles: (h, shape) => ({
    ...Object.assign(
      {},
      ...sidesOf(shape).map((side, i) => {
        const { n } = side;
        return {
          ...(isFull(h, side) && { [`statistic${i}`]: [n, n], [`root${i}`]: [n, n] }),
          ...(isDiagonal(h, side) && { [`diagonal${i}`]: [n] }),
        };
      }),
    ),
    ...(h.grafting === "adagrad" && { graftSum: shape }),
    ...FAILURES,
  }),
  scratch: (h, shape) =>
    Object.assign(
      { update: shape },
      ...sidesOf(shape).map((side) =>
        isFull(h, side)
          ? { product: shape, [`root ${side.n}`]: [side.n, side.n] }
          : { [`diagonal ${side.n}`]: [side.n] },
      ),
    ),
  scratchDoubles: (h, shape) =>
    Object.assign({}, ...sidesOf(shape).map((side) => (isFull(h, side) ? scratchOf(side) : {}))),
  reserve(engine, h, shape) {
    for (const side of sidesOf(shape)) if (isFull(h, side)) reserveAlongSide(engine, side, false);
    for (const load of [eigenKernels, gramKernels, modeKernels]) load(engine);
  },
  averages: () => ["momentumBuffer"],
  state: () => ({ steps: 0 }),
  report: (_, doubles) => ({ damped: counted(doubles, "damped"), failed: counted(doubles, "failed") }),
  step(c) {
    const { preconditionFrequency, preconditionWarmup } = c.hyper;
    const { state } = c;
    const refresh = state.steps % preconditionFrequency === 0 || state.steps < preconditionWarmup;
    state.steps++;
    for (const member of c.tensors) stepOf(c, member, refresh);
    return undefined;
  },
  binaries: [binary],
  kernels: { shampoo: shampooTwin },
});

/** Working memory by names that tell sizes apart: parameters of one optimizer share it. */
function scratchOf({ before, n, after }: Side): Record<string, Shape> {
  const rows = before * after;
  return {
    [`matrix ${n}`]: [n, n],
    [`vectors ${n}`]: [n, n],
    [`values ${n}`]: [n],
    [`panels ${n}`]: [panels(n, n)],
    [`gradients ${rows} ${n}`]: [panels(rows, n)],
  };
}

function stepOf(c: Context, member: Member, refresh: boolean): void {
  const { ops, gradScale } = c;
  const { lr, momentum, weightDecay } = c.hyper;
  const { p, g } = member;
  const sides = sidesOf(p.shape);
  let u = c.scratch("update", p.shape);
  ops.copy(g, u);
  if (gradScale !== 1) ops.scale(u, gradScale);
  if (weightDecay !== 0) ops.axpy(weightDecay, p, u);
  for (const [i, side] of sides.entries()) accumulate(c, member, i, side, u);
  for (const [i, side] of sides.entries())
    if (isFull(c.hyper, side)) takeRoot(c, member, i, side, sides.length, refresh);
  const norm = graftNorm(c, member, u);
  for (const [i, side] of sides.entries()) u = precondition(c, member, i, side, u, sides.length);
  if (norm !== undefined) {
    const own = ops.norm(u);
    if (own !== 0) ops.scale(u, Math.min(norm / own, LARGEST));
  }
  if (momentum === 0) ops.axpy(-lr, u, p);
  else c.run("shampoo", [lr, momentum], member, [u]);
}

/** u times the root of one dimension: in place for a diagonal, otherwise in the other one of two tensors. */
function precondition(c: Context, { p, doubles }: Member, i: number, side: Side, u: Tensor, k: number): Tensor {
  const { before, n, after } = side;
  const { roundDoubles, scaleMode, symmetricTimes } = modeKernels(c.engine);
  if (!isFull(c.hyper, side)) {
    const factors = c.scratch(`diagonal ${n}`, [n]);
    const { data } = doubles[`diagonal${i}`];
    // Finite in f32: infinity times 0 would be NaN.
    for (let j = 0; j < n; j++) factors.data[j] = data[j] === 0 ? 0 : Math.min(inversePower(data[j], 2 * k), LARGEST);
    scaleMode(before, n, after, factors.ref, u.ref);
    return u;
  }
  const first = c.scratch("update", p.shape);
  const product = u === first ? c.scratch("product", p.shape) : first;
  const root = doubles[`root${i}`];
  // A vector's root has entries of 1 / √ε that cancel but for the direction of few gradients: f32 would lose three digits.
  if (before * after === 1) symmetricTimes(n, root.ref, u.ref, c.scratchDoubles(`values ${n}`, [n]).ref, product.ref);
  else {
    const rounded = c.scratch(`root ${n}`, [n, n]);
    roundDoubles(n * n, root.ref, rounded.ref);
    alongSide(c.engine, side, rounded, false, u, product);
  }
  return product;
}

/** Takes a gradient u into the statistic of one dimension. */
function accumulate(c: Context, { doubles }: Member, i: number, side: Side, u: { ref: Member["p"]["ref"] }) {
  const { before, n, after } = side;
  const { beta2, eps } = c.hyper;
  const share = beta2 === 1 ? 1 : 1 - beta2;
  const full = isFull(c.hyper, side);
  const statistic = doubles[full ? `statistic${i}` : `diagonal${i}`];
  // Before its first gradient, which a new maxPreconditionerDim may let come late, it is all 0.
  const { data, size } = statistic;
  if (data[0] === 0) for (let k = 0; k < size; k += full ? n + 1 : 1) data[k] += eps;
  if (!full) {
    modeKernels(c.engine).squaresMode(before, n, after, u.ref, statistic.ref, beta2, share);
    return;
  }
  const rows = before * after;
  const work = c.scratchDoubles(`gradients ${rows} ${n}`, [panels(rows, n)]);
  gramKernels(c.engine).gramMode(before, n, after, u.ref, work.ref, statistic.ref, beta2, share);
}

/** Lᵢ^(-1/2k) from the statistic of one dimension, if it is time for it, or there is none yet: its diagonal is above 0. */
function takeRoot(c: Context, { doubles }: Member, i: number, { n }: Side, k: number, refresh: boolean): void {
  const root = doubles[`root${i}`].data;
  if (!refresh && root[0] !== 0) return;
  const statistic = doubles[`statistic${i}`].data;
  const matrix = c.scratchDoubles(`matrix ${n}`, [n, n]);
  const vectors = c.scratchDoubles(`vectors ${n}`, [n, n]);
  const values = c.scratchDoubles(`values ${n}`, [n]);
  const work = c.scratchDoubles(`panels ${n}`, [panels(n, n)]);
  matrix.data.set(statistic);
  const found = inverseRoot(c.engine, n, 2 * k, 0, matrix, values, vectors, work);
  if (found !== "failed") root.set(matrix.data);
  if (found !== "exact") doubles[found].data[0]++;
}

/** The norm that the update is given; undefined for its own. */
function graftNorm(c: Context, { p, doubles }: Member, u: Tensor): number | undefined {
  switch (c.hyper.grafting) {
    case "sgd":
      return c.ops.norm(u);
    case "adagrad":
      return Math.sqrt(modeKernels(c.engine).adagradSquare(p.size, u.ref, doubles.graftSum.ref));
    default:
      return undefined;
  }
}

/** Settings for tests and benches. */
export const trials: Trials<ShampooHyper> = {
  variants: {
    "": {},
    "average, decay, every 3": {
      beta2: 0.95,
      eps: 0.01,
      weightDecay: 0.1,
      preconditionFrequency: 3,
      preconditionWarmup: 2,
    },
    momentum: { lr: 0.01, momentum: 0.9, grafting: "sgd", preconditionFrequency: 8, preconditionWarmup: 0 },
    "diagonal above 3": { maxPreconditionerDim: 3, grafting: "adagrad", eps: 0 },
  },
  descend: { bowl: { lr: 1 }, ravine: { lr: 1 }, rosenbrock: { lr: 0.1, beta2: 0.99 } },
};
