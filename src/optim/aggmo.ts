import { checkNonNegative, checkRate, rangeError, typeError } from "../check.js";
import type { Twin } from "../engine/backend.js";
import code from "../engine/wasm/binaries/optim/aggmo.js";
import { add, mul, sub } from "../f32.js";
import type { Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";

/** Hyperparameters of {@link aggmo}. */
export interface AggmoHyper {
  /** Learning rate. */
  lr: number;
  /** Decay rates of the velocities, one to five. A first rate of 0 stands for the gradient itself and takes no memory. */
  betas: readonly number[];
  /** L2: λθ is added to the gradient. */
  weightDecay: number;
}

const MOST = 5;
const KERNELS = ["aggmo1", "aggmo2", "aggmo3", "aggmo4", "aggmo5"];

/** The twin of the kernel for so many velocities. */
const aggmoTwin =
  (count: number): Twin =>
  (n, p, g, velocities, scalars) => {
    const [gradScale, l2, rate, direct] = scalars;
    for (let i = 0; i < n; i++) {
      const theta = p[i];
      const grad = add(mul(gradScale, g[i]), mul(l2, theta));
      let total = mul(direct, grad);
      for (let k = 0; k < count; k++) {
        const velocity = add(mul(scalars[4 + k], velocities[k][i]), grad);
        velocities[k][i] = velocity;
        total = add(total, velocity);
      }
      p[i] = sub(theta, mul(rate, total));
    }
  };

/** A rate, counted around: the first comes last, as in the slots. */
const of = (betas: readonly number[], k: number): number => betas[k % betas.length];
/** Whether the gradient itself stands for the first velocity. Not where it is the only one: a kernel has at least one. */
const isDirect = (betas: readonly number[]): boolean => betas.length > 1 && betas[0] === 0;

/**
 * Aggregated momentum: the mean of several velocities, quick ones that damp the oscillations of slow ones.
 *
 * ```
 * g = g + λθ
 * vₖ = βₖvₖ + g                    k = 1 … K
 * θ = θ - lr/K (v₁ + … + v_K)
 * ```
 * The paper's exponential form is βₖ = 1 - 0.1^(k-1). One kernel for each number of velocities makes one pass over all.
 * Weight decay is L2. A velocity that a later change of `betas` adds starts at 0. lr is the authors'. Throws a RangeError
 * for negative lr or weightDecay, for betas outside [0, 1), and unless there are one to five of them.
 *
 * Lucas et al., Aggregated momentum: stability through passive damping, ICLR 2019, eq. 4.
 *
 * @example
 * const opt = aggmo(model.parameters(), { lr: 0.1, betas: [0, 0.9, 0.99] });
 */
export const aggmo = /* @__PURE__ */ optimizer<AggmoHyper, object>({
  name: "aggmo",
  paper: "Lucas et al. 2019",
  follows: "authors",
  hyper: { lr: 0.1, betas: [0, 0.9, 0.99], weightDecay: 0 },
  check({ lr, betas, weightDecay }) {
    checkNonNegative("lr", lr);
    if (!Array.isArray(betas)) throw typeError("betas", `an array of 1 to ${MOST} numbers`, betas);
    if (betas.length < 1 || betas.length > MOST) throw rangeError("betas", `1 to ${MOST} numbers`, betas);
    for (const [k, beta] of betas.entries()) checkRate(`betas[${k}]`, beta);
    checkNonNegative("weightDecay", weightDecay);
  },
  // The first velocity comes last: one that comes and goes leaves the others in their places.
  slots({ betas }, shape) {
    const order = [...betas.keys()].slice(1);
    if (!isDirect(betas)) order.push(0);
    return Object.fromEntries(order.map((k) => [`velocity${k}`, shape]));
  },
  averages: ({ betas }) => betas.map((_, k) => `velocity${k}`),
  prepare({ lr, betas, weightDecay }, _s, _t, pass) {
    const direct = isDirect(betas);
    const count = direct ? betas.length - 1 : betas.length;
    const rate = lr / betas.length;
    const share = direct ? 1 : 0;
    const a = of(betas, 1);
    const b = of(betas, 2);
    const c = of(betas, 3);
    const d = of(betas, 4);
    pass.slots = count;
    pass.kernel = KERNELS[count - 1];
    if (count === 1) pass.scalars(weightDecay, rate, share, a);
    else if (count === 2) pass.scalars(weightDecay, rate, share, a, b);
    else if (count === 3) pass.scalars(weightDecay, rate, share, a, b, c);
    else if (count === 4) pass.scalars(weightDecay, rate, share, a, b, c, d);
    else pass.scalars(weightDecay, rate, share, a, b, c, d, of(betas, 5));
  },
  codes: [code],
  kernels: {
    aggmo1: aggmoTwin(1),
    aggmo2: aggmoTwin(2),
    aggmo3: aggmoTwin(3),
    aggmo4: aggmoTwin(4),
    aggmo5: aggmoTwin(5),
  },
});

/** What tests and benches run it with. */
export const trials: Trials<AggmoHyper> = {
  variants: {
    "": { lr: 0.05 },
    one: { lr: 0.05, betas: [0.9] },
    three: { lr: 0.05, betas: [0.5, 0.9, 0.99], weightDecay: 0.1 },
    four: { lr: 0.05, betas: [0, 0.9, 0.99, 0.999, 0.5], weightDecay: 0.1 },
    five: { lr: 0.05, betas: [0.3, 0.5, 0.7, 0.9, 0.99] },
  },
  descend: { bowl: { lr: 0.02 }, ravine: { lr: 0.01 }, rosenbrock: { lr: 5e-4 } },
};
