import { checkBoolean, checkNonNegative, checkNumber, checkOneOf, checkRate, rangeError, typeError } from "../check.js";
import type { Ref, Twin } from "../engine/backend.js";
import { perEngine } from "../engine/perEngine.js";
import { type Shape, sizeOf, type Tensor } from "../engine/tensor.js";
import rowsBinary from "../engine/wasm/binaries/optim/adafactor/rows.js";
import binary from "../engine/wasm/binaries/optim/adafactor.js";
import { add, div, LARGEST, mul, pmax, sqrt, sub } from "../math/f32.js";
import { pow } from "../math/f64.js";
import { adafactorPartitions, adafactorRows } from "./adafactor/rows.js";
import type { Counted, Member, StepContext, Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";

/** Hyperparameters of {@link adafactor}. */
export interface AdafactorHyper {
  /** Bound of the relative step min(lr, 1/√t); without `relativeStep` the step itself. */
  lr: number;
  /** Power of t by which the newest squares weigh in the second moment: 1 - β₂ = t^beta2Decay. */
  beta2Decay: number;
  /** ε₁, which keeps the second moment above 0, null for that of the variant; and ε₂, the least root mean square of parameters. */
  eps: readonly [number | null, number];
  /** Updates whose root mean square is above d are scaled down to it. */
  d: number;
  /** Decoupled: θ shrinks by lr λ before the step, by λ with `fixedDecay`. */
  weightDecay: number;
  /** Where ε₁ is: "pytorch" clamps the second moment, at ε₁², "paper" adds it to the squared gradient. */
  variant: "pytorch" | "paper";
  /** The step is min(lr, 1/√t), not lr. */
  relativeStep: boolean;
  /** The step is multiplied by the root mean square of the parameters. */
  scaleParameter: boolean;
  /** Keep rows and columns of second moments for matrices. Otherwise one for each element. */
  factored: boolean;
  /** Decay rate of an average of the steps, with a slot of the parameter's size; 0 for none. */
  momentum: number;
  /** Weight decay without lr, as in Optax. */
  fixedDecay: boolean;
}
type Context = StepContext<AdafactorHyper, Counted>;

const adafactorDirection: Twin = (n, _p, g, [v, u], [gradScale, beta2, oneMinusBeta2, epsSquare, epsInMax]) => {
  for (let i = 0; i < n; i++) {
    const grad = mul(gradScale, g[i]);
    const square = add(mul(beta2, v[i]), mul(oneMinusBeta2, add(mul(grad, grad), epsSquare)));
    v[i] = square;
    u[i] = div(grad, pmax(epsInMax, sqrt(square)));
  }
};

const adafactorTwin: Twin = (n, p, _g, [u], [_gradScale, decayFactor, stepSize]) => {
  for (let i = 0; i < n; i++) {
    p[i] = sub(mul(decayFactor, p[i]), mul(stepSize, u[i]));
  }
};

const adafactorMomentum: Twin = (n, p, _g, [m, u], [_gradScale, decayFactor, stepSize, momentum]) => {
  for (let i = 0; i < n; i++) {
    const mean = add(mul(momentum, m[i]), mul(stepSize, u[i]));
    m[i] = mean;
    p[i] = sub(mul(decayFactor, p[i]), mean);
  }
};

// Their binary comes first in the rule's `binaries`: it is loaded with the update kernels, and a step takes no memory for it.
const kernelsOf = /* @__PURE__ */ perEngine(adafactorRows, [rowsBinary], adafactorPartitions);

/** The part of a tensor that starts `offset` elements in. */
const from = ({ engine, place }: Tensor, offset: number): Ref =>
  offset === 0 ? place.ref : engine.implementation.at(place.ref, offset, place.length - offset);

/** ε₁ as PyTorch has it by default, the machine epsilon of f32, or as the paper has it. */
const eps1Of = ({ eps: [first], variant }: AdafactorHyper): number => first ?? (variant === "paper" ? 1e-30 : 2 ** -23);
const isFactored = ({ factored }: AdafactorHyper, shape: Shape): boolean => factored && shape.length > 1;
/** A tensor of more dimensions is matrices, of the last two. */
const splitOf = (shape: Shape): [batch: number, rows: number, columns: number] => [
  sizeOf(shape.slice(0, -2)),
  shape[shape.length - 2],
  shape[shape.length - 1],
];

/**
 * Adafactor: Adam without momentum whose second moment is a number for each row and each column of a matrix, with steps
 * relative to the size of the parameters. For models whose optimizer state would not fit.
 *
 * ```
 * β₂ = 1 - t^beta2Decay,  ρ = min(lr, 1/√t)       relativeStep: false: ρ = lr
 * R = β₂R + (1 - β₂) mean of g² over each row,  C likewise over each column
 * V = R C / max(mean of R, ε₁)                     vectors: V = β₂V + (1 - β₂) g²
 * u = g / √max(V, ε₁²)                             variant "paper": g² + ε₁ in place of g², and nothing is clamped
 * u = u / max(1, RMS(u) / d)
 * θ = (1 - lr λ) θ - ρ max(ε₂, RMS(θ)) u           scaleParameter: false: θ = (1 - lr λ) θ - ρ u
 *
 * Folded:
 * u = g min(1/ε₁, a b)                             a = 1/√(R / mean of R) of the row, b = 1/√C of the column, so that no
 *                                                  element takes a root or a quotient
 * ```
 * RMS is the root mean square of a tensor. The slots are `rowVar` and `colVar`, for vectors `variance`; a tensor of more
 * than two dimensions is matrices, of the last two. With `momentum` the step is an average of steps, μm + (1 - μ) step, in
 * `expAvg`. Optax's form is variant "paper" with `relativeStep: false`, `fixedDecay: true` and its lr, but that it factors
 * the two largest dimensions, from 128 on: set `factored: false` for a group of small ones. Sums of a row or a column are
 * f32, norms f64. Weight decay is decoupled. Throws a RangeError for negative lr, eps or weightDecay, a d below 1, a
 * beta2Decay above 0 and a momentum outside [0, 1).
 *
 * Shazeer & Stern, Adafactor: adaptive learning rates with sublinear memory cost, ICML 2018, algorithms 4 and 5.
 *
 * @example
 * const opt = adafactor(model.parameters(), { lr: 0.01 });
 */
export const adafactor = /* @__PURE__ */ optimizer<AdafactorHyper, Counted>({
  name: "adafactor",
  paper: "Shazeer & Stern 2018",
  follows: "PyTorch",
  hyper: {
    ...{ lr: 0.01, beta2Decay: -0.8, eps: [null, 1e-3], d: 1, weightDecay: 0, variant: "pytorch", relativeStep: true },
    ...{ scaleParameter: true, factored: true, momentum: 0, fixedDecay: false },
  },
  check(h) {
    checkNonNegative("lr", h.lr);
    checkNumber("beta2Decay", h.beta2Decay, "a finite number ≤ 0", (x) => x <= 0);
    const { eps } = h;
    if (!Array.isArray(eps)) throw typeError("eps", "a pair of numbers", eps);
    if (eps.length !== 2) throw rangeError("eps", "a pair of numbers", eps);
    if (eps[0] !== null) checkNonNegative("eps[0]", eps[0]);
    checkNonNegative("eps[1]", eps[1]);
    checkNumber("d", h.d, "a finite number ≥ 1", (x) => x >= 1);
    checkNonNegative("weightDecay", h.weightDecay);
    checkOneOf("variant", h.variant, ["pytorch", "paper"]);
    checkBoolean("relativeStep", h.relativeStep);
    checkBoolean("scaleParameter", h.scaleParameter);
    checkBoolean("factored", h.factored);
    checkRate("momentum", h.momentum);
    checkBoolean("fixedDecay", h.fixedDecay);
  },
  slots(h, shape): Record<string, Shape> {
    const last = shape.length - 1;
    const average = h.momentum === 0 ? {} : { expAvg: shape };
    if (!isFactored(h, shape)) return { variance: shape, ...average };
    return { rowVar: shape.slice(0, last), colVar: [...shape.slice(0, last - 1), shape[last]], ...average };
  },
  scratch(h, shape): Record<string, Shape> {
    if (!isFactored(h, shape)) return { update: shape };
    const [batch, rows, columns] = splitOf(shape);
    const [forRows, forColumns]: Shape[] = [[batch * rows], [batch * columns]];
    return { rowSums: forRows, rowRoots: forRows, columnSums: forColumns, columnRoots: forColumns, scalars: [5] };
  },
  // Where ε₁ is smaller, averages below 2^-100 still matter; the paper's ε₁ keeps them above that.
  averages: (h) => (h.variant === "pytorch" && eps1Of(h) >= 2 ** -50 ? ["rowVar", "colVar", "variance", "expAvg"] : []),
  state: () => ({ steps: 0 }),
  step(c) {
    const t = ++c.state.steps;
    const weight = pow(t, c.hyper.beta2Decay);
    for (const member of c.tensors) {
      if (isFactored(c.hyper, member.p.shape)) stepMatrix(c, member, t, weight);
      else stepVector(c, member, t, weight);
    }
    return undefined;
  },
  binaries: [rowsBinary, binary],
  kernels: { adafactorDirection, adafactor: adafactorTwin, adafactorMomentum },
});

/** 1 - lr λ, and ρ max(ε₂, RMS(θ)) over max(1, RMS(u) / d), given ‖u‖. */
function factorsOf({ ops, hyper: h }: Context, p: Tensor, t: number, updateNorm: number): [number, number] {
  const root = Math.sqrt(p.size);
  const step = h.relativeStep ? Math.min(h.lr, 1 / Math.sqrt(t)) : h.lr;
  const scale = h.scaleParameter ? Math.max(h.eps[1], ops.norm(p) / root) : 1;
  const alpha = (step * scale) / Math.max(1, updateNorm / (root * h.d));
  return [1 - (h.fixedDecay ? 1 : h.lr) * h.weightDecay, (1 - h.momentum) * alpha];
}

function stepVector(c: Context, { p, g, slots }: Member, t: number, oneMinusBeta2: number): void {
  const { hyper: h } = c;
  const { variance, expAvg } = slots;
  const beta2 = 1 - oneMinusBeta2;
  const paper = h.variant === "paper";
  const epsSquare = paper ? eps1Of(h) : 0;
  // Above 0, so that a gradient of 0 moves nothing without ε.
  const epsInMax = Math.max(paper ? 0 : eps1Of(h), 2 ** -126);
  const u = c.scratch("update", p.shape);
  c.run("adafactorDirection", [beta2, oneMinusBeta2, epsSquare, epsInMax], { p, g, slots: { variance } }, [u]);
  const [decayFactor, stepSize] = factorsOf(c, p, t, c.ops.norm(u));
  const { momentum } = h;
  if (expAvg) c.run("adafactorMomentum", [decayFactor, stepSize, momentum], { p, g, slots: { expAvg } }, [u]);
  else c.run("adafactor", [decayFactor, stepSize], { p, g, slots: {} }, [u]);
}

function stepMatrix(c: Context, { p, g, slots }: Member, t: number, weight: number): void {
  const { hyper: h, ops, gradScale } = c;
  const { rowVar, colVar, expAvg } = slots;
  const paper = h.variant === "paper";
  const eps1 = eps1Of(h);
  const [batch, rows, columns] = splitOf(p.shape);
  const kernels = kernelsOf(p.engine);
  const [rowSums, rowRoots] = [c.scratch("rowSums", [batch * rows]), c.scratch("rowRoots", [batch * rows])];
  const [columnSums, columnRoots] = [
    c.scratch("columnSums", [batch * columns]),
    c.scratch("columnRoots", [batch * columns]),
  ];
  for (let b = 0; b < batch; b++) {
    const [to, across] = [from(rowSums, b * rows), from(columnSums, b * columns)];
    kernels.factoredSums(rows, columns, from(g, b * rows * columns), to, across, gradScale);
  }
  kernels.factoredMeans(rowVar.size, rowSums.ref, rowVar.ref, 1 / columns, paper ? eps1 : 0, 1 - weight, weight);
  kernels.factoredMeans(colVar.size, columnSums.ref, colVar.ref, 1 / rows, paper ? eps1 : 0, 1 - weight, weight);
  kernels.factoredRoots(colVar.size, colVar.ref, columnRoots.ref, 1);
  for (let b = 0; b < batch; b++) {
    const mean = meanOf(rowVar, b * rows, rows);
    // A mean that has overflown makes no step: each root is 0 then.
    const scale = Number.isFinite(mean) ? Math.min(1 / Math.max(mean, paper ? 0 : eps1), LARGEST) : LARGEST;
    kernels.factoredRoots(rows, from(rowVar, b * rows), from(rowRoots, b * rows), scale);
  }
  const scalars = c.scratch("scalars", [5]);
  const given = scalars.data;
  given[0] = gradScale;
  // Finite, so that a gradient of 0 moves nothing without ε.
  given[1] = paper ? LARGEST : Math.min(1 / eps1, LARGEST);
  for (let b = 0; b < batch; b++) {
    const [down, across] = [from(rowRoots, b * rows), from(columnRoots, b * columns)];
    const at = from(g, b * rows * columns);
    kernels.factoredSquares(rows, columns, at, down, across, from(rowSums, b * rows), scalars.ref);
  }
  const [decayFactor, stepSize] = factorsOf(c, p, t, Math.sqrt(ops.sum(rowSums)));
  given[2] = decayFactor;
  given[3] = stepSize;
  given[4] = h.momentum;
  for (let b = 0; b < batch; b++) {
    const [down, across] = [from(rowRoots, b * rows), from(columnRoots, b * columns)];
    const offset = b * rows * columns;
    const [theta, grad] = [from(p, offset), from(g, offset)];
    if (expAvg) {
      const m = from(expAvg, offset);
      kernels.factoredMomentum(rows, columns, theta, grad, m, down, across, scalars.ref);
    } else kernels.factoredStep(rows, columns, theta, grad, down, across, scalars.ref);
  }
}

/** The mean of `count` numbers of a tensor, in f64. */
const meanOf = ({ engine, place }: Tensor, offset: number, count: number): number =>
  engine.kernels.sum(count, offset === 0 ? place.ref : engine.implementation.at(place.ref, offset, count)) / count;

/** Settings for tests and benches. */
export const trials: Trials<AdafactorHyper> = {
  variants: {
    "": {},
    "decay, momentum": { lr: 0.05, weightDecay: 0.1, momentum: 0.9, d: 2, beta2Decay: -0.5 },
    paper: { lr: 0.05, variant: "paper", relativeStep: false, fixedDecay: true, weightDecay: 0.01 },
    "not factored": { lr: 0.05, factored: false, scaleParameter: false, eps: [1e-6, 1e-3] },
  },
  descend: {
    bowl: { lr: 0.1, scaleParameter: false },
    ravine: { lr: 0.1, scaleParameter: false },
    rosenbrock: { lr: 0.02, scaleParameter: false, relativeStep: false, momentum: 0.9 },
  },
};
