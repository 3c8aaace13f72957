/**
 * A rule whose own `step` calls the closure, group by group, as the type of a rule allows. The real ones that need a closure,
 * nag and lbfgs, see all groups at once (`stepAll`).
 */
import { describe, expect, it } from "vitest";
import type { Tensor } from "../../src/engine/tensor.js";
import { optimizer } from "../../src/optim/core/ruleOptimizer.js";
import { backends, shared } from "../support/backends.js";

/** Steepest descent that halves its step until the loss falls: Nocedal & Wright, algorithm 3.1 with c = 0, ρ = 1/2. */
const backtracking = optimizer<{ lr: number }, { halvings: number }>({
  name: "backtracking",
  paper: "Nocedal & Wright 2006",
  follows: "paper",
  hyper: { lr: 1 },
  check() {},
  slots: (_, shape) => ({ from: shape, gradient: shape }),
  state: () => ({ halvings: 0 }),
  report: ({ halvings }) => ({ halvings }),
  kernels: {},
  closure: "required",
  step({ tensors, ops, hyper, state, closure, gradScale }) {
    const before = closure!();
    for (const { p, g, slots } of tensors) {
      ops.copy(p, slots.from);
      ops.copy(g, slots.gradient);
    }
    for (let lr = hyper.lr; ; lr /= 2, state.halvings++) {
      for (const { p, slots } of tensors) {
        ops.copy(slots.from, p);
        ops.axpy(-lr * gradScale, slots.gradient, p);
      }
      if (closure!() <= before) return before;
    }
  },
});

/** ½ Σ k x², with all numbers exact in f32. */
const bowl = (tensors: readonly Tensor[], k: number) => (): number => {
  let value = 0;
  for (const { data, grad } of tensors) {
    grad.set(data.map((x) => k * x));
    for (const x of data) value += (k * x * x) / 2;
  }
  return value;
};

describe.each(backends)("$name", (backend) => {
  const own = shared(backend);

  it("evaluates as often as it needs, for each group from where the others are", () => {
    const [x, y] = [own().tensor(2, [1, -2]), own().tensor(1, [4])];
    const opt = backtracking([{ params: [x] }, { params: [y], lr: 1 / 8 }], { lr: 1 });
    let calls = 0;
    const closure = bowl([x, y], 4);
    const loss = opt.step(() => {
      calls++;
      return closure();
    });
    // 42 at first. x: a step of 1 gives -3x, a loss of 90 + 32; ½ gives -x, as high as before. Then y: ⅛ of 16.
    expect(loss).toBe(42);
    expect([...x.data, ...y.data]).toEqual([-1, 2, 2]);
    expect(calls).toBe(3 + 2);
    expect(opt.report).toEqual({ halvings: 1 });
    expect(opt.stepCount).toBe(1);
  });

  it("refuses to step without a closure, or with clipping", () => {
    const opt = backtracking([own().tensor(1)]);
    expect(() => opt.step()).toThrow(TypeError);
    expect(() => opt.step(() => 0, { clipNorm: 1 })).toThrow(RangeError);
    expect(opt.stepCount).toBe(0);
  });
});
