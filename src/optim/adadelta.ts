import { checkNonNegative, checkNumber } from "../check.js";
import type { Twin } from "../engine/backend.js";
import binary from "../engine/wasm/binaries/optim/adadelta.js";
import { add, div, mul, plus, sqrt, sub } from "../math/f32.js";
import type { Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";
import { rootShare } from "./shared/foldedScalars.js";

/** Hyperparameters of {@link adadelta}. */
export interface AdadeltaHyper {
  /** Multiplies the update. The paper has no learning rate: 1. */
  lr: number;
  /** Decay rate of both averages, of g² and of the squared updates. */
  rho: number;
  /** Added inside both roots. √ε is the size of the first steps. */
  eps: number;
  /** L2: λθ is added to the gradient. */
  weightDecay: number;
}

/** The root of the ratio and not the ratio of two roots: one rounding and one slow instruction less. */
const adadeltaTwin: Twin = (n, p, g, [s, d], [gradScale, scaledL2, rho, sqrtOneMinusRho, epsSquare, foldedLr]) => {
  const rootScale = mul(gradScale, sqrtOneMinusRho);
  for (let i = 0; i < n; i++) {
    const theta = p[i];
    const rootedGrad = plus(mul(rootScale, g[i]), scaledL2, theta);
    const square = add(mul(rho, s[i]), mul(rootedGrad, rootedGrad));
    const updateSquare = d[i];
    // Times 2^32 within the root, as the quotient of a small and a very large number would have few digits left.
    const farRatio = div(mul(add(updateSquare, epsSquare), 2 ** 32), add(square, epsSquare));
    const rootedUpdate = mul(mul(sqrt(farRatio), rootedGrad), 2 ** -16);
    s[i] = square;
    d[i] = add(mul(rho, updateSquare), mul(rootedUpdate, rootedUpdate));
    p[i] = sub(theta, mul(foldedLr, rootedUpdate));
  }
};

/**
 * Adadelta: the root mean square of past updates takes the place of the learning rate, so that a step has the unit of
 * the parameters.
 *
 * ```
 * g = g + λθ
 * s = ρs + (1 - ρ) g²
 * u = √(d + ε) / √(s + ε) g        with d from before this step
 * d = ρd + (1 - ρ) u²
 * θ = θ - lr u
 *
 * Folded:
 * r = √(1 - ρ) g + √(1 - ρ) λ θ                rootedGrad, with scaledL2 = √(1 - ρ) λ
 * s = ρs + r²
 * q = √((d + ε) / (s + ε)) r                   rootedUpdate √(1 - ρ) u
 * d = ρd + q²
 * θ = θ - lr / √(1 - ρ) q                      foldedLr = lr / √(1 - ρ)
 * ```
 * Weight decay is L2. Throws a RangeError for a negative lr, eps or weightDecay, and for rho outside [0, 1]. PyTorch,
 * Keras and Optax compute the same; Keras has `{ lr: 1e-3, rho: 0.95, eps: 1e-7 }`, the paper `{ rho: 0.95 }`.
 *
 * Zeiler, ADADELTA: an adaptive learning rate method, 2012, algorithm 1.
 *
 * @example
 * const opt = adadelta(model.parameters());
 */
export const adadelta = /* @__PURE__ */ optimizer<AdadeltaHyper, object>({
  name: "adadelta",
  paper: "Zeiler 2012",
  follows: "PyTorch",
  hyper: { lr: 1, rho: 0.9, eps: 1e-6, weightDecay: 0 },
  check({ lr, rho, eps, weightDecay }) {
    checkNonNegative("lr", lr);
    checkNumber("rho", rho, "a number in [0, 1]", (x) => x >= 0 && x <= 1);
    checkNonNegative("eps", eps);
    checkNonNegative("weightDecay", weightDecay);
  },
  slots: (_, shape) => ({ squareAvg: shape, accDelta: shape }),
  averages: () => ["squareAvg", "accDelta"],
  prepare({ lr, rho, eps, weightDecay }, _s, _t, pass) {
    const sqrtOneMinusRho = rootShare(1 - rho);
    const scaledL2 = sqrtOneMinusRho * weightDecay;
    const epsSquare = eps;
    const foldedLr = lr / sqrtOneMinusRho;
    pass.kernel = "adadelta";
    pass.scalars(scaledL2, rho, sqrtOneMinusRho, epsSquare, foldedLr);
  },
  binaries: [binary],
  kernels: { adadelta: adadeltaTwin },
});

/** Settings for tests and benches. */
export const trials: Trials<AdadeltaHyper> = {
  variants: {
    "": {},
    decay: { lr: 0.5, rho: 0.95, eps: 1e-4, weightDecay: 0.1 },
  },
  descend: { bowl: { lr: 10 }, ravine: { lr: 10 }, rosenbrock: { lr: 1, rho: 0.99 } },
};
