import { checkNonNegative, checkRate } from "../check.js";
import type { Ref, Twin } from "../engine/backend.js";
import { perEngine } from "../engine/perEngine.js";
import { type Shape, sizeOf, type Tensor } from "../engine/tensor.js";
import rowsBinary from "../engine/wasm/binaries/optim/sm3/rows.js";
import binary from "../engine/wasm/binaries/optim/sm3.js";
import { add, div, eq, mul, sqrt, sub, unless } from "../math/f32.js";
import type { Member, StepContext, Trials } from "./core/rule.js";
import { optimizer } from "./core/ruleOptimizer.js";
import { bare } from "./shared/layerwise.js";
import { sm3RowKernels } from "./sm3/rows.js";

/** Hyperparameters of {@link sm3}. */
export interface Sm3Hyper {
  /** Learning rate. */
  lr: number;
  /** β, the decay rate of the average of steps; 0 for none, and no slot of the parameter's size. */
  momentum: number;
  /** Added to the second moment, under the root. */
  eps: number;
}
type Context = StepContext<Sm3Hyper, object>;

const sm3Twin: Twin = (n, p, g, [cover], [gradScale, eps, lr]) => {
  for (let i = 0; i < n; i++) {
    const grad = mul(gradScale, g[i]);
    const square = add(cover[i], mul(grad, grad));
    cover[i] = square;
    const update = unless(eq(square, 0), div(grad, sqrt(add(square, eps))));
    p[i] = sub(p[i], mul(lr, update));
  }
};

const sm3Momentum: Twin = (n, p, g, [cover, m], [gradScale, eps, momentum, oneMinusMomentum, lr]) => {
  for (let i = 0; i < n; i++) {
    const grad = mul(gradScale, g[i]);
    const square = add(cover[i], mul(grad, grad));
    cover[i] = square;
    const update = unless(eq(square, 0), div(grad, sqrt(add(square, eps))));
    const velocity = add(mul(momentum, m[i]), mul(oneMinusMomentum, update));
    m[i] = velocity;
    p[i] = sub(p[i], mul(lr, velocity));
  }
};

// As in adafactor.ts: their binary is first among the rule's, and loaded with the update kernels.
const kernelsOf = /* @__PURE__ */ perEngine(sm3RowKernels, [rowsBinary]);

/** Rows and columns of a tensor: those of the matrix that all dimensions but the last are the rows of. */
const splitOf = (shape: Shape): [rows: number, columns: number] => [
  sizeOf(shape.slice(0, -1)),
  shape[shape.length - 1],
];

/**
 * SM3: AdaGrad whose sums of squares are kept for each row and each column, and bound those of the elements from above.
 * For models whose optimizer state would not fit.
 *
 * ```
 * ν[i, j] = min(cover0[i], cover1[j]) + g[i, j]²
 * cover0[i] = max over j of ν[i, j],  cover1[j] = max over i of ν[i, j]
 * m = βm + (1 - β) g / √(ν + ε)                   0 where ν is 0
 * θ = θ - lr m
 * ```
 * A tensor has a cover for each dimension, and ν is the least of them; with one dimension that is AdaGrad. There is no
 * weight decay. The decaying second moment that Optax and pytorch_optimizer have as an option is not in the paper, and not
 * offered. Throws a RangeError for negative lr or eps, and a momentum outside [0, 1).
 *
 * Anil et al., Memory-efficient adaptive optimization, NeurIPS 2019, algorithm SM3-II.
 *
 * @example
 * const opt = sm3(model.parameters(), { lr: 0.1 });
 */
export const sm3 = /* @__PURE__ */ optimizer<Sm3Hyper, object>({
  name: "sm3",
  paper: "Anil et al. 2019",
  follows: "Optax",
  hyper: { lr: 0.1, momentum: 0.9, eps: 1e-8 },
  check({ lr, momentum, eps }) {
    checkNonNegative("lr", lr);
    checkRate("momentum", momentum);
    checkNonNegative("eps", eps);
  },
  slots(h, shape) {
    const covers: Record<string, Shape> = {};
    for (const [axis, size] of (shape.length === 0 ? [1] : shape).entries()) covers[`cover${axis}`] = [size];
    return h.momentum === 0 ? covers : { ...covers, expAvg: shape };
  },
  scratch(_, shape): Record<string, Shape> {
    if (shape.length < 2) return {};
    const [rows, columns] = splitOf(shape);
    return { newCover: [columns], ...(shape.length > 2 && { rowCover: [rows] }) };
  },
  averages: () => ["expAvg"],
  step(c) {
    const { lr, momentum, eps } = c.hyper;
    const oneMinusMomentum = 1 - momentum;
    for (const member of c.tensors) {
      if (member.p.shape.length > 1) stepMatrix(c, member);
      else if (member.slots.expAvg) c.run("sm3Momentum", [eps, momentum, oneMinusMomentum, lr], member);
      else c.run("sm3", [eps, lr], bare(member), [member.slots.cover0]);
    }
    return undefined;
  },
  binaries: [rowsBinary, binary],
  kernels: { sm3: sm3Twin, sm3Momentum },
});

function stepMatrix(c: Context, { p, g, slots }: Member): void {
  const { lr, momentum, eps } = c.hyper;
  const { shape } = p;
  const [rows, columns] = splitOf(shape);
  const columnCover = slots[`cover${shape.length - 1}`];
  const newCover = c.scratch("newCover", [columns]);
  const rowCover = shape.length === 2 ? slots.cover0 : c.scratch("rowCover", [rows]);
  if (shape.length > 2) gather(slots, shape, rowCover);
  const m = slots.expAvg?.ref ?? (0 as Ref);
  const { sm3Rows } = kernelsOf(p.engine);
  // biome-ignore format: one argument after the other, as in the kernel
  sm3Rows(rows, columns, p.ref, g.ref, m, rowCover.ref, columnCover.ref, newCover.ref, c.gradScale, eps, momentum, 1 - momentum, lr);
  c.ops.copy(newCover, columnCover);
  if (shape.length > 2) scatter(slots, shape, rowCover);
}

/** rowCover = the least cover of all dimensions but the last, for each row. */
function gather(slots: Record<string, Tensor>, shape: Shape, rowCover: Tensor): void {
  const rows = rowCover.data;
  rows.fill(Number.POSITIVE_INFINITY);
  eachAxis(shape, (axis, size, stride) => {
    const cover = slots[`cover${axis}`].data;
    for (let r = 0; r < rows.length; r++) rows[r] = Math.min(rows[r], cover[Math.floor(r / stride) % size]);
  });
}

/** The covers of all dimensions but the last = the largest of their rows. */
function scatter(slots: Record<string, Tensor>, shape: Shape, rowCover: Tensor): void {
  const rows = rowCover.data;
  eachAxis(shape, (axis, size, stride) => {
    const cover = slots[`cover${axis}`].data;
    cover.fill(0);
    for (let r = 0; r < rows.length; r++) {
      const i = Math.floor(r / stride) % size;
      cover[i] = Math.max(cover[i], rows[r]);
    }
  });
}

/** Each dimension but the last, with its size and the rows from one index of it to the next. */
function eachAxis(shape: Shape, visit: (axis: number, size: number, stride: number) => void): void {
  let stride = 1;
  for (let axis = shape.length - 2; axis >= 0; axis--) {
    visit(axis, shape[axis], stride);
    stride *= shape[axis];
  }
}

/** Settings for tests and benches. */
export const trials: Trials<Sm3Hyper> = {
  variants: { "": {}, "no momentum": { lr: 0.05, momentum: 0, eps: 1e-6 } },
  descend: { bowl: { lr: 1 }, ravine: { lr: 1 }, rosenbrock: { lr: 3 } },
};
