import { checkBoolean, checkNonNegative, checkRate, checkWhole } from "../check.js";
import type { Twin } from "../engine/backend.js";
import type { Shape, Tensor } from "../engine/tensor.js";
import binary from "../engine/wasm/binaries/optim/soap.js";
import { eigenKernels } from "../linalg/eigen.js";
import { gramKernels, panels } from "../linalg/gram.js";
import { modeKernels } from "../linalg/modes.js";
import { qrKernels } from "../linalg/qr.js";
import { add, div, mul, sqrt } from "../math/f32.js";
import type { Counted, Member, StepContext, Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";
import { checkPair } from "./shared/checks.js";
import { counted } from "./shared/failures.js";
import { alongSide, reserveAlongSide, type Side, sidesOf } from "./shared/sides.js";
import { eigenbasis, refreshed } from "./soap/eigenbasis.js";

/** Hyperparameters of {@link soap}. */
export interface SoapHyper {
  /** Learning rate. */
  lr: number;
  /** Decay rates of the first and second moment. */
  betas: readonly [number, number];
  /** Decay rate of the statistics; null for betas[1]. */
  shampooBeta: number | null;
  /** Added to the root of the second moment. */
  eps: number;
  /** Decoupled: θ is multiplied by 1 - lr λ after the step. */
  weightDecay: number;
  /** Steps from one refresh of the bases to the next. */
  preconditionFrequency: number;
  /** A dimension above this keeps its own axes. */
  maxPreconditionerDim: number;
  /** Gives parameters of one dimension a basis too; otherwise they take Adam's step. */
  precondition1d: boolean;
  /** Corrects the bias of both moments. */
  correctBias: boolean;
}

/** β₁^t and β₂^t as running products: `Math.pow` differs between engines. */
export interface SoapState extends Counted {
  beta1Power: number;
  beta2Power: number;
}

type Context = StepContext<SoapHyper, SoapState>;

const soapTwin: Twin = (n, _p, _g, [m, v, u], [_gradScale, beta1, oneMinusBeta1, beta2, oneMinusBeta2, eps]) => {
  for (let i = 0; i < n; i++) {
    const grad = u[i];
    const mean = add(mul(beta1, m[i]), mul(oneMinusBeta1, grad));
    const square = add(mul(beta2, v[i]), mul(oneMinusBeta2, mul(grad, grad)));
    m[i] = mean;
    v[i] = square;
    u[i] = div(mean, add(sqrt(square), eps));
  }
};

/** The dimensions that have a basis. The names of their slots count all dimensions. */
const based = (h: SoapHyper, shape: Shape): readonly (readonly [i: number, side: Side])[] =>
  shape.length === 1 && !h.precondition1d
    ? []
    : [...sidesOf(shape).entries()].filter(([, { n }]) => !(n > h.maxPreconditionerDim));

/**
 * SOAP: Adam in the eigenbasis of Shampoo's statistics. The gradient of a matrix is turned into the eigenvectors of the
 * averages of GGᵀ and GᵀG, Adam works there, and its step is turned back. The basis is refreshed now and then; the moments
 * follow the gradient at every step.
 *
 * ```
 * first step:  Lᵢ = (1 - β) Gᵢ Gᵢᵀ;  Qᵢ: its eigenvectors, the largest eigenvalue first;  θ stays
 * g' = g turned by Qᵢᵀ along every dimension i
 * m = β₁m + (1 - β₁) g',  v = β₂v + (1 - β₂) g'²
 * u = m / (√v + ε) turned back by Qᵢ
 * θ = θ - lr √(1 - β₂^t) / (1 - β₁^t) u            t counts from the second step
 * θ = θ - lr λ θ
 * Lᵢ = βLᵢ + (1 - β) Gᵢ Gᵢᵀ                        Gᵢ: a row for each index of dimension i;  β = shampooBeta
 * Qᵢ = qr(Lᵢ Qᵢ)                                   every preconditionFrequency steps: one step of power iteration, columns
 *                                                  in the order of their eigenvalues; v goes along, m is turned
 * ```
 * Parameters of one dimension take Adam's step in their own axes, unless `precondition1d`, and so does a dimension above
 * `maxPreconditionerDim`. Statistics and bases are f64; the basis is rounded to f32, and multiplies there. A statistic that
 * is not finite leaves the basis as it is, and is counted in `opt.report.failed`. The authors' options to
 * merge dimensions and to normalise steps are not offered.
 *
 * A step of a 512 × 512 matrix takes 50 to 80 ms, 0.4 s with a refresh, and the first one, which only finds the basis, 0.3 to
 * 0.7 s; of a 1024 × 1024 matrix the first takes 3.4 s (on a busy machine). Above that set a `maxPreconditionerDim`: the authors'
 * 10000 is no limit in practice. On digits (64-64-10) a loss of 0.05 takes 140 steps at batch 32 (lr 0.01) and 36 at 256 (0.03),
 * medians of three seeds.
 *
 * Weight decay is decoupled. Memory: 16 bytes for each element of an n × n statistic. Throws a RangeError for negative lr,
 * eps or weightDecay, for betas and shampooBeta outside [0, 1), and for a preconditionFrequency or maxPreconditionerDim that is no
 * whole number ≥ 1.
 *
 * Vyas et al., SOAP: improving and stabilizing Shampoo using Adam, 2024, algorithm 3, and the authors' code.
 *
 * @example
 * const opt = soap(model.parameters(), { lr: 3e-3, weightDecay: 0.01 });
 */
export const soap = /* @__PURE__ */ optimizer<SoapHyper, SoapState>({
  name: "soap",
  paper: "Vyas et al. 2024",
  follows: "authors",
  hyper: {
    lr: 3e-3,
    betas: [0.95, 0.95],
    shampooBeta: null,
    eps: 1e-8,
    weightDecay: 0.01,
    preconditionFrequency: 10,
    maxPreconditionerDim: 10000,
    precondition1d: false,
    correctBias: true,
  },
  check({ lr, betas, shampooBeta, eps, weightDecay, ...h }) {
    checkNonNegative("lr", lr);
    checkPair("betas", betas, checkRate);
    if (shampooBeta !== null) checkRate("shampooBeta", shampooBeta);
    checkNonNegative("eps", eps);
    checkNonNegative("weightDecay", weightDecay);
    checkWhole("preconditionFrequency", h.preconditionFrequency);
    checkWhole("maxPreconditionerDim", h.maxPreconditionerDim);
    checkBoolean("precondition1d", h.precondition1d);
    checkBoolean("correctBias", h.correctBias);
  },
  slots: (_, shape) => ({ expAvg: shape, expAvgSq: shape }),
  doubles: (h, shape) =>
    Object.assign(
      {},
      ...based(h, shape).map(([i, { n }]) => ({
        ...{ [`statistic${i}`]: [n, n], [`basis${i}`]: [n, n], failed: [1] },
      })),
    ),
  scratch: (h, shape) => ({
    ...{ update: shape, product: shape },
    ...Object.assign({}, ...based(h, shape).map(([, { n }]) => ({ [`basis ${n}`]: [n, n] }))),
  }),
  scratchDoubles: (h, shape) =>
    Object.assign(
      {},
      ...based(h, shape).map(([, { before, n, after }]) => ({
        ...{ [`matrix ${n}`]: [n, n], [`vectors ${n}`]: [n, n], [`values ${n}`]: [2 * n] },
        [`gradients ${before * after} ${n}`]: [panels(before * after, n)],
      })),
    ),
  reserve(engine, h, shape) {
    for (const [, side] of based(h, shape)) for (const back of [false, true]) reserveAlongSide(engine, side, back);
    for (const load of [eigenKernels, gramKernels, modeKernels, qrKernels]) load(engine);
  },
  averages: () => ["expAvg", "expAvgSq"],
  state: () => ({ steps: 0, beta1Power: 1, beta2Power: 1 }),
  report: (_, doubles) => ({ failed: counted(doubles, "failed") }),
  step(c) {
    const { state: s } = c;
    const [beta1, beta2] = c.hyper.betas;
    if (s.steps > 0) {
      s.beta1Power *= beta1;
      s.beta2Power *= beta2;
    }
    for (const member of c.tensors) {
      if (s.steps === 0) begin(c, member);
      else stepOf(c, member);
    }
    s.steps++;
    return undefined;
  },
  binaries: [binary],
  kernels: { soap: soapTwin },
});

/** The first step, which is skipped so that no gradient is projected onto a basis that comes from it alone. */
function begin(c: Context, member: Member): void {
  const u = gradient(c, member);
  for (const [i, side] of based(c.hyper, member.p.shape)) {
    accumulate(c, member, i, side, u, 0);
    const { n } = side;
    const [values, matrix, vectors] = [c.scratchDoubles(`values ${n}`, [2 * n]), ...matricesOf(c, n)];
    if (!eigenbasis(c.engine, n, member.doubles[`statistic${i}`], member.doubles[`basis${i}`], values, matrix, vectors))
      member.doubles.failed.data[0]++;
  }
}

function stepOf(c: Context, member: Member): void {
  const { ops, state: s } = c;
  const { lr, betas, eps, weightDecay, preconditionFrequency, correctBias } = c.hyper;
  const [beta1, beta2] = betas;
  const oneMinusBeta1 = 1 - beta1;
  const oneMinusBeta2 = 1 - beta2;
  const { p, slots } = member;
  const sides = based(c.hyper, p.shape);
  const u = turned(c, member, sides, gradient(c, member), true);
  c.run("soap", [beta1, oneMinusBeta1, beta2, oneMinusBeta2, eps], member, [u]);
  const stepSize = correctBias ? (lr * Math.sqrt(1 - s.beta2Power)) / (1 - s.beta1Power) : lr;
  ops.axpy(-stepSize, turned(c, member, sides, u, false), p);
  if (weightDecay !== 0) ops.scale(p, 1 - lr * weightDecay);
  if (sides.length === 0) return;
  const g = gradient(c, member);
  for (const [i, side] of sides) accumulate(c, member, i, side, g, c.hyper.shampooBeta ?? beta2);
  if (s.steps % preconditionFrequency !== 0) return;
  // The first moment leaves the old basis and enters the new one; the second moment keeps to its columns.
  ops.copy(slots.expAvg, g);
  const plain = turned(c, member, sides, g, false);
  for (const [i, side] of sides) {
    const { n } = side;
    const [values, matrix, vectors] = [c.scratchDoubles(`values ${n}`, [2 * n]), ...matricesOf(c, n)];
    const other = plain === c.scratch("update", p.shape) ? c.scratch("product", p.shape) : c.scratch("update", p.shape);
    const { [`statistic${i}`]: statistic, [`basis${i}`]: basis } = member.doubles;
    if (!refreshed(c.engine, side, statistic, basis, values, matrix, vectors, slots.expAvgSq, other))
      member.doubles.failed.data[0]++;
  }
  ops.copy(turned(c, member, sides, plain, true), slots.expAvg);
}

const matricesOf = (c: Context, n: number) =>
  [c.scratchDoubles(`matrix ${n}`, [n, n]), c.scratchDoubles(`vectors ${n}`, [n, n])] as const;

/** The gradient times gradScale, in working memory. */
function gradient(c: Context, { p, g }: Member): Tensor {
  const u = c.scratch("update", p.shape);
  c.ops.copy(g, u);
  if (c.gradScale !== 1) c.ops.scale(u, c.gradScale);
  return u;
}

/** x in the eigenbasis, or from it back. x and the result are the two tensors of working memory. */
function turned(
  c: Context,
  { p, doubles }: Member,
  sides: readonly (readonly [number, Side])[],
  x: Tensor,
  into: boolean,
): Tensor {
  let [from, to] = [c.scratch("update", p.shape), c.scratch("product", p.shape)];
  if (x === to) [from, to] = [to, from];
  for (const [i, side] of sides) {
    const basis = c.scratch(`basis ${side.n}`, [side.n, side.n]);
    modeKernels(c.engine).roundDoubles(basis.size, doubles[`basis${i}`].ref, basis.ref);
    alongSide(c.engine, side, basis, into, from, to);
    [from, to] = [to, from];
  }
  return from;
}

/** Takes a gradient into the statistic of one dimension. */
function accumulate(c: Context, { doubles }: Member, i: number, side: Side, g: Tensor, decay: number): void {
  const { before, n, after } = side;
  const beta = c.hyper.shampooBeta ?? c.hyper.betas[1];
  const rows = before * after;
  const work = c.scratchDoubles(`gradients ${rows} ${n}`, [panels(rows, n)]);
  const { ref } = doubles[`statistic${i}`];
  gramKernels(c.engine).gramMode(before, n, after, g.ref, work.ref, ref, decay, 1 - beta);
}

/** Settings for tests and benches. */
export const trials: Trials<SoapHyper> = {
  variants: {
    "": {},
    "every 3, one dimension": { lr: 0.01, betas: [0.9, 0.95], preconditionFrequency: 3, precondition1d: true },
    "one side": { maxPreconditionerDim: 3, shampooBeta: 0.8, correctBias: false, weightDecay: 0 },
  },
  descend: { bowl: { lr: 0.1 }, ravine: { lr: 0.1 }, rosenbrock: { lr: 0.1 } },
};
