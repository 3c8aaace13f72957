import { checkNonNegative, checkOneOf, checkPositive, checkWhole, rangeError } from "../check.js";
import type { Twin } from "../engine/backend.js";
import binary from "../engine/wasm/binaries/optim/lbfgs.js";
import { add, mul, neg, sub } from "../f32.js";
import type { Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";
import { type LbfgsHyper, type LbfgsState, MADE, REASONS, ringOf } from "./shared/lbfgsState.js";
import { iterate } from "./shared/lbfgsStep.js";

export type { LbfgsHyper };

/** Turns the last point x and the gradient y there into what has changed since. */
const lbfgsPair: Twin = (n, p, g, [x, y], [gradScale]) => {
  for (let i = 0; i < n; i++) {
    x[i] = sub(p[i], x[i]);
    y[i] = sub(mul(gradScale, g[i]), y[i]);
  }
};

/** Notes point and gradient, and begins the direction: -g. */
const lbfgsStart: Twin = (n, p, g, [x, y, d], [gradScale]) => {
  for (let i = 0; i < n; i++) {
    const grad = mul(gradScale, g[i]);
    x[i] = p[i];
    y[i] = grad;
    d[i] = neg(grad);
  }
};

const lbfgsMove: Twin = (n, p, _g, [x, d], [_gradScale, stepSize]) => {
  for (let i = 0; i < n; i++) p[i] = add(x[i], mul(stepSize, d[i]));
};

/**
 * L-BFGS: steps along -H g, with the inverse Hessian H estimated from the last changes of point and gradient, and a line
 * search. For a loss without noise: full batches, small models, fits.
 *
 * ```
 * s = θ - θ₀, y = g - g₀             since the last iteration; taken in if y·s > 1e-10
 * d = -H g                           two-loop recursion over the last historySize pairs, from H = y·s / y·y of the newest
 * θ = θ + t d                        t by a search for the strong Wolfe conditions, c₁ = 1e-4, c₂ = 0.9, from t = lr;
 *                                    min(1, 1/‖g‖₁) lr in the very first iteration
 *
 * Folded: θ + t d is taken with stepSize t.
 * ```
 * `step` needs the closure, calls it up to about `maxEval` times, and returns the loss before the step. It takes up to
 * `maxIter` such iterations; `opt.report.reason` says why it ended. Tolerances are on the largest magnitude in the
 * gradient (toleranceGrad) and in an iteration's change (toleranceChange, also of the loss). Loss and gradient of the closure
 * must belong together: gradScale multiplies gradients alone, which the loss must have got already.
 *
 * A loss that is NaN or infinite counts as a step that is too long; if all are, the parameters stay as they were. If a search
 * finds no lower loss, pairs are forgotten and it goes along -g; if that fails too, the reason is "precision": parameters in
 * f32 are rounded to 7 digits, and so is what a search can tell apart. The gradient then is some 1e-5 of its first size; for
 * small problems to the last digit there is `minimizeLbfgs`. If the closure throws, the parameters return to the last
 * iteration's. Pairs are also forgotten when other parameters move than before, and when `historySize` changes.
 *
 * Without the search (null), it goes `lr` along every direction, which may diverge away from a minimum: hence the search is
 * the default here, where PyTorch has none. One group. Throws a RangeError for lr or maxEval that are not above 0, negative
 * tolerances, whole numbers below 1, another group, a schedule for historySize; `step` throws a TypeError without a closure
 * and a RangeError for clipNorm.
 *
 * Liu & Nocedal, On the limited memory BFGS method for large scale optimization, Mathematical Programming 45, 1989; Nocedal &
 * Wright, Numerical optimization, 2nd ed. 2006, algorithms 3.5, 3.6, 7.4 and 7.5.
 *
 * @example
 * const opt = lbfgs(model.parameters(), { maxIter: 20 });
 * opt.step(() => {
 *   opt.zeroGrad();
 *   const loss = mse(model.forward(x), y);
 *   model.backward(loss.grad);
 *   return loss.value;
 * });
 */
export const lbfgs = /* @__PURE__ */ optimizer<LbfgsHyper, LbfgsState>({
  name: "lbfgs",
  paper: "Liu & Nocedal 1989",
  follows: "PyTorch",
  hyper: {
    ...{ lr: 1, maxIter: 20, maxEval: null, toleranceGrad: 1e-7, toleranceChange: 1e-9 },
    ...{ historySize: 10, lineSearchFn: "strongWolfe" },
  },
  check(h) {
    checkPositive("lr", h.lr);
    checkWhole("maxIter", h.maxIter);
    if (h.maxEval !== null) checkWhole("maxEval", h.maxEval);
    checkNonNegative("toleranceGrad", h.toleranceGrad);
    checkNonNegative("toleranceChange", h.toleranceChange);
    checkWhole("historySize", h.historySize);
    if (h.lineSearchFn !== null) checkOneOf("lineSearchFn", h.lineSearchFn, ["strongWolfe"]);
  },
  slots({ historySize }, shape) {
    if (Number.isNaN(historySize)) throw rangeError("historySize", "a whole number ≥ 1, not a schedule", historySize);
    // `best` has the gradient at the lowest point of a search; `noted` the step in which point and gradient were noted.
    const own = ["point", "gradient", "direction", "best", ...ringOf(historySize)];
    return { ...Object.fromEntries(own.map((name) => [name, shape])), noted: [1] };
  },
  state: () => ({ ...MADE, rho: [] }),
  report: ({ reason, iterations, evaluations }) => ({ reason: REASONS[reason], iterations, evaluations }),
  closure: "required",
  oneGroup: true,
  stepAll: ([c]) => iterate(c),
  binaries: [binary],
  kernels: { lbfgsPair, lbfgsStart, lbfgsMove },
});

/** What tests and benches run it with. */
export const trials: Trials<LbfgsHyper> = {
  variants: { "": {}, "no search": { lr: 0.1, lineSearchFn: null, historySize: 3 } },
  descend: { bowl: {}, ravine: {}, rosenbrock: {} },
};
