import { checkNonNegative } from "../check.js";
import type { Twin } from "../engine/backend.js";
import binary from "../engine/wasm/binaries/optim/fromage.js";
import { mul, sub } from "../math/f32.js";
import type { Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";
import { gradNorm, trustRatio, unitOf } from "./shared/layerwise.js";

/** Hyperparameters of {@link fromage}. */
export interface FromageHyper {
  /** Learning rate: how far a tensor moves in a step, as a share of its norm. */
  lr: number;
  /** Norms below this count as this; Optax has 1e-6. */
  minNorm: number;
}

const fromageTwin: Twin = (n, p, g, _slots, [gradScale, gradUnit, unitWeight, decayFactor]) => {
  const scale = mul(gradScale, gradUnit);
  for (let i = 0; i < n; i++) {
    p[i] = sub(mul(decayFactor, p[i]), mul(unitWeight, mul(scale, g[i])));
  }
};

/**
 * Fromage: each tensor moves along its gradient by lr times its norm, and is shortened so that it does not grow with
 * steps at right angles.
 *
 * ```
 * θ = (θ - lr g ‖θ‖ / ‖g‖) / √(1 + lr²)           θ - lr g in the brackets where a norm is 0
 *
 * Folded:
 * θ = K θ - W (2^k g)                             decayFactor K = 1 / √(1 + lr²), gradUnit 2^k, near 1 / ‖g‖, and
 *                                                 unitWeight W = K lr ‖θ‖ / ‖g‖ / 2^k
 * ```
 * Norms are of each tensor, in f64. It has no state, and no weight decay. The bound on the norm of parameters that the
 * authors' code has as an option (`p_bound`) is not offered. Throws a RangeError for a negative lr or minNorm.
 *
 * Bernstein et al., On the distance between two neural networks and the stability of learning, NeurIPS 2020, algorithm 1.
 *
 * @example
 * const opt = fromage(model.parameters(), { lr: 0.01 });
 */
export const fromage = /* @__PURE__ */ optimizer<FromageHyper, object>({
  name: "fromage",
  paper: "Bernstein et al. 2020",
  follows: "authors",
  hyper: { lr: 0.01, minNorm: 0 },
  check({ lr, minNorm }) {
    checkNonNegative("lr", lr);
    checkNonNegative("minNorm", minNorm);
  },
  slots: () => ({}),
  step(c) {
    const { lr, minNorm } = c.hyper;
    const decayFactor = 1 / Math.sqrt(1 + lr * lr);
    for (const member of c.tensors) {
      const paramNorm = Math.max(c.ops.norm(member.p), minNorm);
      const norm = Math.max(gradNorm(c, member), minNorm);
      const gradUnit = unitOf(norm);
      const unitWeight = (decayFactor * lr * trustRatio(paramNorm, norm, paramNorm / norm)) / gradUnit;
      c.run("fromage", [gradUnit, unitWeight, decayFactor], member);
    }
    return undefined;
  },
  binaries: [binary],
  kernels: { fromage: fromageTwin },
});

/** Settings for tests and benches. */
export const trials: Trials<FromageHyper> = {
  variants: { "": {}, "least norm": { lr: 0.1, minNorm: 1e-6 } },
  descend: { bowl: { lr: 0.02 }, ravine: { lr: 0.02 }, rosenbrock: { lr: 0.005 } },
};
