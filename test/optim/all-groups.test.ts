/** Rules whose scalars depend on all groups together: the grouping of the tensors makes no difference. */
import { describe, expect, it } from "vitest";
import type { Engine } from "../../src/engine/engine.js";
import type { Tensor } from "../../src/engine/tensor.js";
import { backends, shared } from "../support/backends.js";
import { flat } from "../support/golden.js";
import { uniform } from "../support/numbers.js";
import { type AnyOptimizer, rows } from "../support/options.js";

const SIZES = [13, 5, 6, 1];
const together = rows.filter(({ factory }) => factory.rule.stepAll && factory.rule.closure !== "required");

const make = (engine: Engine): Tensor[] => SIZES.map((size, i) => engine.tensor(size, uniform(size, i)));

/** Steps of all tensors, the parameters after each. */
function walk(opt: AnyOptimizer, tensors: readonly Tensor[]): number[][] {
  return Array.from({ length: 30 }, (_, t) => {
    for (const [i, tensor] of tensors.entries()) tensor.grad.set(uniform(tensor.size, 100 * t + i));
    opt.step();
    return flat(tensors);
  });
}

it("has rows", () => expect(together.length).toBeGreaterThan(0));

describe.each(backends)("$name", (backend) => {
  const own = shared(backend);
  describe.each(together)("$title", ({ factory, hyper }) => {
    it.each([1, 2, 3])("takes the same steps in two groups, split at %i, as in one", (at) => {
      const engine = own();
      const one = make(engine);
      const two = make(engine);
      const whole = walk(factory(one, hyper), one);
      const split = walk(factory([{ params: two.slice(0, at) }, { params: two.slice(at) }], hyper), two);
      expect(split).toEqual(whole);
      expect(whole.at(-1)).not.toEqual(whole[0]);
    });

    it("continues with the others if the gradient of one tensor is NaN", () => {
      const engine = own();
      const tensors = make(engine);
      const opt = factory(tensors, hyper);
      for (let t = 0; t < 5; t++) {
        for (const [i, tensor] of tensors.entries()) tensor.grad.set(uniform(tensor.size, 100 * t + i));
        if (t === 1) tensors[1].grad.fill(Number.NaN);
        opt.step();
      }
      const [first, , ...others] = tensors;
      expect(flat([first, ...others]).every(Number.isFinite)).toBe(true);
    });
  });
});
