import { checkNonNegative, checkRate, checkWhole, rangeError } from "../../../src/check.js";
import type { Twin } from "../../../src/engine/backend.js";
import { add, div, mul, sqrt, sub } from "../../../src/f32.js";
import { optimizer } from "../../../src/optim/core/ruleOptimizer.js";
import { checkPair } from "../../../src/optim/shared/checks.js";

interface ScheduleFreeHyper {
  lr: number;
  betas: readonly [number, number];
  eps: number;
  weightDecay: number;
  warmupSteps: number;
  r: number;
  weightLrPower: number;
}

interface ScheduleFreeState {
  beta2Power: number;
  lrMax: number;
  weightSum: number;
}

/** y = y + c (z − y) + back · u,  z = z − lr u,  with u = g / (√v̂ + ε) + λy. */
const scheduleFree: Twin = (n, y, g, [z, v], [gradScale, decay, b2, b2c, rootScale, eps, c, back, lr]) => {
  for (let i = 0; i < n; i++) {
    const here = y[i];
    const grad = mul(gradScale, g[i]);
    const square = add(mul(b2, v[i]), mul(b2c, mul(grad, grad)));
    v[i] = square;
    const u = add(div(grad, add(mul(sqrt(square), rootScale), eps)), mul(decay, here));
    const base = z[i];
    y[i] = add(add(here, mul(c, sub(base, here))), mul(back, u));
    z[i] = sub(base, mul(lr, u));
  }
};

/** p = p + w (z − p): from y to x and back. */
const scheduleFreeMode: Twin = (n, p, _g, [z], [, w]) => {
  for (let i = 0; i < n; i++) p[i] = add(p[i], mul(w, sub(z[i], p[i])));
};

/** x^n for whole n ≥ 0, from products alone. */
const power = (x: number, n: number): number => (n === 0 ? 1 : x * power(x, n - 1));

/** Schedule-Free AdamW: gradients at y, the model at x. Defazio et al., The road less scheduled, NeurIPS 2024. */
export const scheduleFreeAdamw = optimizer<ScheduleFreeHyper, ScheduleFreeState>({
  name: "scheduleFreeAdamw",
  paper: "Defazio et al. 2024",
  follows: "authors",
  hyper: { lr: 2.5e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, warmupSteps: 0, r: 0, weightLrPower: 2 },
  check({ lr, betas, eps, weightDecay, warmupSteps, r, weightLrPower }) {
    checkNonNegative("lr", lr);
    checkPair("betas", betas, checkRate);
    if (betas[0] === 0) throw rangeError("betas[0]", "a number in (0, 1)", betas[0]);
    checkNonNegative("eps", eps);
    checkNonNegative("weightDecay", weightDecay);
    checkWhole("warmupSteps", warmupSteps, 0);
    checkWhole("r", r, 0);
    checkWhole("weightLrPower", weightLrPower, 0);
  },
  slots: (_, shape) => ({ z: shape, expAvgSq: shape }),
  averages: () => ["expAvgSq"],
  state: () => ({ beta2Power: 1, lrMax: -1, weightSum: 0 }),
  start(c) {
    for (const { p, slots } of c.tensors) c.ops.copy(p, slots.z);
  },
  prepare({ betas, eps, weightDecay, warmupSteps, r, weightLrPower, ...h }, s, t, pass) {
    const lr = h.lr * (t <= warmupSteps ? t / warmupSteps : 1);
    s.beta2Power *= betas[1];
    s.lrMax = Math.max(lr, s.lrMax);
    const weight = power(t, r) * power(s.lrMax, weightLrPower);
    s.weightSum += weight;
    const c = s.weightSum === 0 ? 0 : weight / s.weightSum;
    const rootScale = 1 / Math.sqrt(1 - s.beta2Power);
    pass.kernel = "scheduleFree";
    pass.scalars(weightDecay, betas[1], 1 - betas[1], rootScale, eps, c, lr * (betas[0] * (1 - c) - 1), lr);
  },
  mode(c, mode) {
    const beta = c.hyper.betas[0];
    c.run("scheduleFreeMode", [mode === "eval" ? 1 - 1 / beta : 1 - beta]);
  },
  kernels: { scheduleFree, scheduleFreeMode },
});
