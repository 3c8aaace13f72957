import { checkBoolean, checkNonNegative, checkOneOf, checkRate, rangeError } from "../check.js";
import type { Twin } from "../engine/backend.js";
import code from "../engine/wasm/binaries/optim/momentum.js";
import { add, mul, plus, sub } from "../f32.js";
import type { Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";

/** Hyperparameters of {@link momentum}. */
export interface MomentumHyper {
  /** Learning rate. */
  lr: number;
  /** Share of the velocity that is kept: μ, or the β of the moving average. */
  momentum: number;
  /** "classical": v = μv + lr g. "ema": v = βv + (1 - β) g, a moving average, and the rate outside. */
  form: "classical" | "ema";
  /** Step by the velocity to come: μv + lr g. Of the classical form alone. */
  nesterov: boolean;
  /** Divide the moving average, which starts at 0, by 1 - β^t. Of the ema form alone. */
  debias: boolean;
  /** L2: λθ is added to the gradient. With `decoupled`: θ shrinks by lr λ. */
  weightDecay: number;
  decoupled: boolean;
}

/** β^t as a running product. */
export interface MomentumState {
  betaPower: number;
}

const momentumTwin: Twin = (n, p, g, [v], [gradScale, keep, l2, beta, intake, rate]) => {
  const scale = mul(gradScale, intake);
  for (let i = 0; i < n; i++) {
    const theta = mul(keep, p[i]);
    const push = add(mul(scale, g[i]), mul(l2, theta));
    const velocity = add(mul(beta, v[i]), push);
    v[i] = velocity;
    p[i] = sub(theta, mul(rate, velocity));
  }
};

const momentumNesterov: Twin = (n, p, g, [v], [gradScale, keep, l2, beta, lr]) => {
  const scale = mul(gradScale, lr);
  for (let i = 0; i < n; i++) {
    const theta = mul(keep, p[i]);
    const push = plus(mul(scale, g[i]), l2, theta);
    const velocity = add(mul(beta, v[i]), push);
    v[i] = velocity;
    p[i] = sub(theta, add(mul(beta, velocity), push));
  }
};

/**
 * Gradient descent with momentum in the two forms of the textbooks. `sgd` has PyTorch's, with the rate outside of a
 * plain sum of gradients: the classical form walks the same path while lr is constant, and keeps its speed when lr changes.
 *
 * ```
 * g = g + λθ                                    (decoupled: θ = θ - lr λ θ instead)
 * classical:  v = μv + lr g                     θ = θ - (nesterov ? μv + lr g : v)
 * ema:        v = βv + (1 - β) g                θ = θ - lr (debias ? v / (1 - β^t) : v)
 * ```
 * v starts at 0. The classical form with `decoupled` is Keras' SGD; lr is Keras' default. Weight decay is L2 unless
 * `decoupled`. Throws a RangeError for negative lr or weightDecay, for momentum outside [0, 1), for nesterov with the
 * ema form and for debias with the classical one.
 *
 * Polyak, Some methods of speeding up the convergence of iteration methods, 1964, eq. 9; Rumelhart, Hinton & Williams,
 * Learning representations by back-propagating errors, 1986, eq. 9; Sutskever et al., ICML 2013, eq. 1–4.
 *
 * @example
 * const opt = momentum(model.parameters(), { lr: 0.05, momentum: 0.9 });
 */
export const momentum = /* @__PURE__ */ optimizer<MomentumHyper, MomentumState>({
  name: "momentum",
  paper: "Polyak 1964; Rumelhart, Hinton & Williams 1986",
  follows: "paper",
  hyper: {
    lr: 0.01,
    momentum: 0.9,
    form: "classical",
    nesterov: false,
    debias: false,
    weightDecay: 0,
    decoupled: false,
  },
  check({ lr, momentum, form, nesterov, debias, weightDecay, decoupled }) {
    checkNonNegative("lr", lr);
    checkRate("momentum", momentum);
    checkOneOf("form", form, ["classical", "ema"]);
    checkBoolean("nesterov", nesterov);
    checkBoolean("debias", debias);
    checkNonNegative("weightDecay", weightDecay);
    checkBoolean("decoupled", decoupled);
    if (nesterov && form === "ema") throw rangeError("nesterov", 'the form "classical" with it', form);
    if (debias && form === "classical") throw rangeError("debias", 'the form "ema" with it', form);
  },
  slots: (_, shape) => ({ velocity: shape }),
  averages: () => ["velocity"],
  state: () => ({ betaPower: 1 }),
  prepare({ lr, momentum, form, nesterov, debias, weightDecay, decoupled }, s, _, pass) {
    s.betaPower *= momentum;
    const keep = decoupled ? 1 - lr * weightDecay : 1;
    const l2 = decoupled ? 0 : weightDecay;
    pass.kernel = nesterov ? "momentumNesterov" : "momentum";
    const intake = form === "classical" ? lr : 1 - momentum;
    if (nesterov) pass.scalars(keep, intake * l2, momentum, intake);
    else
      pass.scalars(
        keep,
        intake * l2,
        momentum,
        intake,
        form === "classical" ? 1 : debias ? lr / (1 - s.betaPower) : lr,
      );
  },
  codes: [code],
  kernels: { momentum: momentumTwin, momentumNesterov },
});

/** What tests and benches run it with. */
export const trials: Trials<MomentumHyper> = {
  variants: {
    "": {},
    decay: { lr: 0.05, weightDecay: 0.1 },
    nesterov: { lr: 0.05, nesterov: true },
    decoupled: { lr: 0.05, nesterov: true, weightDecay: 0.1, decoupled: true },
    ema: { lr: 0.05, form: "ema" },
    debias: { lr: 0.05, form: "ema", debias: true, momentum: 0.5, weightDecay: 0.1 },
  },
  descend: { bowl: { lr: 0.1 }, ravine: { lr: 0.02, nesterov: true }, rosenbrock: { lr: 0.01, form: "ema" } },
};
