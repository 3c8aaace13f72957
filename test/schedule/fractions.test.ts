/** Options of the references that take any real number, compared with their formulas written with Math. */
import { describe, expect, it } from "vitest";
import { type Schedule, schedules } from "../../src/index.js";

const { cosine, cosineRestarts, join, linear, oneCycle, polynomial } = schedules;

/** The first steps of a schedule, each within 1e-12 of the formula. */
function compare(f: Schedule, formula: (t: number) => number, steps: number): void {
  for (let t = 0; t < steps; t++) {
    const want = formula(t);
    if (!(Math.abs(f(t) - want) <= 1e-12 * Math.abs(want))) expect(f(t), `step ${t}`).toBe(want);
  }
}
/** (1 + cos πx) / 2 in a form that keeps its digits where it goes to 0. */
const wave = (x: number): number => Math.sin((Math.PI * (1 - x)) / 2) ** 2;

describe("the exponent of cosine", () => {
  const cases = [0.5, 1, 2, 3.7].flatMap((exponent) => [0, 0.1].map((alpha) => ({ exponent, alpha })));
  it.each(cases)("is Optax's, $exponent with alpha $alpha", ({ exponent, alpha }) => {
    const f = cosine(0.3, { steps: 1000, to: 0.3 * alpha, exponent });
    compare(f, (t) => 0.3 * ((1 - alpha) * wave(Math.min(t, 1000) / 1000) ** exponent + alpha), 1010);
    expect([f(0), f(1000), f(1e9)]).toEqual([0.3, 0.3 * alpha, 0.3 * alpha]);
  });

  it("goes with the swing back", () => {
    const f = cosine(1, { steps: 30, exponent: 2, clamp: false });
    compare(f, (t) => Math.abs(Math.cos((Math.PI * t) / 60)) ** 4, 30);
    compare(
      (t) => f(t + 31),
      (t) => Math.abs(Math.cos((Math.PI * (t + 31)) / 60)) ** 4,
      29,
    );
    expect([f(30), f(60)]).toEqual([0, 1]);
  });
});

describe("cosineRestarts with a tMult that is not whole", () => {
  const cases = [
    { first: 16, tMult: 1.5, peakMult: 1, alpha: 0.1 },
    { first: 16, tMult: 1.5, peakMult: 0.9, alpha: 0 },
    { first: 7, tMult: 1.25, peakMult: 1.2, alpha: 0 },
    { first: 5, tMult: Math.SQRT2, peakMult: 1, alpha: 0.01 },
  ];
  it.each(cases)("is Keras's CosineDecayRestarts: $first steps × $tMult", ({ first, tMult, peakMult, alpha }) => {
    const f = cosineRestarts(0.2, { steps: first, tMult, peakMult, to: 0.2 * alpha });
    const start = (i: number): number => {
      let sum = 0;
      for (let k = 0; k < i; k++) sum += first * tMult ** k;
      return sum;
    };
    const keras = (t: number): number => {
      let i = 0;
      while (start(i + 1) <= t) i++;
      const share = peakMult ** i * wave((t - start(i)) / (first * tMult ** i));
      return 0.2 * ((1 - alpha) * share + alpha);
    };
    compare(f, keras, 400);
  });

  it("restarts at 16, 40 and 76 for 16 steps × 1.5", () => {
    const f = cosineRestarts(1, { steps: 16, tMult: 1.5 });
    expect([0, 16, 40, 76, 130].map(f)).toEqual([1, 1, 1, 1, 1]);
    expect([15, 39, 75].every((t) => f(t) < 0.02)).toBe(true);
  });
});

describe("lengths that are not whole", () => {
  it.each([62.5, 100 / 3, 0.25])("%s steps of a line, a half wave and a polynomial", (n) => {
    const x = (t: number): number => Math.min(t / n, 1);
    const rest = (t: number): number => Math.max(n - t, 0) / n;
    for (const to of [0, 0.05]) {
      compare(linear(0.4, { to, steps: n }), (t) => to * x(t) + 0.4 * rest(t), 80);
      compare(cosine(0.4, { to, steps: n }), (t) => to + (0.4 - to) * wave(x(t)), 80);
      compare(polynomial(0.4, { to, steps: n, power: 2 }), (t) => to + (0.4 - to) * rest(t) ** 2, 80);
      for (const f of [linear, cosine, polynomial]) expect(f(0.4, { to, steps: n })(n)).toBe(to);
    }
  });

  it.each(["linear", "cosine"] as const)("two joined where neither is whole are PyTorch's one-cycle: %s", (shape) => {
    const [top, last] = [0.3 * 25 - 1, 24]; // the top is at step 6.5
    const piece = schedules[shape];
    const f = join([piece(0.004, { to: 0.1, steps: top }), piece(0.1, { to: 4e-7, steps: last - top })], [top]);
    compare(f, oneCycle(0.1, { steps: 25, shape }), 30);
    expect(f(top)).toBe(0.1);
  });
});
