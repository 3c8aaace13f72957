import { checkNonNegative, checkPositive, checkWhole } from "../../../src/check.js";
import type { Tensor } from "../../../src/engine/tensor.js";
import type { Member, StepContext } from "../../../src/optim/core/rule.js";
import { optimizer } from "../../../src/optim/core/ruleOptimizer.js";
import { type Point, strongWolfe } from "./wolfe.js";

interface LbfgsHyper {
  lr: number;
  maxIter: number;
  historySize: number;
  toleranceGrad: number;
  toleranceChange: number;
  lineSearchFn: "strong_wolfe" | null;
}

interface LbfgsState {
  iterations: number;
  evaluations: number;
  /** Step length along the last direction. */
  t: number;
  hDiag: number;
  /** 1 / y·s of each pair, oldest first, and the slot that each is in. */
  rho: number[];
  order: number[];
}

type Context = StepContext<LbfgsHyper, LbfgsState>;

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const over = (c: Context, f: (m: Member) => number): number => c.tensors.reduce((total, m) => total + f(m), 0);
/** A slot of one name, over all parameters: what PyTorch keeps as one flat vector. */
const slot =
  (name: string) =>
  ({ slots }: Member): Tensor =>
    slots[name];
const gradient = ({ g }: Member): Tensor => g;
const direction = slot("direction");
const dot = (c: Context, x: (m: Member) => Tensor, y: (m: Member) => Tensor): number =>
  over(c, (m) => c.ops.dot(x(m), y(m)));
const largest = (c: Context, x: (m: Member) => Tensor): number =>
  Math.max(...c.tensors.map((m) => x(m).data.reduce((most, value) => Math.max(most, Math.abs(value)), 0)));

/**
 * L-BFGS as in PyTorch: up to maxIter iterations a step, each along H·g from the last historySize pairs of changes.
 * One group. Nocedal & Wright, Numerical optimization, algorithm 7.4.
 */
export const lbfgs = optimizer<LbfgsHyper, LbfgsState>({
  name: "lbfgs",
  paper: "Liu & Nocedal 1989",
  follows: "PyTorch",
  hyper: { lr: 1, maxIter: 20, historySize: 100, toleranceGrad: 1e-7, toleranceChange: 1e-9, lineSearchFn: null },
  check({ lr, maxIter, historySize, toleranceGrad, toleranceChange }) {
    checkPositive("lr", lr);
    checkWhole("maxIter", maxIter);
    checkWhole("historySize", historySize);
    checkNonNegative("toleranceGrad", toleranceGrad);
    checkNonNegative("toleranceChange", toleranceChange);
  },
  slots({ historySize }, shape) {
    const names = [...range(historySize).flatMap((k) => [`s${k}`, `y${k}`]), "direction", "previousGrad"];
    return Object.fromEntries(names.map((name) => [name, shape]));
  },
  state: () => ({ iterations: 0, evaluations: 0, t: 0, hDiag: 1, rho: [], order: [] }),
  kernels: {},
  closure: "required",
  step(c) {
    const { state: s, ops } = c;
    const { lr, maxIter, toleranceGrad, toleranceChange, lineSearchFn } = c.hyper;
    let evaluations = 0;
    const evaluate = (): number => {
      const loss = c.closure!();
      if (c.gradScale !== 1) for (const { g } of c.tensors) ops.scale(g, c.gradScale);
      evaluations++;
      s.evaluations++;
      return loss * c.gradScale;
    };

    const first = evaluate();
    if (largest(c, gradient) <= toleranceGrad) return first / c.gradScale;
    let loss = first;
    for (let i = 1; i <= maxIter; i++) {
      s.iterations++;
      if (s.iterations > 1) remember(c);
      direct(c);
      for (const m of c.tensors) ops.copy(m.g, m.slots.previousGrad);
      const before = loss;
      const sumAbs = over(c, ({ g }) => g.data.reduce((total, value) => total + Math.abs(value), 0));
      s.t = s.iterations === 1 ? Math.min(1, 1 / sumAbs) * lr : lr;
      const slope = dot(c, gradient, direction);
      if (slope > -toleranceChange) break;
      if (lineSearchFn === "strong_wolfe") {
        loss = search(c, evaluate, loss, slope);
      } else {
        for (const m of c.tensors) ops.axpy(s.t, direction(m), m.p);
        if (i < maxIter) loss = evaluate();
      }
      if (evaluations >= Math.floor((maxIter * 5) / 4)) break;
      if (largest(c, gradient) <= toleranceGrad) break;
      if (largest(c, direction) * s.t <= toleranceChange) break;
      if (Math.abs(loss - before) < toleranceChange) break;
    }
    return first / c.gradScale;
  },
});

/** Takes in the pair of the last iteration, s = t·d and y = g − g before it, unless its curvature is too small. */
function remember(c: Context): void {
  const { state: s, ops } = c;
  const spare = range(c.hyper.historySize).find((k) => !s.order.includes(k)) ?? s.order[0];
  // PyTorch drops the oldest pair only when a new one takes its place, so look at the curvature first.
  const change = (m: Member): Tensor => c.scratch(`change${c.tensors.indexOf(m)}`, m.p.shape);
  for (const m of c.tensors) {
    ops.copy(m.g, change(m));
    ops.axpy(-1, m.slots.previousGrad, change(m));
  }
  const curvature = dot(c, change, direction) * s.t;
  if (curvature <= 1e-10) return;
  if (s.order.length === c.hyper.historySize) {
    s.order.shift();
    s.rho.shift();
  }
  for (const m of c.tensors) {
    ops.copy(change(m), m.slots[`y${spare}`]);
    ops.copy(direction(m), m.slots[`s${spare}`]);
    ops.scale(m.slots[`s${spare}`], s.t);
  }
  s.order.push(spare);
  s.rho.push(1 / curvature);
  s.hDiag = curvature / dot(c, change, change);
}

/** direction = −H·g, by the two-loop recursion. */
function direct(c: Context): void {
  const { state: s, ops } = c;
  for (const m of c.tensors) {
    ops.copy(m.g, direction(m));
    ops.scale(direction(m), -1);
  }
  const alpha: number[] = [];
  for (let i = s.order.length - 1; i >= 0; i--) {
    const k = s.order[i];
    alpha[i] = dot(c, slot(`s${k}`), direction) * s.rho[i];
    for (const m of c.tensors) ops.axpy(-alpha[i], m.slots[`y${k}`], direction(m));
  }
  for (const m of c.tensors) ops.scale(direction(m), s.hDiag);
  for (const [i, k] of s.order.entries()) {
    const beta = dot(c, slot(`y${k}`), direction) * s.rho[i];
    for (const m of c.tensors) ops.axpy(alpha[i] - beta, m.slots[`s${k}`], direction(m));
  }
}

/** Moves to where the strong Wolfe conditions hold, with the gradient of that point; returns the loss there. */
function search(c: Context, evaluate: () => number, loss: number, slope: number): number {
  const { state: s, ops } = c;
  const scratch = (name: string, m: Member): Tensor => c.scratch(`${name}${c.tensors.indexOf(m)}`, m.p.shape);
  for (const m of c.tensors) ops.copy(m.p, scratch("from", m));
  const move = (t: number): void => {
    for (const m of c.tensors) {
      ops.copy(scratch("from", m), m.p);
      ops.axpy(t, direction(m), m.p);
    }
  };
  const at = (t: number, buffer: string): Point => {
    move(t);
    const f = evaluate();
    for (const m of c.tensors) ops.copy(m.g, scratch(buffer, m));
    return { t, f, slope: dot(c, gradient, direction), buffer };
  };
  for (const m of c.tensors) ops.copy(m.g, scratch("grad0", m));
  const start = { t: 0, f: loss, slope, buffer: "grad0" };
  const found = strongWolfe(at, start, s.t, largest(c, direction), c.hyper.toleranceChange);
  s.t = found.t;
  move(found.t);
  for (const m of c.tensors) ops.copy(scratch(found.buffer, m), m.g);
  return found.f;
}
