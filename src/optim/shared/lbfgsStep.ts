/** A step of L-BFGS: iterations, the pairs that they leave, and the directions that come from these. */
import { type Line, strongWolfe } from "../../minimize/lineSearch.js";
import type { Common } from "../core/hyperparameters.js";
import type { Member, StepContext } from "../core/rule.js";
import { type LbfgsHyper, type LbfgsReason, type LbfgsState, REASONS, sName, yName } from "./lbfgsState.js";

type Context = StepContext<LbfgsHyper, LbfgsState>;

/** PyTorch's least curvature y·s of a pair that is taken in. */
const LEAST_CURVATURE = 1e-10;
/** Evaluations of one line search, PyTorch's. */
const MOST_OF_A_SEARCH = 25;
/** By how much a loss of f32 parameters may be off, as a share of it. */
const NOISE = 2 ** -22;

/** One step; returns the loss before it. */
export function iterate(c: Context): number {
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
  const end = (reason: LbfgsReason): number => {
    s.reason = REASONS.indexOf(reason);
    return sign * first;
  };

  const first = evaluate();
  let loss = first;
  if (!allFinite(c, loss)) return end("notFinite");
  if (largestGradient(c) <= h.toleranceGrad) return end("gradient");
  if (!continues(c)) forget(s, h.historySize);
  for (let i = 1; ; i++) {
    s.iterations++;
    const fresh = s.noted === 0;
    if (!fresh) takePair(c);
    note(c);
    direct(c);
    let t = fresh ? firstLength(c) : h.lr;
    const slope = dot(c, "gradient", "direction");
    if (!(slope <= -h.toleranceChange)) return end("slope");
    const before = loss;
    if (h.lineSearchFn === "strongWolfe") {
      let found = along(c, evaluate, loss, slope, t);
      if (found.t === 0 && s.count > 0) {
        clearPairs(s);
        descend(c);
        found = along(c, evaluate, loss, dot(c, "gradient", "direction"), firstLength(c));
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

/** Whether the last step noted the point and gradient of these very parameters, and the ring has the size that it should. */
function continues({ state: s, hyper, tensors, ops }: Context): boolean {
  if (s.noted === 0 || s.size !== hyper.historySize || s.members !== tensors.length) return false;
  for (let i = 0; i < tensors.length; i++) if (ops.sum(tensors[i].slots.noted) !== s.noted) return false;
  return true;
}

/** Begins anew: the next iteration goes along -g, as the first one did. */
function forget(s: LbfgsState, size: number): void {
  Object.assign(s, { noted: 0, members: 0, size });
  clearPairs(s);
}

function clearPairs(s: LbfgsState): void {
  Object.assign(s, { count: 0, next: 0, scale: 1 });
  s.rho.length = 0;
}

/** Makes -g at the noted point the direction. */
function descend({ ops, tensors }: Context): void {
  for (let i = 0; i < tensors.length; i++) {
    const { gradient, direction } = tensors[i].slots;
    ops.copy(gradient, direction);
    ops.scale(direction, -1);
  }
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

/** direction = -H g, by the two-loop recursion: Nocedal & Wright, Numerical optimization, algorithm 7.4. */
function direct(c: Context): void {
  const { state: s, ops, tensors } = c;
  const alphas: number[] = [];
  for (let back = 1; back <= s.count; back++) {
    const k = (s.next - back + s.size) % s.size;
    alphas[k] = s.rho[k] * dot(c, sName(k), "direction");
    for (let i = 0; i < tensors.length; i++)
      ops.axpy(-alphas[k], tensors[i].slots[yName(k)], tensors[i].slots.direction);
  }
  if (s.scale !== 1) for (let i = 0; i < tensors.length; i++) ops.scale(tensors[i].slots.direction, s.scale);
  for (let back = s.count; back >= 1; back--) {
    const k = (s.next - back + s.size) % s.size;
    const weight = alphas[k] - s.rho[k] * dot(c, yName(k), "direction");
    for (let i = 0; i < tensors.length; i++) ops.axpy(weight, tensors[i].slots[sName(k)], tensors[i].slots.direction);
  }
}

/** Searches along the direction; leaves parameters and gradients where it ends. */
function along(c: Context, evaluate: () => number, loss: number, slope: number, t: number) {
  const { ops, tensors } = c;
  const line: Line = {
    value: 0,
    slope: 0,
    evaluate(where) {
      move(c, where);
      line.value = evaluate();
      line.slope = c.gradScale * sum(tensors, ({ g, slots }) => ops.dot(g, slots.direction));
    },
    keep() {
      for (let i = 0; i < tensors.length; i++) ops.copy(tensors[i].g, tensors[i].slots.best);
    },
  };
  const shortest = c.hyper.toleranceChange / largest(c, "direction");
  const noise = NOISE * Math.abs(loss);
  const found = strongWolfe(line, loss, slope, t, { most: MOST_OF_A_SEARCH, shortest, noise });
  if (found.t === 0) stay(c);
  else if (!found.last) {
    move(c, found.t);
    for (let i = 0; i < tensors.length; i++) ops.copy(tensors[i].slots.best, tensors[i].g);
  }
  return found;
}

/** p = point + t direction */
function move(c: Context, stepSize: number): void {
  for (let i = 0; i < c.tensors.length; i++) {
    const { p, g, slots } = c.tensors[i];
    c.run("lbfgsMove", [stepSize], { p, g, slots: { point: slots.point, direction: slots.direction } });
  }
}

/** Puts parameters and gradients back to where the iteration began. */
function stay({ ops, tensors, gradScale }: Context): void {
  for (let i = 0; i < tensors.length; i++) {
    const { p, g, slots } = tensors[i];
    ops.copy(slots.point, p);
    ops.copy(slots.gradient, g);
    if (gradScale !== 1) ops.scale(g, 1 / gradScale);
  }
}

const sum = (tensors: readonly Member[], of: (m: Member) => number): number => {
  let all = 0;
  for (let i = 0; i < tensors.length; i++) all += of(tensors[i]);
  return all;
};
const dot = ({ ops, tensors }: Context, x: string, y: string): number =>
  sum(tensors, ({ slots }) => ops.dot(slots[x], slots[y]));
const total = ({ ops, tensors }: Context, x: string): number => sum(tensors, ({ slots }) => ops.sumAbs(slots[x]));
function largest({ ops, tensors }: Context, x: string): number {
  let most = 0;
  for (let i = 0; i < tensors.length; i++) most = Math.max(most, ops.maxAbs(tensors[i].slots[x]));
  return most;
}
/** The largest magnitude in the gradient. */
function largestGradient({ ops, tensors, gradScale }: Context): number {
  let most = 0;
  for (let i = 0; i < tensors.length; i++) most = Math.max(most, ops.maxAbs(tensors[i].g));
  return Math.abs(gradScale) * most;
}
const allFinite = ({ ops, tensors }: Context, loss: number): boolean =>
  Number.isFinite(loss) && Number.isFinite(sum(tensors, ({ g }) => ops.dot(g, g)));
