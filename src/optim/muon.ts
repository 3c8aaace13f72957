import {
  checkBoolean,
  checkNonNegative,
  checkNumber,
  checkOneOf,
  checkRate,
  checkWhole,
  rangeError,
} from "../check.js";
import type { Twin } from "../engine/backend.js";
import { type Shape, sizeOf, type Tensor } from "../engine/tensor.js";
import binary from "../engine/wasm/binaries/optim/muon.js";
import { add, LARGEST, mul, sub } from "../math/f32.js";
import type { StepContext, Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";
import { checkTriple } from "./shared/checks.js";

/** Hyperparameters of {@link muon}. */
export interface MuonHyper {
  /** Learning rate. */
  lr: number;
  /** Decoupled: θ is multiplied by 1 - lr λ before the step, with lr as it is given. */
  weightDecay: number;
  /** μ, the decay rate of the mean of gradients. */
  momentum: number;
  /** Orthogonalizes μ b + (1 - μ) g in place of b. */
  nesterov: boolean;
  /** a, b and c of the Newton–Schulz steps. */
  nsCoefficients: readonly [number, number, number];
  /** Least norm that a matrix is divided by before them. */
  eps: number;
  /** Newton–Schulz steps, 1 to 99. */
  nsSteps: number;
  /** "original": lr √max(1, out / in); "matchRmsAdamw": 0.2 lr √max(in, out), with which rates of AdamW fit. */
  adjustLrFn: "original" | "matchRmsAdamw";
}

const muonDirection: Twin = (
  n,
  _p,
  g,
  [buffer, x],
  [gradScale, momentum, oneMinusMomentum, bufferWeight, gradWeight],
) => {
  for (let i = 0; i < n; i++) {
    const grad = mul(gradScale, g[i]);
    const mean = add(mul(momentum, buffer[i]), mul(oneMinusMomentum, grad));
    buffer[i] = mean;
    x[i] = add(mul(bufferWeight, mean), mul(gradWeight, grad));
  }
};

const muonTwin: Twin = (n, p, _g, [, x], [_gradScale, decayFactor, stepSize]) => {
  for (let i = 0; i < n; i++) {
    p[i] = sub(mul(decayFactor, p[i]), mul(stepSize, x[i]));
  }
};

/**
 * Muon: momentum whose singular values are all brought near 1, by Newton–Schulz steps on the matrix product. For the
 * weights of hidden layers; give biases, gains, and often the first and the last layer to `adamw` beside it, as
 * `muonWith` does.
 *
 * ```
 * b = μ b + (1 - μ) g
 * X = μ b + (1 - μ) g                      (without nesterov: b)
 * X = X / max(‖X‖, ε)                      the Frobenius norm
 * X = a X + (b A + c A²) X, A = X Xᵀ       nsSteps times; of a matrix of more rows than columns, of its transpose
 * θ = θ - lr λ θ
 * θ = θ - lr s X                           s = √max(1, out / in), or 0.2 √max(in, out) for "matchRmsAdamw"
 * ```
 * Five steps do not make X orthogonal: they leave its singular values between about 0.7 and 1.2, and very small ones below.
 * Matrices are [in, out] here, as `dense` keeps its weights, and [out, in] in PyTorch; s is the same for both. The whole
 * computation is f32, where PyTorch's steps are bfloat16. Weight decay is decoupled. Throws a RangeError for parameters
 * that are not matrices, for negative lr, weightDecay or eps, momentum outside [0, 1) and nsSteps outside 1 to 99.
 *
 * A step of an n × m matrix, n ≤ m, takes nsSteps (4n²m + 2n³) operations: for 128 × 128 1.4 ms, for 512 × 512 0.2 s (4 GFLOP,
 * on a busy machine), for 2048 × 2048 260 GFLOP. Batches should be large enough that the passes cost as much. 1e-3 is PyTorch's
 * lr; a small network wants the authors' 0.02, or 0.01 to 0.1 with "matchRmsAdamw".
 *
 * Jordan et al., Muon: an optimizer for hidden layers in neural networks, 2024; Liu et al., Muon is scalable for LLM
 * training, 2025, for "matchRmsAdamw" and weight decay. As in PyTorch 2.9.
 *
 * @example
 * const opt = muon(model.parameters().filter(({ shape }) => shape.length === 2), { lr: 0.02 });
 */
export const muon = /* @__PURE__ */ optimizer<MuonHyper, object>({
  name: "muon",
  paper: "Jordan et al. 2024",
  follows: "PyTorch",
  hyper: {
    lr: 1e-3,
    weightDecay: 0.1,
    momentum: 0.95,
    nesterov: true,
    nsCoefficients: [3.4445, -4.775, 2.0315],
    eps: 1e-7,
    nsSteps: 5,
    adjustLrFn: "original",
  },
  check({ lr, weightDecay, momentum, nesterov, nsCoefficients, eps, nsSteps, adjustLrFn }) {
    checkNonNegative("lr", lr);
    checkNonNegative("weightDecay", weightDecay);
    checkRate("momentum", momentum);
    checkBoolean("nesterov", nesterov);
    checkTriple("nsCoefficients", nsCoefficients, checkFinite);
    checkNonNegative("eps", eps);
    checkWhole("nsSteps", nsSteps);
    if (nsSteps >= 100) throw rangeError("nsSteps", "a whole number < 100", nsSteps);
    checkOneOf("adjustLrFn", adjustLrFn, ["original", "matchRmsAdamw"]);
  },
  checkShape(name, shape) {
    const expected = "a matrix, which is all that muon takes (give the others to adamw beside it: muonWith does)";
    if (shape.length !== 2) throw rangeError(name, expected, shape);
  },
  slots: (_, shape) => ({ momentumBuffer: shape }),
  averages: () => ["momentumBuffer"],
  scratch: (_, shape) => ({ x: shape, y: shape, gram: gramOf(shape) }),
  reserve(engine, _, shape) {
    const { rows, columns, least } = extentsOf(shape);
    const wide = rows <= columns;
    engine.reserve(!wide, wide, least, least, Math.max(rows, columns), false);
    engine.reserve(false, false, least, least, least, false);
    engine.reserve(false, false, rows, columns, least, false);
  },
  step(c) {
    const { lr, weightDecay, momentum, nesterov, eps, adjustLrFn } = c.hyper;
    const oneMinusMomentum = 1 - momentum;
    const bufferWeight = nesterov ? momentum : 1;
    const gradWeight = nesterov ? oneMinusMomentum : 0;
    const decayFactor = 1 - lr * weightDecay;
    for (const member of c.tensors) {
      const { shape } = member.p;
      const { rows, columns } = extentsOf(shape);
      const x = c.scratch("x", shape);
      c.run("muonDirection", [momentum, oneMinusMomentum, bufferWeight, gradWeight], member, [x]);
      // Finite in f32, as infinity times 0 would be NaN: for an eps below 2^-128.
      c.ops.scale(x, Math.min(1 / Math.max(c.ops.norm(x), eps), LARGEST));
      const direction = newtonSchulz(c, shape, x);
      const factor =
        adjustLrFn === "original" ? Math.sqrt(Math.max(1, columns / rows)) : 0.2 * Math.sqrt(Math.max(rows, columns));
      const stepSize = lr * factor;
      c.run("muon", [decayFactor, stepSize], member, [direction]);
    }
    return undefined;
  },
  binaries: [binary],
  kernels: { muonDirection, muon: muonTwin },
});

/** Settings for tests and benches. */
export const trials: Trials<MuonHyper> = {
  variants: {
    "": {},
    "as AdamW": { lr: 0.02, adjustLrFn: "matchRmsAdamw" },
    "without nesterov": { lr: 0.02, nesterov: false, weightDecay: 0 },
    "three steps": { lr: 0.02, nsSteps: 3, momentum: 0.9 },
  },
  descend: {
    bowl: { lr: 0.1, weightDecay: 0 },
    ravine: { lr: 0.1, weightDecay: 0 },
    rosenbrock: { lr: 0.02, weightDecay: 0 },
  },
};

/**
 * Runs the Newton–Schulz steps from x; returns where the result is. Sides need no transpose: (Xᵀ)ᵀ(b A + c A²) is the same
 * product from the other side. A, A² and the polynomial are symmetric to the bit, as products commute and sums go in one
 * order, but the matrix product has no form that computes a triangle alone, which would save a third.
 */
function newtonSchulz({ engine, hyper, scratch }: StepContext<MuonHyper, object>, shape: Shape, from: Tensor): Tensor {
  const { nsCoefficients, nsSteps } = hyper;
  const { kernels } = engine;
  const { rows, columns, least } = extentsOf(shape);
  const wide = rows <= columns;
  const gram = scratch("gram", gramOf(shape));
  const extent = gram.place.length;
  let x = from;
  let y = scratch("y", shape);
  for (let i = 0; i < nsSteps; i++) {
    engine.product(!wide, wide, least, least, Math.max(rows, columns), x.ref, x.ref, gram.ref, false);
    // A² has room in y, which is not in use yet.
    engine.product(false, false, least, least, least, gram.ref, gram.ref, y.ref, false);
    kernels.scale(extent, gram.ref, nsCoefficients[1]);
    kernels.axpy(extent, y.ref, gram.ref, nsCoefficients[2]);
    const [left, right] = wide ? [gram, x] : [x, gram];
    engine.product(false, false, rows, columns, least, left.ref, right.ref, y.ref, false);
    kernels.axpy(x.place.length, x.ref, y.ref, nsCoefficients[0]);
    [x, y] = [y, x];
  }
  return x;
}

interface Extents {
  rows: number;
  columns: number;
  least: number;
}
/** A vector, which tests of rules in general have, counts as one row. */
function extentsOf(shape: Shape): Extents {
  const rows = shape.length < 2 ? 1 : shape[0];
  const columns = sizeOf(shape) / rows;
  return { rows, columns, least: Math.min(rows, columns) };
}
function gramOf(shape: Shape): Shape {
  const { least } = extentsOf(shape);
  return [least, least];
}
const checkFinite = (name: string, x: unknown): void => checkNumber(name, x, "a finite number", () => true);
