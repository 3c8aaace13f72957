import { checkBoolean, checkNonNegative, checkRate } from "../check.js";
import type { Twin } from "../engine/backend.js";
import code from "../engine/wasm/binaries/optim/radam.js";
import { add, div, mul, plus, sqrt, sub } from "../f32.js";
import type { Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";
import { checkPair } from "./shared/checks.js";
import { epsOver, rootOver } from "./shared/foldedScalars.js";

/** Hyperparameters of {@link radam}. */
export interface RadamHyper {
  /** Learning rate. */
  lr: number;
  /** Decay rates of the first and second moment. */
  betas: readonly [number, number];
  /** Added to the root of the second moment as it stands, before the bias correction. */
  eps: number;
  /** L2: λθ is added to the gradient. With `decoupled`: θ shrinks by lr λ. */
  weightDecay: number;
  decoupled: boolean;
  /** Optax, and PyTorch's other rules: ε is added to the corrected root. */
  epsCorrected: boolean;
}

/** β₁^t and β₂^t as running products: `Math.pow` differs between engines. */
export interface RadamState {
  beta1Power: number;
  beta2Power: number;
}

const radamTwin: Twin = (n, p, g, [m, v], [gradScale, l2, keep, b1, b1c, b2, toRoot, rootScale, eps]) => {
  const scale = mul(gradScale, b1c);
  for (let i = 0; i < n; i++) {
    const theta = p[i];
    const intake = plus(mul(scale, g[i]), l2, theta);
    const root = mul(toRoot, intake);
    const square = add(mul(b2, v[i]), mul(root, root));
    v[i] = square;
    const mean = add(mul(b1, m[i]), intake);
    m[i] = mean;
    const denom = add(mul(sqrt(square), rootScale), eps);
    p[i] = sub(mul(keep, theta), div(mean, denom));
  }
};

/**
 * RAdam: Adam whose step is scaled by how far the second moment can be trusted yet. Until it can, the step is momentum
 * alone: five steps with the default β₂.
 *
 * ```
 * g = g + λθ                       (decoupled: θ = θ - lr λ θ instead)
 * m = β₁m + (1 - β₁) g
 * v = β₂v + (1 - β₂) g²
 * ρ∞ = 2 / (1 - β₂) - 1,  ρ = ρ∞ - 2t β₂^t / (1 - β₂^t)
 * r = √((ρ - 4)(ρ - 2) ρ∞ / ((ρ∞ - 4)(ρ∞ - 2) ρ))
 * θ = θ - lr m / (1 - β₁^t) r √(1 - β₂^t) / (√v + ε)     if ρ > 5, otherwise
 * θ = θ - lr m / (1 - β₁^t)
 * ```
 * With `epsCorrected` the denominator is √v / √(1 - β₂^t) + ε, as Optax has it. The paper's threshold is 4; PyTorch's
 * and Optax's 5. Weight decay is L2 unless `decoupled`. Throws a RangeError for negative lr, eps or weightDecay, and
 * for betas outside [0, 1).
 *
 * Liu et al., On the variance of the adaptive learning rate and beyond, ICLR 2020, algorithm 2.
 *
 * @example
 * const opt = radam(model.parameters(), { lr: 1e-3 });
 */
export const radam = /* @__PURE__ */ optimizer<RadamHyper, RadamState>({
  name: "radam",
  paper: "Liu et al. 2020",
  follows: "PyTorch",
  hyper: { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, decoupled: false, epsCorrected: false },
  check({ lr, betas, eps, weightDecay, decoupled, epsCorrected }) {
    checkNonNegative("lr", lr);
    checkPair("betas", betas, checkRate);
    checkNonNegative("eps", eps);
    checkNonNegative("weightDecay", weightDecay);
    checkBoolean("decoupled", decoupled);
    checkBoolean("epsCorrected", epsCorrected);
  },
  slots: (_, shape) => ({ expAvg: shape, expAvgSq: shape }),
  averages: () => ["expAvg", "expAvgSq"],
  state: () => ({ beta1Power: 1, beta2Power: 1 }),
  prepare({ lr, betas, eps, weightDecay, decoupled, epsCorrected }, s, t, pass) {
    s.beta1Power *= betas[0];
    s.beta2Power *= betas[1];
    const correction = 1 - s.beta2Power;
    const most = 2 / (1 - betas[1]) - 1;
    const rho = most - (2 * t * s.beta2Power) / correction;
    const step = lr / (1 - s.beta1Power);
    const l2 = decoupled ? 0 : weightDecay;
    const keep = decoupled ? 1 - lr * weightDecay : 1;
    // Without rectification the denominator is √v · 0 + 1.
    let stepSize = step;
    let rootScale = 0;
    let added = 1;
    if (rho > 5) {
      const rectified = Math.sqrt(((rho - 4) * (rho - 2) * most) / ((most - 4) * (most - 2) * rho));
      stepSize = step * rectified * Math.sqrt(correction);
      rootScale = 1;
      added = epsCorrected ? eps * Math.sqrt(correction) : eps;
    }
    pass.kernel = "radam";
    const [b1, b2] = betas;
    const toRoot = Math.sqrt(1 - b2) / (1 - b1);
    const root = rootOver(rootScale, stepSize);
    pass.scalars((1 - b1) * l2, keep, b1, 1 - b1, b2, toRoot, root, epsOver(added, stepSize));
  },
  codes: [code],
  kernels: { radam: radamTwin },
});

/** What tests and benches run it with. */
export const trials: Trials<RadamHyper> = {
  variants: {
    "": {},
    decay: { lr: 0.01, betas: [0.8, 0.9], eps: 1e-4, weightDecay: 0.1 },
    "eps 0": { lr: 0.01, eps: 0 },
    decoupled: { lr: 0.01, weightDecay: 0.3, decoupled: true, epsCorrected: true },
  },
  // Where slopes are hundreds, the first steps by momentum alone want a low lr.
  descend: { bowl: { lr: 0.1 }, ravine: { lr: 0.1 }, rosenbrock: { lr: 4e-3, betas: [0.9, 0.99] } },
};
