import { checkNonNegative, checkOneOf, checkPositive, checkWhole, rangeError } from "../check.js";
import type { Twin } from "../engine/backend.js";
import binary from "../engine/wasm/binaries/optim/lbfgs.js";
import { add, mul, neg, sub } from "../math/f32.js";
import type { Common } from "./core/hyperparameters.js";
import type { StepContext, Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";
import {
  clearPairs,
  forget,
  type LbfgsReason,
  type LbfgsState,
  MADE,
  REASONS,
  ringOf,
  sName,
  yName,
} from "./lbfgs/state.js";
import {
  allFinite,
  along,
  continues,
  descend,
  direct,
  dot,
  largest,
  largestGradient,
  stay,
  total,
} from "./lbfgs/vectors.js";

/** Hyperparameters of `lbfgs`. */
export interface LbfgsHyper {
  /** Step length tried first along every direction but the first; the only one without a line search. */
  lr: number;
  /** Iterations of one step at most, each along a direction of its own. */
  maxIter: number;
  /** Evaluations after which a step begins no further iteration; null: 1.25 `maxIter`, rounded down. */
  maxEval: number | null;
  /** A step ends where no element of the gradient is larger. */
  toleranceGrad: number;
  /** A step ends after an iteration that changes no parameter, or the loss, by more; and where the slope is flatter. */
  toleranceChange: number;
  /** Pairs of changes that the curvature is estimated from; each takes 8 bytes a parameter. PyTorch's default is 100. */
  historySize: number;
  /** How far to go along a direction: "strongWolfe" searches, null goes `lr`. PyTorch's default is none. */
  lineSearchFn: "strongWolfe" | null;
}

type Context = StepContext<LbfgsHyper, LbfgsState>;

/** PyTorch's least curvature y·s of a pair that is taken in. */
const LEAST_CURVATURE = 1e-10;
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
 * f32 are rounded to 7 digits, and so is what a search can tell apart. On Rosenbrock's function of 100 variables the gradient
 * ends at 2e-5 to 5e-5. For small problems to the last digit there is `minimizeLbfgs`. If the closure throws, the parameters return to the last
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

/** One step; returns the loss before it. */
function iterate(c: Context): number {
  const { state: s, hyper: h } = c;
  const sign = (h as LbfgsHyper & Common).maximize ? -1 : 1;
  const maxEval = h.maxEval ?? Math.floor(1.25 * h.maxIter);
  let calls = 0;
  const evaluate = (): number => {
    calls++;
    s.evaluations++;
    try {
      return sign * c.closure!();
    } catch (error) {
      if (calls > 1) stay(c);
      throw error;
    }
  };
  const moves = (t: number): void => move(c, t);
  const end = (reason: LbfgsReason): number => {
    s.reason = REASONS.indexOf(reason);
    return sign * first;
  };

  const first = evaluate();
  let loss = first;
  if (!allFinite(c, loss)) return end("notFinite");
  if (largestGradient(c) <= h.toleranceGrad) return end("gradient");
  if (!continues(c, h.historySize)) forget(s, h.historySize);
  for (let i = 1; ; i++) {
    s.iterations++;
    const fresh = s.noted === 0;
    if (!fresh) takePair(c);
    note(c);
    direct(c);
    let t = fresh ? firstLength(c) : h.lr;
    let slope = dot(c, "gradient", "direction");
    if (s.count > 0 && !(slope < 0)) {
      // Rounding has turned the direction uphill.
      slope = restart(c);
      t = firstLength(c);
    }
    if (!(slope <= -h.toleranceChange)) return end("slope");
    const before = loss;
    if (h.lineSearchFn === "strongWolfe") {
      let found = along(c, moves, evaluate, [loss, slope, t], h.toleranceChange);
      if (found.t === 0 && s.count > 0) {
        slope = restart(c);
        found = along(c, moves, evaluate, [loss, slope, firstLength(c)], h.toleranceChange);
      }
      if (found.t === 0) return end(found.notFinite ? "notFinite" : "precision");
      ({ t, value: loss } = found);
    } else {
      move(c, t);
      if (i < h.maxIter) loss = evaluate();
      if (!allFinite(c, loss)) {
        stay(c);
        return end("notFinite");
      }
    }
    if (i >= h.maxIter) return end("maxIter");
    if (calls >= maxEval) return end("maxEval");
    if (largestGradient(c) <= h.toleranceGrad) return end("gradient");
    if (largest(c, "direction") * t <= h.toleranceChange) return end("step");
    if (Math.abs(loss - before) < h.toleranceChange) return end("loss");
  }
}

/** Forgets the pairs; the direction is -g. Returns the slope along it. */
function restart(c: Context): number {
  clearPairs(c.state);
  descend(c);
  return dot(c, "gradient", "direction");
}

/** The step tried first along -g. */
const firstLength = (c: Context): number => Math.min(1, 1 / total(c, "gradient")) * c.hyper.lr;

/** Takes in the changes since point and gradient were noted, unless there is no curvature in them. */
function takePair(c: Context): void {
  const { state: s, ops, tensors } = c;
  for (let i = 0; i < tensors.length; i++) {
    const { p, g, slots } = tensors[i];
    c.run("lbfgsPair", [], { p, g, slots: { point: slots.point, gradient: slots.gradient } });
  }
  const curvature = dot(c, "gradient", "point");
  const square = dot(c, "gradient", "gradient");
  if (!(curvature > LEAST_CURVATURE) || !Number.isFinite(curvature / square)) return;
  const k = s.next;
  for (let i = 0; i < tensors.length; i++) {
    const { slots } = tensors[i];
    ops.copy(slots.point, slots[sName(k)]);
    ops.copy(slots.gradient, slots[yName(k)]);
  }
  s.rho[k] = 1 / curvature;
  s.scale = curvature / square;
  s.next = (k + 1) % s.size;
  s.count = Math.min(s.count + 1, s.size);
}

/** Notes where the parameters are, and the gradient there; the direction is -g for now. */
function note(c: Context): void {
  const { state: s, ops, tensors, t } = c;
  for (let i = 0; i < tensors.length; i++) {
    const { p, g, slots } = tensors[i];
    const { point, gradient, direction } = slots;
    c.run("lbfgsStart", [], { p, g, slots: { point, gradient, direction } });
    ops.fill(slots.noted, t);
  }
  s.noted = t;
  s.members = tensors.length;
}

/** p = point + t direction */
function move(c: Context, stepSize: number): void {
  for (let i = 0; i < c.tensors.length; i++) {
    const { p, g, slots } = c.tensors[i];
    c.run("lbfgsMove", [stepSize], { p, g, slots: { point: slots.point, direction: slots.direction } });
  }
}
