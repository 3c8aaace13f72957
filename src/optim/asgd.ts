import { checkNonNegative } from "../check.js";
import type { Twin } from "../engine/backend.js";
import binary from "../engine/wasm/binaries/optim/asgd.js";
import { add, mul, sub } from "../math/f32.js";
import { pow } from "../math/f64.js";
import type { Counted, Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";

/** Hyperparameters of {@link asgd}. */
export interface AsgdHyper {
  /** Learning rate at the first step. */
  lr: number;
  /** λ: θ is multiplied by 1 - λη at each step; η falls faster with a larger λ. */
  lambd: number;
  /** The power α by which η falls. */
  alpha: number;
  /** The step after which averaging starts. */
  t0: number;
  /** L2: weightDecay θ is added to the gradient. */
  weightDecay: number;
}

/** Before averaging starts, the average is the iterate itself. */
const asgdTwin: Twin = (n, p, g, [ax], [gradScale, etaDecayFactor, eta]) => {
  const scale = mul(gradScale, eta);
  for (let i = 0; i < n; i++) {
    const next = sub(mul(etaDecayFactor, p[i]), mul(scale, g[i]));
    p[i] = next;
    ax[i] = next;
  }
};

const asgdAverage: Twin = (n, p, g, [ax], [gradScale, etaDecayFactor, eta, averageWeight]) => {
  const scale = mul(gradScale, eta);
  for (let i = 0; i < n; i++) {
    const next = sub(mul(etaDecayFactor, p[i]), mul(scale, g[i]));
    const average = ax[i];
    p[i] = next;
    ax[i] = add(average, mul(averageWeight, sub(next, average)));
  }
};

/** Swaps parameters and averages. */
const asgdSwap: Twin = (n, p, _g, [ax]) => {
  for (let i = 0; i < n; i++) {
    const theta = p[i];
    p[i] = ax[i];
    ax[i] = theta;
  }
};

/**
 * Averaged stochastic gradient descent: the iterate wanders around the minimum, and its average settles.
 *
 * ```
 * g = g + wθ                                    w: weightDecay
 * η = lr / (1 + λ lr (t - 1))^α                 t = 1, 2 … the step
 * θ = (1 - λη) θ - ηg
 * ax = ax + (θ - ax) / max(1, t - 1 - t₀)
 * ```
 * Folded: both decays multiply θ, so that θ = etaDecayFactor θ - ηg with etaDecayFactor = 1 - (λ + w) η and the g before
 * weight decay. averageWeight = 1 / (t - 1 - t₀).
 *
 * The parameters are θ; `eval()` puts the average ax in their place, and `train()` restores θ, bit for bit. Until
 * step t₀ + 2 the two are equal. η comes from the lr of the step; PyTorch takes that of the step before. Weight decay is
 * L2. Throws a RangeError for negative lr or weightDecay, and for a lambd, alpha or t0 below 0.
 *
 * Polyak & Juditsky, Acceleration of stochastic approximation by averaging, 1992; Bottou, Large-scale machine learning
 * with stochastic gradient descent, 2010 (section 5, for η).
 *
 * @example
 * const opt = asgd(model.parameters(), { lr: 0.05, t0: 1000 });
 */
export const asgd = /* @__PURE__ */ optimizer<AsgdHyper, Counted>({
  name: "asgd",
  paper: "Polyak & Juditsky 1992",
  follows: "PyTorch",
  hyper: { lr: 0.01, lambd: 1e-4, alpha: 0.75, t0: 1e6, weightDecay: 0 },
  check({ lr, lambd, alpha, t0, weightDecay }) {
    checkNonNegative("lr", lr);
    checkNonNegative("lambd", lambd);
    checkNonNegative("alpha", alpha);
    checkNonNegative("t0", t0);
    checkNonNegative("weightDecay", weightDecay);
  },
  slots: (_, shape) => ({ ax: shape }),
  start({ ops, tensors }) {
    for (const { p, slots } of tensors) ops.copy(p, slots.ax);
  },
  state: () => ({ steps: 0 }),
  prepare({ lr, lambd, alpha, t0, weightDecay }, s, _, pass) {
    const t = ++s.steps;
    const eta = lr / pow(1 + lambd * lr * (t - 1), alpha);
    const count = t - 1 - t0;
    pass.kernel = count > 1 ? "asgdAverage" : "asgd";
    const etaDecayFactor = 1 - (lambd + weightDecay) * eta;
    if (count > 1) {
      const averageWeight = 1 / count;
      pass.scalars(etaDecayFactor, eta, averageWeight);
    } else {
      pass.scalars(etaDecayFactor, eta);
    }
  },
  mode: (c) => c.run("asgdSwap", []),
  binaries: [binary],
  kernels: { asgd: asgdTwin, asgdAverage, asgdSwap },
});

/** What tests and benches run it with. */
export const trials: Trials<AsgdHyper> = {
  variants: { "": {}, averaged: { lr: 0.1, lambd: 0.01, alpha: 0.5, t0: 3, weightDecay: 0.1 } },
  // η falls by itself; without momentum, an lr that also falls to 0 stops half-way along Rosenbrock's valley.
  descend: {
    bowl: { lr: 0.1 },
    ravine: { lr: 0.05, t0: 1500 },
    rosenbrock: { lr: 1.95e-3, lambd: 0, t0: 9900 },
    constant: true,
  },
};
