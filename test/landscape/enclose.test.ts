/** Bounds over boxes hold what they bound: gradients and Hessians at points of the box, on which the search relies. */
import { expect, it } from "vitest";
import { Enclosure } from "../../src/landscape/enclose.js";
import { landscape, landscapes } from "../../src/landscape/index.js";
import { numbers } from "../support/numbers.js";

const one = ["rastrigin", "styblinskiTang", "ackley", "quartic"].map(
  (name) => [`${name} in 1`, landscape(name, 1)] as const,
);

it.each([...Object.entries(landscapes), ...one])("%s", (name, surface) => {
  const { dims, domain } = surface;
  const enclosure = new Enclosure(surface.evaluator.graph);
  const bounds = (size: number) => ({ lo: new Float64Array(size), hi: new Float64Array(size) });
  const [g, h] = [bounds(dims), bounds(dims * dims)];
  const next = numbers(name.length);
  let narrowest = Number.POSITIVE_INFINITY;
  for (let k = 0; k < 400; k++) {
    // From boxes of the size of the domain down to points.
    const share = k % 8 === 0 ? 0 : 2 ** (-30 * next());
    const lo = domain.map(([from, to]) => from + (to - from) * (1 - share) * next());
    const hi = lo.map((from, i) => from + (domain[i]![1] - domain[i]![0]) * share);
    enclosure.gradient(lo, hi, g);
    enclosure.hessian(h);
    for (let i = 0; i < dims; i++) if (share < 1e-6) narrowest = Math.min(narrowest, g.hi[i]! - g.lo[i]!);
    for (let p = 0; p < 12; p++) {
      const x = lo.map((from, i) => Math.min(hi[i]!, from + (hi[i]! - from) * (p === 0 ? 0 : p === 1 ? 1 : next())));
      const gradient = surface.grad(x);
      const hessian = surface.hessian(x).flatMap((row) => [...row]);
      // What floats compute is itself off by rounding; terms of 1e6 cancel on some surfaces.
      const slack = (list: ArrayLike<number>) => 1e-12 * (1 + Math.max(...Array.from(list, Math.abs)));
      for (const [i, each] of gradient.entries()) {
        if (!(each >= g.lo[i]! - slack(gradient) && each <= g.hi[i]! + slack(gradient)))
          expect.fail(`∂${i} at ${x}: ${each}`);
      }
      for (const [i, each] of hessian.entries()) {
        if (!(each >= h.lo[i]! - slack(hessian) && each <= h.hi[i]! + slack(hessian)))
          expect.fail(`Hessian at ${x}: ${each}`);
      }
    }
  }
  expect(narrowest).toBeLessThan(0.1); // and are no idle bounds
});

it("leave out no direction where the cone has its tip", () => {
  const enclosure = new Enclosure(landscapes.ackley.evaluator.graph);
  const g = { lo: new Float64Array(2), hi: new Float64Array(2) };
  enclosure.gradient([-1e-3, -2e-3], [2e-3, 1e-3], g);
  for (let i = 0; i < 2; i++) expect(g.lo[i]! < -2 && g.hi[i]! > 2).toBe(true);
});
