import { checkNonNegative } from "../check.js";
import type { Twin } from "../engine/backend.js";
import code from "../engine/wasm/binaries/optim/asgd.js";
import { add, mul, sub } from "../f32.js";
import { pow } from "../f64.js";
import type { Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";

/** Hyperparameters of {@link asgd}. */
export interface AsgdHyper {
  /** Learning rate at the first step. */
  lr: number;
  /** λ: θ shrinks by λη at every step, and η falls with it. */
  lambd: number;
  /** Power with which η falls. */
  alpha: number;
  /** The step after which averaging starts. */
  t0: number;
  /** L2: the weight decay times θ is added to the gradient. */
  weightDecay: number;
}

/** Before averaging starts the average is the iterate itself. */
const asgdTwin: Twin = (n, p, g, [ax], [gradScale, keep, eta]) => {
  const rate = mul(gradScale, eta);
  for (let i = 0; i < n; i++) {
    const next = sub(mul(keep, p[i]), mul(rate, g[i]));
    p[i] = next;
    ax[i] = next;
  }
};

const asgdAverage: Twin = (n, p, g, [ax], [gradScale, keep, eta, mu]) => {
  const rate = mul(gradScale, eta);
  for (let i = 0; i < n; i++) {
    const next = sub(mul(keep, p[i]), mul(rate, g[i]));
    const average = ax[i];
    p[i] = next;
    ax[i] = add(average, mul(mu, sub(next, average)));
  }
};

/** Parameters and averages change places. */
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
 * The parameters are θ; `eval()` puts the average ax in their place, and `train()` puts θ back, the same bits. Until
 * step t₀ + 2 they are the same. η comes from the lr of the step; PyTorch takes the lr of the step before it. Weight decay is
 * L2. Throws a RangeError for negative lr or weightDecay, and for a lambd, alpha or t0 below 0.
 *
 * Polyak & Juditsky, Acceleration of stochastic approximation by averaging, 1992; Bottou, Large-scale machine learning
 * with stochastic gradient descent, 2010 (section 5, for η).
 *
 * @example
 * const opt = asgd(model.parameters(), { lr: 0.05, t0: 1000 });
 */
export const asgd = /* @__PURE__ */ optimizer<AsgdHyper, object>({
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
  prepare({ lr, lambd, alpha, t0, weightDecay }, _, t, pass) {
    const eta = lr / pow(1 + lambd * lr * (t - 1), alpha);
    const count = t - 1 - t0;
    pass.kernel = count > 1 ? "asgdAverage" : "asgd";
    const keep = 1 - (lambd + weightDecay) * eta;
    if (count > 1) pass.scalars(keep, eta, 1 / count);
    else pass.scalars(keep, eta);
  },
  mode: (c) => c.run("asgdSwap", []),
  codes: [code],
  kernels: { asgd: asgdTwin, asgdAverage, asgdSwap },
});

/** What tests and benches run it with. */
export const trials: Trials<AsgdHyper> = {
  variants: { "": {}, averaged: { lr: 0.1, lambd: 0.01, alpha: 0.5, t0: 3, weightDecay: 0.1 } },
  // Its own η falls; one that falls to 0 besides leaves Rosenbrock's valley half-way, without momentum.
  descend: {
    bowl: { lr: 0.1 },
    ravine: { lr: 0.05, t0: 1500 },
    rosenbrock: { lr: 1.95e-3, lambd: 0, t0: 9900 },
    constant: true,
  },
};
