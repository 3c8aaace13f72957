import { checkBoolean, checkNonNegative, checkRate, rangeError } from "../check.js";
import type { Twin } from "../engine/backend.js";
import adamCode from "../engine/wasm/binaries/optim/adam.js";
import adamwCode from "../engine/wasm/binaries/optim/adamw.js";
import { add, div, mul, plus, pmax, sqrt, sub } from "../f32.js";
import { adamwAmsgrad, adamwTwin } from "./adamw.js";
import type { Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";
import { checkPair } from "./shared/checks.js";
import { epsOver, rootOver } from "./shared/foldedScalars.js";

/** Hyperparameters of {@link adam}. */
export interface AdamHyper {
  /** Learning rate. */
  lr: number;
  /** Decay rates of the first and second moment. */
  betas: readonly [number, number];
  /** Added to the root of the second moment. */
  eps: number;
  /** Whether that root is corrected for its start. Keras, and the paper where it is quick, add their ε̂ to √v itself. */
  epsCorrected: boolean;
  /** L2: λθ is added to the gradient. With `decoupled`: θ shrinks by lr λ. */
  weightDecay: number;
  /** Divide by the largest second moment so far (of the raw moment, as PyTorch has it). */
  amsgrad: boolean;
  /** Optax: the largest of the corrected second moments, of which the first are larger. */
  amsgradCorrected: boolean;
  decoupled: boolean;
}

/** β₁^t and β₂^t as running products: `Math.pow` differs between engines. */
export interface AdamState {
  beta1Power: number;
  beta2Power: number;
}

const adamTwin: Twin = (n, p, g, [m, v], [gradScale, l2, b1, b1c, b2, toRoot, rootScale, eps]) => {
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
    p[i] = sub(theta, div(mean, denom));
  }
};

const adamAmsgrad: Twin = (n, p, g, [m, v, top], [gradScale, l2, b1, b1c, b2, toRoot, maxScale, rootScale, eps]) => {
  const scale = mul(gradScale, b1c);
  for (let i = 0; i < n; i++) {
    const theta = p[i];
    const intake = plus(mul(scale, g[i]), l2, theta);
    const root = mul(toRoot, intake);
    const square = add(mul(b2, v[i]), mul(root, root));
    v[i] = square;
    const mean = add(mul(b1, m[i]), intake);
    m[i] = mean;
    const largest = pmax(mul(maxScale, square), top[i]);
    const denom = add(mul(sqrt(largest), rootScale), eps);
    top[i] = largest;
    p[i] = sub(theta, div(mean, denom));
  }
};

/**
 * Adam: steps by the mean of the gradient over the root of the mean of its square.
 *
 * ```
 * g = g + λθ                       (decoupled: θ = θ - lr λ θ instead)
 * m = β₁m + (1 - β₁) g
 * v = β₂v + (1 - β₂) g²            (amsgrad: v̂ from the largest v so far)
 * θ = θ - lr m / (1 - β₁^t) / (√v / √(1 - β₂^t) + ε)
 * ```
 * Weight decay is L2 unless `decoupled`. Throws a RangeError for negative lr, eps or weightDecay, for betas
 * outside [0, 1), and for amsgradCorrected without amsgrad.
 *
 * With `epsCorrected: false` ε stands on the root that is not corrected: ε / √(1 - β₂^t) above; Keras is
 * `{ eps: 1e-7, epsCorrected: false, decoupled: true }`. With `amsgradCorrected` the largest is taken of v / (1 - β₂^t),
 * which is Optax's amsgrad; its `nesterov` is `nadam`. Its `eps_root`, inside the root, is not offered: it keeps
 * derivatives through the optimizer finite, and nothing here takes any.
 *
 * Kingma & Ba, Adam: a method for stochastic optimization, ICLR 2015, algorithm 1; Reddi et al., On the convergence
 * of Adam and beyond, ICLR 2018.
 *
 * @example
 * const opt = adam(model.parameters(), { lr: 1e-3 });
 */
export const adam = /* @__PURE__ */ optimizer<AdamHyper, AdamState>({
  name: "adam",
  paper: "Kingma & Ba 2015; Reddi et al. 2018 (amsgrad)",
  follows: "PyTorch",
  hyper: {
    lr: 1e-3,
    betas: [0.9, 0.999],
    eps: 1e-8,
    epsCorrected: true,
    weightDecay: 0,
    amsgrad: false,
    amsgradCorrected: false,
    decoupled: false,
  },
  check({ lr, betas, eps, epsCorrected, weightDecay, amsgrad, amsgradCorrected, decoupled }) {
    checkNonNegative("lr", lr);
    checkPair("betas", betas, checkRate);
    checkNonNegative("eps", eps);
    checkNonNegative("weightDecay", weightDecay);
    checkBoolean("epsCorrected", epsCorrected);
    checkBoolean("amsgrad", amsgrad);
    checkBoolean("amsgradCorrected", amsgradCorrected);
    if (amsgradCorrected && !amsgrad) throw rangeError("amsgradCorrected", "amsgrad with it", amsgrad);
    checkBoolean("decoupled", decoupled);
  },
  slots: (h, shape) => ({ expAvg: shape, expAvgSq: shape, ...(h.amsgrad && { maxExpAvgSq: shape }) }),
  averages: () => ["expAvg", "expAvgSq"],
  state: () => ({ beta1Power: 1, beta2Power: 1 }),
  prepare(h, s, _, pass) {
    const { lr, betas, weightDecay, amsgrad, decoupled } = h;
    s.beta1Power *= betas[0];
    s.beta2Power *= betas[1];
    const stepSize = lr / (1 - s.beta1Power);
    const rootScale = 1 / Math.sqrt(1 - s.beta2Power);
    const eps = h.epsCorrected ? h.eps : h.eps * rootScale;
    pass.slots = amsgrad ? 3 : 2;
    pass.kernel = `adam${decoupled ? "w" : ""}${amsgrad ? "Amsgrad" : ""}`;
    const b1 = betas[0];
    const b2 = betas[1];
    const decay = decoupled ? 1 - lr * weightDecay : (1 - b1) * weightDecay;
    const toRoot = Math.sqrt(1 - b2) / (decoupled ? 1 : 1 - b1);
    const root = rootOver(h.amsgradCorrected ? 1 : rootScale, stepSize);
    const added = epsOver(eps, stepSize);
    if (!amsgrad) pass.scalars(decay, b1, 1 - b1, b2, toRoot, root, added);
    else pass.scalars(decay, b1, 1 - b1, b2, toRoot, h.amsgradCorrected ? 1 / (1 - s.beta2Power) : 1, root, added);
  },
  codes: [adamCode, adamwCode],
  kernels: { adam: adamTwin, adamAmsgrad, adamw: adamwTwin, adamwAmsgrad },
});

/** What tests and benches run it with. */
export const trials: Trials<AdamHyper> = {
  variants: {
    "": {},
    decay: { lr: 0.01, betas: [0.8, 0.95], eps: 1e-6, weightDecay: 0.1 },
    "eps uncorrected": { lr: 0.01, eps: 1e-3, epsCorrected: false },
    "amsgrad corrected": { lr: 0.01, amsgrad: true, amsgradCorrected: true },
    "eps 0": { lr: 0.01, eps: 0 },
    amsgrad: { lr: 0.01, betas: [0, 0.9], weightDecay: 0.05, amsgrad: true },
    decoupled: { lr: 0.01, weightDecay: 0.3, decoupled: true },
    "decoupled amsgrad": { lr: 0.01, weightDecay: 0.3, decoupled: true, amsgrad: true },
  },
  descend: { bowl: { lr: 0.1 }, ravine: { lr: 0.1, amsgrad: true }, rosenbrock: { lr: 0.05 } },
};
