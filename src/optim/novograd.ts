import { checkBoolean, checkNonNegative, checkRate } from "../check.js";
import type { Twin } from "../engine/backend.js";
import binary from "../engine/wasm/binaries/optim/novograd.js";
import { add, mul, plus, sub } from "../math/f32.js";
import type { Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";
import { checkPair } from "./shared/checks.js";
import { gradNorm, unitOf } from "./shared/layerwise.js";

/** Hyperparameters of {@link novograd}. */
export interface NovogradHyper {
  /** Learning rate. */
  lr: number;
  /** Decay rates of the first moment and of the squared norm. */
  betas: readonly [number, number];
  /** Added to the root of the averaged squared norm. */
  eps: number;
  /** λ of weight decay: λθ joins the first moment beside the normalised gradient. */
  weightDecay: number;
  /** Multiply what joins the first moment by 1 - β₁. */
  gradAveraging: boolean;
}

const novogradTwin: Twin = (n, p, g, [m], [gradScale, gradUnit, unitWeight, scaledL2, beta1, lr]) => {
  const scale = mul(gradScale, gradUnit);
  for (let i = 0; i < n; i++) {
    const theta = p[i];
    const weightedGrad = plus(mul(unitWeight, mul(scale, g[i])), scaledL2, theta);
    const mean = add(mul(beta1, m[i]), weightedGrad);
    m[i] = mean;
    p[i] = sub(theta, mul(lr, mean));
  }
};

/**
 * NovoGrad: Adam whose second moment is one number a tensor, the average of its squared gradient norm, and divides the
 * gradient before it joins the first moment.
 *
 * ```
 * v = ‖g‖² at the first gradient that is not 0, then β₂v + (1 - β₂) ‖g‖²
 * m = β₁m + g / (√v + ε) + λθ                     gradAveraging: m = β₁m + (1 - β₁) (g / (√v + ε) + λθ)
 * θ = θ - lr m
 *
 * Folded:
 * weightedGrad = W (2^k g) + wλθ                  gradUnit 2^k, near 1 / ‖g‖; unitWeight W = w / (√v + ε) / 2^k and
 *                                                 scaledL2 = wλ, with w = 1, or 1 - β₁
 * ```
 * Norms are of each tensor, in f64; the slot `expAvgNorm` has √v, which overflows later than v. There is no bias
 * correction. Weight decay is neither L2 nor a factor of θ: the moment averages it. Optax has betas of [0.9, 0.25]; the
 * AMSGrad of the authors' code is not offered. Throws a RangeError for negative lr, eps or weightDecay, and for betas
 * outside [0, 1).
 *
 * Ginsburg et al., Stochastic gradient methods with layer-wise adaptive moments for training of deep networks, 2019,
 * algorithm 1.
 *
 * @example
 * const opt = novograd(model.parameters(), { lr: 0.01, weightDecay: 1e-3 });
 */
export const novograd = /* @__PURE__ */ optimizer<NovogradHyper, object>({
  name: "novograd",
  paper: "Ginsburg et al. 2019",
  follows: "authors",
  hyper: { lr: 1e-3, betas: [0.95, 0.98], eps: 1e-8, weightDecay: 0, gradAveraging: false },
  check({ lr, betas, eps, weightDecay, gradAveraging }) {
    checkNonNegative("lr", lr);
    checkPair("betas", betas, checkRate);
    checkNonNegative("eps", eps);
    checkNonNegative("weightDecay", weightDecay);
    checkBoolean("gradAveraging", gradAveraging);
  },
  slots: (_, shape) => ({ expAvg: shape, expAvgNorm: [1] }),
  averages: () => ["expAvg"],
  step(c) {
    const { lr, betas, eps, weightDecay, gradAveraging } = c.hyper;
    const beta1 = betas[0];
    const beta2 = betas[1];
    const weight = gradAveraging ? 1 - beta1 : 1;
    for (const member of c.tensors) {
      const average = member.slots.expAvgNorm.data;
      const norm = gradNorm(c, member);
      const last = average[0];
      const root = last === 0 ? norm : Math.sqrt(beta2 * last * last + (1 - beta2) * norm * norm);
      average[0] = root;
      const gradUnit = unitOf(norm);
      // 0 and not infinite where no gradient was other than 0, and ε is 0.
      const unitWeight = root + eps === 0 ? 0 : weight / (root + eps) / gradUnit;
      const scaledL2 = weight * weightDecay;
      c.run("novograd", [gradUnit, unitWeight, scaledL2, beta1, lr], member);
    }
    return undefined;
  },
  binaries: [binary],
  kernels: { novograd: novogradTwin },
});

/** Settings for tests and benches. */
export const trials: Trials<NovogradHyper> = {
  variants: {
    "": { lr: 0.01 },
    decay: { lr: 0.01, betas: [0.9, 0.25], eps: 1e-6, weightDecay: 0.1, gradAveraging: true },
  },
  descend: { bowl: { lr: 0.05 }, ravine: { lr: 0.05 }, rosenbrock: { lr: 0.002 } },
};
