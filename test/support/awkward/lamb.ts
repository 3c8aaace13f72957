import { checkNonNegative, checkRate } from "../../../src/check.js";
import type { Twin } from "../../../src/engine/backend.js";
import { add, div, mul, sqrt } from "../../../src/f32.js";
import { optimizer } from "../../../src/optim/core/ruleOptimizer.js";
import { checkPair } from "../../../src/optim/shared/checks.js";

interface LambHyper {
  lr: number;
  betas: readonly [number, number];
  eps: number;
  weightDecay: number;
}

interface LambState {
  beta1Power: number;
  beta2Power: number;
}

/** r = m̂ / (√v̂ + ε) + λθ, to be scaled and subtracted once its norm is known. */
const lambDirection: Twin = (n, p, g, [m, v, r], [gradScale, decay, b1, b1c, b2, b2c, meanScale, rootScale, eps]) => {
  for (let i = 0; i < n; i++) {
    const grad = mul(gradScale, g[i]);
    const mean = add(mul(b1, m[i]), mul(b1c, grad));
    const square = add(mul(b2, v[i]), mul(b2c, mul(grad, grad)));
    m[i] = mean;
    v[i] = square;
    const denom = add(mul(sqrt(square), rootScale), eps);
    r[i] = add(div(mul(meanScale, mean), denom), mul(decay, p[i]));
  }
};

/** LAMB as in the paper: Adam's direction at the length of the layer's parameters. You et al., ICLR 2020, algorithm 2. */
export const lamb = optimizer<LambHyper, LambState>({
  name: "lamb",
  paper: "You et al. 2020",
  follows: "paper",
  hyper: { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-6, weightDecay: 0 },
  check({ lr, betas, eps, weightDecay }) {
    checkNonNegative("lr", lr);
    checkPair("betas", betas, checkRate);
    checkNonNegative("eps", eps);
    checkNonNegative("weightDecay", weightDecay);
  },
  slots: (_, shape) => ({ expAvg: shape, expAvgSq: shape }),
  averages: () => ["expAvg", "expAvgSq"],
  state: () => ({ beta1Power: 1, beta2Power: 1 }),
  kernels: { lambDirection },
  step(c) {
    const { ops, state: s } = c;
    const { lr, betas, eps, weightDecay } = c.hyper;
    s.beta1Power *= betas[0];
    s.beta2Power *= betas[1];
    const scales = [1 / (1 - s.beta1Power), 1 / Math.sqrt(1 - s.beta2Power), eps];
    const scalars = [weightDecay, betas[0], 1 - betas[0], betas[1], 1 - betas[1], ...scales];
    for (const member of c.tensors) {
      const direction = c.scratch("direction", member.p.shape);
      c.run("lambDirection", scalars, member, [direction]);
      const length = ops.norm(member.p);
      const stride = ops.norm(direction);
      ops.axpy(-lr * (length > 0 && stride > 0 ? length / stride : 1), direction, member.p);
    }
    return undefined;
  },
});
