/** The line search: what it returns satisfies the strong Wolfe conditions, or is the lowest point that it has seen. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { type Line, strongWolfe } from "../../src/math/lineSearch.js";

type Curve = (t: number) => [value: number, slope: number];
const OPTIONS = { most: 25, shortest: 0, noise: 0 };

/** Searches along a curve, and keeps all that was seen and kept. */
function searched(curve: Curve, first: number, options = OPTIONS) {
  const [value, slope] = curve(0);
  const seen: number[] = [];
  let kept = 0;
  const line: Line = {
    value: 0,
    slope: 0,
    evaluate(t) {
      seen.push(t);
      [line.value, line.slope] = curve(t);
    },
    keep: () => void (kept = seen.at(-1)!),
  };
  return { found: strongWolfe(line, value, slope, first, options), seen, kept: () => kept, value, slope };
}

function holds({ found, seen, kept, value, slope }: ReturnType<typeof searched>): void {
  expect(found.evaluations).toBe(seen.length);
  if (found.last) expect(found.t).toBe(seen.at(-1));
  else if (found.t > 0) expect(found.t).toBe(kept()); // its gradient has been kept
  if (!found.satisfied) return;
  expect(found.last).toBe(true);
  expect(found.value).toBeLessThanOrEqual(value + 1e-4 * found.t * slope);
  expect(Math.abs(found.slope)).toBeLessThanOrEqual(-0.9 * slope);
}

it("satisfies both conditions on parabolas and quartics, whatever the first step", () => {
  const scale = fc.double({ min: -6, max: 6, noNaN: true }).map((e) => 10 ** e);
  fc.assert(
    fc.property(scale, scale, fc.double({ min: 0, max: 1, noNaN: true }), (minimum, first, quartic) => {
      const curve: Curve = (t) => {
        const u = t / minimum - 1;
        return [u * u + quartic * u ** 4, (2 * u + 4 * quartic * u ** 3) / minimum];
      };
      // A first step 11 decades too long takes 26 evaluations, the most on a grid of scales and quartics.
      const result = searched(curve, first, { ...OPTIONS, most: 40 });
      holds(result);
      expect(result.found.satisfied).toBe(true);
    }),
  );
});

// Moré & Thuente, Line search algorithms with guaranteed sufficient decrease, 1994, the functions of section 5.
const hard: Record<string, Curve> = {
  "a minimum far out": (t) => [-t / (t * t + 2), (t * t - 2) / (t * t + 2) ** 2],
  "a steep polynomial": (t) => {
    const u = t + 0.004;
    return [u ** 5 - 2 * u ** 4, 5 * u ** 4 - 8 * u ** 3];
  },
  waves: (t) => {
    const k = (39 * Math.PI) / 2;
    return [1 - t + (0.02 / Math.PI) * Math.sin(k * t), -1 + ((0.02 * k) / Math.PI) * Math.cos(k * t)];
  },
};
it.each(Object.entries(hard))("satisfies them on %s", (_, curve) => {
  for (const first of [1e-3, 0.1, 10, 1e3]) {
    const result = searched(curve, first);
    holds(result);
    // Waves: their slopes at 0 are as flat as any, so a point with both may take more than 25 evaluations.
    expect(result.found.value).toBeLessThan(result.value);
    expect(result.found.evaluations).toBeLessThanOrEqual(25);
  }
});

it("takes what is not finite as too long a step", () => {
  const wall: Curve = (t) => (t < 1e-3 ? [-Math.log(t + 1e-6) + 1e4 * t, -1 / (t + 1e-6) + 1e4] : [Number.NaN, 0]);
  const result = searched(wall, 1);
  holds(result);
  expect(result.found).toMatchObject({ satisfied: true, notFinite: true });
  // An infinite slope at a finite value too, and in the middle of a bracket.
  const hole: Curve = (t) =>
    t > 0.4 && t < 0.9 ? [Number.NEGATIVE_INFINITY, 0] : [(t - 0.3) ** 4, 4 * (t - 0.3) ** 3];
  const found = searched(hole, 1).found;
  expect(found).toMatchObject({ satisfied: true, notFinite: true });
  expect(found.t).toBeLessThan(0.6);
  const never = searched((t) => (t === 0 ? [0, -1] : [Number.NaN, Number.NaN]), 1);
  expect(never.found).toMatchObject({ t: 0, value: 0, slope: -1, satisfied: false, last: false, notFinite: true });
  expect(never.seen).toHaveLength(25);
});

it("returns the lowest point that it has seen where it may look no further", () => {
  const down = searched((t) => [-t, -1], 1, { ...OPTIONS, most: 5 });
  expect(down.found).toMatchObject({ satisfied: false, last: true });
  expect(down.found.t).toBe(Math.max(...down.seen));
  const up = searched((t) => [t === 0 ? 0 : 1 + t, -1], 1, { ...OPTIONS, most: 5 });
  expect(up.found).toMatchObject({ t: 0, value: 0, satisfied: false, last: false });
  expect(up.seen).toHaveLength(5);
  const short = searched((t) => [t === 0 ? 0 : 1 + t, -1], 1, { ...OPTIONS, shortest: 0.2 });
  expect(short.seen.length).toBeLessThan(10);
});

it("takes a flat enough point whose value is higher by no more than the noise", () => {
  const noisy: Curve = (t) => [t === 0 ? 1 : 1 + 1e-9, t < 0.5 ? -1e-6 : 1e-7];
  expect(searched(noisy, 1).found.satisfied).toBe(false);
  expect(searched(noisy, 1, { ...OPTIONS, noise: 1e-8 }).found).toMatchObject({ satisfied: true, t: 1, last: true });
});
