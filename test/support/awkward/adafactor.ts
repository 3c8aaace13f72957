import { checkNonNegative, checkNumber, rangeError, typeError } from "../../../src/check.js";
import type { Twin } from "../../../src/engine/backend.js";
import { add, div, max, mul, sqrt } from "../../../src/f32.js";
import type { Member, StepContext } from "../../../src/optim/core/rule.js";
import { optimizer } from "../../../src/optim/core/ruleOptimizer.js";

interface AdafactorHyper {
  lr: number;
  beta2Decay: number;
  /** ε₁, a floor under the second moment (null: the distance from 1 to the next f32), and ε₂, under the scale of θ. */
  eps: readonly [number | null, number];
  d: number;
  weightDecay: number;
}

const F32_EPSILON = 2 ** -23;

// Slots come before what a call adds, so a kernel over a matrix sees its row and column first and skips them.
const squares: Twin = (n, _p, g, [_row, _column, square], [gradScale]) => {
  for (let i = 0; i < n; i++) {
    const grad = mul(gradScale, g[i]);
    square[i] = mul(grad, grad);
  }
};

/** u = g / √max(v, ε₁²), with v in u. */
const factored: Twin = (n, _p, g, [_row, _column, u], [gradScale, floor]) => {
  for (let i = 0; i < n; i++) u[i] = div(mul(gradScale, g[i]), sqrt(max(u[i], floor)));
};

/** The same with a second moment for each element. */
const full: Twin = (n, _p, g, [v, u], [gradScale, keep, intake, floor]) => {
  for (let i = 0; i < n; i++) {
    const grad = mul(gradScale, g[i]);
    const square = add(mul(keep, v[i]), mul(intake, mul(grad, grad)));
    v[i] = square;
    u[i] = div(grad, sqrt(max(square, floor)));
  }
};

/** Adafactor as in PyTorch ≥ 2.5: a matrix keeps the mean squares of its rows and columns alone. Shazeer & Stern 2018. */
export const adafactor = optimizer<AdafactorHyper, object>({
  name: "adafactor",
  paper: "Shazeer & Stern 2018",
  follows: "PyTorch",
  hyper: { lr: 0.01, beta2Decay: -0.8, eps: [null, 1e-3], d: 1, weightDecay: 0 },
  check({ lr, beta2Decay, eps, d, weightDecay }) {
    checkNonNegative("lr", lr);
    checkNumber("beta2Decay", beta2Decay, "a number ≤ 0", (x) => x <= 0);
    if (!Array.isArray(eps)) throw typeError("eps", "a pair", eps);
    if (eps.length !== 2) throw rangeError("eps", "a pair", eps);
    if (eps[0] !== null) checkNonNegative("eps[0]", eps[0]);
    checkNonNegative("eps[1]", eps[1]);
    checkNumber("d", d, "a number ≥ 1", (x) => x >= 1);
    checkNonNegative("weightDecay", weightDecay);
  },
  slots: (_, shape) =>
    shape.length === 2
      ? { rowVar: [shape[0], 1], colVar: [1, shape[1]] }
      : ({ variance: shape } as Record<string, typeof shape>),
  kernels: { squares, factored, full },
  step(c) {
    const { lr, beta2Decay, eps, d, weightDecay } = c.hyper;
    // A rule of the library would take this power from deterministic code; what is tested here is the type.
    const intake = c.t ** beta2Decay;
    const rho = Math.min(lr, 1 / Math.sqrt(c.t));
    const least = eps[0] ?? F32_EPSILON;
    for (const member of c.tensors) {
      const { p } = member;
      const root = Math.sqrt(p.size);
      const alpha = Math.max(eps[1], c.ops.norm(p) / root) * rho;
      if (weightDecay !== 0) c.ops.scale(p, 1 - lr * weightDecay);
      const update = c.scratch("update", p.shape);
      if (p.shape.length === 2) matrix(c, member, update, intake, least);
      else c.run("full", [1 - intake, intake, least * least], member, [update]);
      const stride = c.ops.norm(update) / (root * d);
      c.ops.axpy(-alpha / Math.max(1, stride), update, p);
    }
    return undefined;
  },
});

function matrix(
  c: StepContext<AdafactorHyper, object>,
  member: Member,
  update: Member["p"],
  intake: number,
  least: number,
): void {
  const { ops } = c;
  const [rows, columns] = member.p.shape as [number, number];
  const { rowVar, colVar } = member.slots as { rowVar: Member["p"]; colVar: Member["p"] };
  c.run("squares", [], member, [update]);
  // Means of rows and columns as products with (1 − β₂) / n, on top of β₂ times the old ones.
  const perColumn = c.scratch("perColumn", [columns, 1]);
  ops.fill(perColumn, intake / columns);
  ops.scale(rowVar, 1 - intake);
  ops.matmul(update, perColumn, rowVar, { accumulate: true });
  const perRow = c.scratch("perRow", [1, rows]);
  ops.fill(perRow, intake / rows);
  ops.scale(colVar, 1 - intake);
  ops.matmul(perRow, update, colVar, { accumulate: true });
  ops.matmul(rowVar, colVar, update);
  ops.scale(update, 1 / Math.max(ops.sum(rowVar) / rows, least));
  c.run("factored", [least * least], member, [update]);
}
