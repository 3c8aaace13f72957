import { checkBoolean, checkNonNegative, checkRate } from "../../../src/check.js";
import type { Twin } from "../../../src/engine/backend.js";
import { add, div, mul, sqrt, sub } from "../../../src/f32.js";
import { optimizer } from "../../../src/optim/core/ruleOptimizer.js";
import { checkPair } from "../../../src/optim/shared/checks.js";

interface NadamHyper {
  lr: number;
  betas: readonly [number, number];
  eps: number;
  weightDecay: number;
  momentumDecay: number;
  decoupled: boolean;
}

interface NadamState {
  /** The product of μ₁ … μ_t, the powers of β₂ and of 0.96^momentumDecay. */
  muProduct: number;
  beta2Power: number;
  fade: number;
}

const nadamTwin: Twin = (n, p, g, [m, v], [gradScale, l2, keep, b1, b1c, b2, b2c, now, ahead, rootScale, eps]) => {
  for (let i = 0; i < n; i++) {
    const theta = p[i];
    const grad = add(mul(gradScale, g[i]), mul(l2, theta));
    const mean = add(mul(b1, m[i]), mul(b1c, grad));
    const square = add(mul(b2, v[i]), mul(b2c, mul(grad, grad)));
    const denom = add(mul(sqrt(square), rootScale), eps);
    m[i] = mean;
    v[i] = square;
    p[i] = sub(mul(keep, theta), div(add(mul(now, grad), mul(ahead, mean)), denom));
  }
};

/** NAdam as in PyTorch ≥ 2: a momentum of its own for every step, so their product is state. Dozat 2016. */
export const nadam = optimizer<NadamHyper, NadamState>({
  name: "nadam",
  paper: "Dozat 2016",
  follows: "PyTorch",
  hyper: { lr: 2e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, momentumDecay: 0.004, decoupled: false },
  check({ lr, betas, eps, weightDecay, momentumDecay, decoupled }) {
    checkNonNegative("lr", lr);
    checkPair("betas", betas, checkRate);
    checkNonNegative("eps", eps);
    checkNonNegative("weightDecay", weightDecay);
    checkNonNegative("momentumDecay", momentumDecay);
    checkBoolean("decoupled", decoupled);
  },
  slots: (_, shape) => ({ expAvg: shape, expAvgSq: shape }),
  averages: () => ["expAvg", "expAvgSq"],
  state: () => ({ muProduct: 1, beta2Power: 1, fade: 1 }),
  prepare({ lr, betas, eps, weightDecay, momentumDecay, decoupled }, s, _, pass) {
    // A rule of the library would take this power from deterministic code; what is tested here is the type.
    const step = 0.96 ** momentumDecay;
    s.fade *= step;
    const mu = betas[0] * (1 - 0.5 * s.fade);
    const next = betas[0] * (1 - 0.5 * s.fade * step);
    s.muProduct *= mu;
    s.beta2Power *= betas[1];
    const now = (lr * (1 - mu)) / (1 - s.muProduct);
    const ahead = (lr * next) / (1 - s.muProduct * next);
    const [l2, keep] = decoupled ? [0, 1 - lr * weightDecay] : [weightDecay, 1];
    pass.kernel = "nadam";
    const rootScale = 1 / Math.sqrt(1 - s.beta2Power);
    pass.scalars(l2, keep, betas[0], 1 - betas[0], betas[1], 1 - betas[1], now, ahead, rootScale, eps);
  },
  kernels: { nadam: nadamTwin },
});
