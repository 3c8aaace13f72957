import { checkNonNegative, checkRate } from "../check.js";
import type { Twin } from "../engine/backend.js";
import binary from "../engine/wasm/binaries/optim/nag.js";
import { add, mul, sub } from "../math/f32.js";
import type { StepContext, Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";

/** Hyperparameters of {@link nag}. */
export interface NagHyper {
  /** Learning rate. */
  lr: number;
  /** Decay rate β of the velocity. */
  momentum: number;
  /** L2: λ times the point is added to the gradient there. */
  weightDecay: number;
}

/** Moves θ to the look-ahead point θ - βv. */
const nagAhead: Twin = (n, p, _g, [v], [_gradScale, momentum]) => {
  for (let i = 0; i < n; i++) p[i] = sub(p[i], mul(momentum, v[i]));
};

/** Moves the look-ahead point θ - βv to the new θ, with the gradient taken there: θ - βv - lr g is one lr g further. */
const nagTwin: Twin = (n, p, g, [v], [gradScale, l2, momentum, lr]) => {
  for (let i = 0; i < n; i++) {
    const lookAhead = p[i];
    const grad = add(mul(gradScale, g[i]), mul(l2, lookAhead));
    const weightedGrad = mul(lr, grad);
    v[i] = add(mul(momentum, v[i]), weightedGrad);
    p[i] = sub(lookAhead, weightedGrad);
  }
};

/**
 * Nesterov's accelerated gradient with a true look-ahead: the gradient is taken at the point where momentum leads.
 *
 * ```
 * g = ∇f(θ - βv)                   from the closure, called once a step with the parameters there (+ λ(θ - βv))
 * v = βv + lr g
 * θ = θ - v
 * ```
 * Folded: the step from the look-ahead point is weightedGrad = lr g, which v gains too: θ - v = (θ - βv) - lr g.
 *
 * `step` needs the closure and leaves the parameters at θ. PyTorch's `sgd({ momentum, nesterov: true })` keeps the
 * look-ahead point θ - βv in place of θ and takes the same path while lr and momentum are constant. If the closure throws,
 * the parameters return to θ, up to a rounding. Defaults as in `momentum`. Weight decay is L2. Throws a RangeError for
 * negative lr or weightDecay and for momentum outside [0, 1); `step` throws a TypeError without a closure and a
 * RangeError for clipNorm.
 *
 * Nesterov, A method of solving a convex programming problem with convergence rate O(1/k²), 1983; Sutskever et al., On
 * the importance of initialization and momentum in deep learning, ICML 2013, eq. 3–4.
 *
 * @example
 * const opt = nag(model.parameters(), { lr: 0.05, momentum: 0.9 });
 * opt.step(() => {
 *   opt.zeroGrad();
 *   const loss = mse(model.forward(x), y);
 *   model.backward(loss.grad);
 *   return loss.value;
 * });
 */
export const nag = /* @__PURE__ */ optimizer<NagHyper, object>({
  name: "nag",
  paper: "Nesterov 1983; Sutskever et al. 2013",
  follows: "paper",
  hyper: { lr: 0.01, momentum: 0.9, weightDecay: 0 },
  check({ lr, momentum, weightDecay }) {
    checkNonNegative("lr", lr);
    checkRate("momentum", momentum);
    checkNonNegative("weightDecay", weightDecay);
  },
  slots: (_, shape) => ({ velocity: shape }),
  averages: () => ["velocity"],
  closure: "required",
  stepAll(groups) {
    for (const c of groups) {
      const { momentum } = c.hyper;
      c.run("nagAhead", [momentum]);
    }
    const loss = evaluate(groups);
    for (const c of groups) {
      const { weightDecay: l2, momentum, lr } = c.hyper;
      c.run("nag", [l2, momentum, lr]);
    }
    return loss;
  },
  binaries: [binary],
  kernels: { nag: nagTwin, nagAhead },
});

/** What tests and benches run it with. */
export const trials: Trials<NagHyper> = {
  variants: { "": {}, decay: { lr: 0.05, momentum: 0.5, weightDecay: 0.1 } },
  descend: { bowl: { lr: 0.1 }, ravine: { lr: 0.02 }, rosenbrock: { lr: 1e-3 } },
};

/** The loss at the look-ahead point; if the closure throws, the parameters return to where they were. */
function evaluate(groups: readonly StepContext<NagHyper, object>[]): number {
  try {
    return groups[0].closure!();
  } catch (error) {
    for (const c of groups) {
      const momentum = -c.hyper.momentum;
      c.run("nagAhead", [momentum]);
    }
    throw error;
  }
}
