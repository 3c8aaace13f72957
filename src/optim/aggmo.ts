import { checkNonNegative, checkRate, rangeError, typeError } from "../check.js";
import type { Twin } from "../engine/backend.js";
import binary from "../engine/wasm/binaries/optim/aggmo.js";
import { add, mul, sub } from "../math/f32.js";
import type { Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";

/** Hyperparameters of {@link aggmo}. */
export interface AggmoHyper {
  /** Learning rate. */
  lr: number;
  /** Decay rates of the velocities, one to five. A first rate of 0 means the gradient itself and takes no memory. */
  betas: readonly number[];
  /** L2: λθ is added to the gradient. */
  weightDecay: number;
}

/** The largest number of velocities. */
const MOST = 5;
const KERNELS = ["aggmo1", "aggmo2", "aggmo3", "aggmo4", "aggmo5"];

/** The twin of the kernel for `count` velocities. */
const aggmoTwin =
  (count: number): Twin =>
  (n, p, g, velocities, [gradScale, l2, lrPerVelocity, gradWeight, ...betas]) => {
    for (let i = 0; i < n; i++) {
      const theta = p[i];
      const grad = add(mul(gradScale, g[i]), mul(l2, theta));
      let total = mul(gradWeight, grad);
      for (let k = 0; k < count; k++) {
        const velocity = add(mul(betas[k], velocities[k][i]), grad);
        velocities[k][i] = velocity;
        total = add(total, velocity);
      }
      p[i] = sub(theta, mul(lrPerVelocity, total));
    }
  };

/** Decay rate k, where k wraps around: rate 0 comes last, as its slot does. */
const of = (betas: readonly number[], k: number): number => betas[k % betas.length];
/** Whether the gradient itself replaces the first velocity. Not if it is the only one: a kernel has at least one. */
const isDirect = (betas: readonly number[]): boolean => betas.length > 1 && betas[0] === 0;

/**
 * Aggregated momentum: a step by the mean of several velocities, of which quick ones damp the oscillations of slow ones.
 *
 * ```
 * g = g + λθ
 * vₖ = βₖvₖ + g                    k = 1 … K
 * θ = θ - lr/K (v₁ + … + v_K)
 * ```
 * Folded: lr/K is lrPerVelocity. A first rate of 0 has no buffer: v₁ = g is then added with gradWeight = 1, otherwise 0.
 *
 * The paper's exponential form is βₖ = 1 - 0.1^(k-1). There is one kernel for each number of velocities, so that one pass
 * updates all. Weight decay is L2. A velocity that a later change of `betas` adds starts at 0. lr is the authors'. Throws a RangeError
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
  // The first velocity comes last, so that the others keep their places when it appears or disappears.
  slots({ betas }, shape) {
    const order = [...betas.keys()].slice(1);
    if (!isDirect(betas)) order.push(0);
    return Object.fromEntries(order.map((k) => [`velocity${k}`, shape]));
  },
  averages: ({ betas }) => betas.map((_, k) => `velocity${k}`),
  prepare({ lr, betas, weightDecay: l2 }, _s, _t, pass) {
    const direct = isDirect(betas);
    const count = direct ? betas.length - 1 : betas.length;
    const lrPerVelocity = lr / betas.length;
    const gradWeight = direct ? 1 : 0;
    // The kernel counts rates in the order of the slots: beta1 is betas[1], and betas[0] comes last.
    const beta1 = of(betas, 1);
    const beta2 = of(betas, 2);
    const beta3 = of(betas, 3);
    const beta4 = of(betas, 4);
    const beta5 = of(betas, 5);
    pass.slots = count;
    pass.kernel = KERNELS[count - 1];
    if (count === 1) pass.scalars(l2, lrPerVelocity, gradWeight, beta1);
    else if (count === 2) pass.scalars(l2, lrPerVelocity, gradWeight, beta1, beta2);
    else if (count === 3) pass.scalars(l2, lrPerVelocity, gradWeight, beta1, beta2, beta3);
    else if (count === 4) pass.scalars(l2, lrPerVelocity, gradWeight, beta1, beta2, beta3, beta4);
    else pass.scalars(l2, lrPerVelocity, gradWeight, beta1, beta2, beta3, beta4, beta5);
  },
  binaries: [binary],
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
