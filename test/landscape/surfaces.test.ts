/** Every surface: its derivatives against finite differences, the points that are known, and what it refuses. */
import { describe, expect, it } from "vitest";
import { landscape, landscapes, noisyBowl, regressionBowl } from "../../src/landscape/index.js";
import type { Landscape } from "../../src/landscape/landscape.js";
import { numbers } from "../support/numbers.js";

const inMore = (name: string, dims: number): [string, Landscape] => [`${name} in ${dims}`, landscape(name, dims)];
const all: [string, Landscape][] = [
  ...Object.entries(landscapes),
  ...["bowl", "rastrigin", "styblinskiTang", "ackley", "quartic"].flatMap((name) => [inMore(name, 1), inMore(name, 5)]),
  inMore("rosenbrock", 3),
  inMore("rosenbrock", 10),
  ["regressionBowl", regressionBowl([[1, 2], [2, 4], [3, 5], [4, 8]])], // biome-ignore format: one line
];

/** A point of the domain, the same for each run. */
const within = ({ domain }: Landscape, next: () => number): number[] =>
  domain.map(([from, to]) => from + (to - from) * next());

/**
 * The derivative of g at 0 by differences of sixth order, and what rounding may do to it: steps of some 1e-3 of the domain leave
 * h⁶ = 1e-18 of the sixth derivative.
 */
function derivative(g: (t: number) => number, h: number): { value: number; noise: number } {
  const [a, b, c] = [1, 2, 3].map((k) => g(k * h) - g(-k * h));
  const size = Math.max(...[-3, 3].map((k) => Math.abs(g(k * h))));
  return { value: (45 * a! - 9 * b! + c!) / (60 * h), noise: (size * 2e-14) / h };
}

describe.each(all)("%s", (name, surface) => {
  const { dims, domain } = surface;
  const cusped = surface.cusps.length > 0;

  it("has a gradient and a Hessian that agree with differences at 1,000 points of its domain", () => {
    const next = numbers(name.length);
    let worst = 0;
    for (let k = 0; k < 1000; k++) {
      const x = within(surface, next);
      // On a cone of slope s differences over h are off by h² / r³.
      if (cusped && Math.hypot(...x) < 0.3) continue;
      const gradient = surface.grad(x);
      const hessian = surface.hessian(x);
      const scale = Math.max(...hessian.flatMap((row) => [...row].map(Math.abs)));
      for (let i = 0; i < dims; i++) {
        const h = 4e-4 * Math.min(domain[i]![1] - domain[i]![0], 6);
        const moved = (t: number): number[] => x.map((each, j) => (j === i ? each + t : each));
        const slope = derivative((t) => surface.f(moved(t)), h);
        const bound = 1e-7 * (1 + Math.max(...gradient.map(Math.abs))) + slope.noise;
        const off = Math.abs(gradient[i]! - slope.value);
        if (!(off <= bound)) expect.fail(`∂${i} at ${x} is off by ${off}`);
        worst = Math.max(worst, Math.abs(slope.value));
        const slopes = new Map<number, Float64Array>();
        const slopeAt = (t: number): Float64Array => {
          if (!slopes.has(t)) slopes.set(t, surface.grad(moved(t)));
          return slopes.get(t)!;
        };
        for (let j = 0; j < dims; j++) {
          const bend = derivative((t) => slopeAt(t)[j]!, h);
          const off = Math.abs(hessian[i]![j]! - bend.value);
          if (!(off <= 1e-6 * (1 + scale) + bend.noise)) expect.fail(`∂${i}∂${j} at ${x} is off by ${off}`);
        }
      }
    }
    expect(worst).toBeGreaterThan(0);
  });

  it("has its minima where it says, and nothing lower in its domain", () => {
    const next = numbers(3);
    for (const { point, value } of surface.minima) {
      expect(Math.abs(surface.f(point) - value)).toBeLessThan(1e-12 * Math.max(1, Math.abs(value)));
      for (const each of surface.grad(point)) expect(Math.abs(each)).toBeLessThan(1e-12 * 1000);
      for (let k = 0; k < 2000; k++) expect(surface.f(within(surface, next))).toBeGreaterThanOrEqual(value);
    }
  });

  it("gives the same bits again, into an array if one is given", () => {
    const x = within(surface, numbers(4));
    const out = new Float64Array(dims);
    expect(surface.grad(x, out)).toBe(out);
    expect(surface.grad(x)).toEqual(out);
    expect(surface.hessian(x)).toEqual(surface.hessian(Float64Array.from(x)));
    expect(surface.f(x)).toBe(surface.f([...x]));
  });

  it("says what it is", () => {
    for (const text of [surface.formula, surface.source, surface.note]) expect(text).toMatch(/\S/);
    expect(domain).toHaveLength(dims);
  });
});

it("the table has the surfaces by the names that they bear", () => {
  for (const [name, surface] of Object.entries(landscapes)) expect([surface.name, surface.dims]).toEqual([name, 2]);
  expect(Object.keys(landscapes)).toHaveLength(21);
});

describe("formulas, written separately", () => {
  const { sin, cos, exp, PI, sqrt, E } = Math;
  const plain: Record<string, (x: number, y: number) => number> = {
    bowl: (x, y) => x ** 2 + y ** 2,
    ravine: (x, y) => x ** 2 + 10 * y ** 2,
    ravine15: (x, y) => x ** 2 + 15 * y ** 2,
    rosenbrock: (x, y) => (1 - x) ** 2 + 100 * (y - x ** 2) ** 2,
    beale: (x, y) => (1.5 - x + x * y) ** 2 + (2.25 - x + x * y ** 2) ** 2 + (2.625 - x + x * y ** 3) ** 2,
    himmelblau: (x, y) => (x ** 2 + y - 11) ** 2 + (x + y ** 2 - 7) ** 2,
    booth: (x, y) => (x + 2 * y - 7) ** 2 + (2 * x + y - 5) ** 2,
    mccormick: (x, y) => sin(x + y) + (x - y) ** 2 - 1.5 * x + 2.5 * y + 1,
    styblinskiTang: (x, y) => (x ** 4 - 16 * x ** 2 + 5 * x + y ** 4 - 16 * y ** 2 + 5 * y) / 2,
    rastrigin: (x, y) => 20 + x ** 2 - 10 * cos(2 * PI * x) + y ** 2 - 10 * cos(2 * PI * y),
    ackley: (x, y) =>
      -20 * exp(-0.2 * sqrt((x ** 2 + y ** 2) / 2)) - exp((cos(2 * PI * x) + cos(2 * PI * y)) / 2) + 20 + E,
    goldsteinPrice: (x, y) =>
      (1 + (x + y + 1) ** 2 * (19 - 14 * x + 3 * x ** 2 - 14 * y + 6 * x * y + 3 * y ** 2)) *
      (30 + (2 * x - 3 * y) ** 2 * (18 - 32 * x + 12 * x ** 2 + 48 * y - 36 * x * y + 27 * y ** 2)),
    levy13: (x, y) =>
      sin(3 * PI * x) ** 2 + (x - 1) ** 2 * (1 + sin(3 * PI * y) ** 2) + (y - 1) ** 2 * (1 + sin(2 * PI * y) ** 2),
    threeHumpCamel: (x, y) => 2 * x ** 2 - 1.05 * x ** 4 + x ** 6 / 6 + x * y + y ** 2,
    sixHumpCamel: (x, y) => (4 - 2.1 * x ** 2 + x ** 4 / 3) * x ** 2 + x * y + (4 * y ** 2 - 4) * y ** 2,
    saddle: (x, y) => x ** 2 - y ** 2,
    monkeySaddle: (x, y) => x ** 3 - 3 * x * y ** 2,
    quartic: (x, y) => x ** 4 - 3 * x ** 2 + 2 + y ** 2,
    plateau: (x, y) => 1 - exp(-(x ** 2 + y ** 2) / 2),
    canal: (x, y) => 10 * (y - sin(1.5 * x)) ** 2 + 0.1 * x ** 2,
    noisyBowl: (x, y) => x ** 2 + y ** 2,
  };

  it.each(Object.entries(landscapes))("%s", (name, surface) => {
    const next = numbers(9);
    for (let k = 0; k < 300; k++) {
      const [x, y] = within(surface, next) as [number, number];
      const want = plain[name]!(x, y);
      const scale = Math.max(1, Math.abs(x) ** 4, Math.abs(y) ** 4, Math.abs(want));
      expect(Math.abs(surface.f([x, y]) - want)).toBeLessThan(1e-12 * scale);
    }
  });

  it("in more variables are sums of those in few", () => {
    const x = [0.3, -1.2, 2.1, 0.7];
    const pairs = x.slice(1).map((next, i) => plain.rosenbrock!(x[i]!, next));
    expect(landscape("rosenbrock", 4).f(x)).toBeCloseTo(pairs.reduce((a, b) => a + b));
    const single = (name: string) => x.map((each) => landscape(name, 1).f([each])).reduce((a, b) => a + b);
    for (const name of ["bowl", "rastrigin", "styblinskiTang"])
      expect(landscape(name, 4).f(x)).toBeCloseTo(single(name));
    expect(landscape("ackley", 4).f([1, 2, 1, 2])).toBeCloseTo(plain.ackley!(1, 2));
  });
});

describe("bad input", () => {
  const { bowl } = landscapes;
  // biome-ignore lint/suspicious/noExplicitAny: called as no type allows
  const any: any = bowl;
  const calls: [string, () => unknown, RegExp][] = [
    [
      "a misspelt name",
      () => landscape("rosenbrok"),
      /^name: expected the name of a landscape, got "rosenbrok"; did you mean rosenbrock\?$/,
    ],
    ["a name of nothing", () => landscape("everest"), /got "everest"; bowl, ravine, /],
    ["no name", () => any.inDims.call(undefined, "2"), /^dims: expected a whole number ≥ 1, got "2"$/],
    ["a number for a name", () => landscape(1 as never), /^name: expected the name of a landscape, got 1$/],
    [
      "dimensions that a surface lacks",
      () => landscape("beale", 3),
      /^dims: expected 2, which beale is defined in, got 3$/,
    ],
    ["one dimension too few", () => landscape("rosenbrock", 1), /^dims: expected a whole number ≥ 2, got 1$/],
    ["half a dimension", () => landscape("ackley", 1.5), /^dims: expected a whole number ≥ 1, got 1.5$/],
    ["a point too short", () => bowl.f([1]), /^x: expected 2 finite numbers, got \[1\]$/],
    ["a point too long", () => bowl.grad([1, 2, 3]), /^x: expected 2 finite numbers, got \[1, 2, 3\]$/],
    ["NaN", () => bowl.f([1, Number.NaN]), /^x\[1\]: expected a finite number, got NaN$/],
    [
      "Infinity",
      () => bowl.hessian([Number.NEGATIVE_INFINITY, 0]),
      /^x\[0\]: expected a finite number, got -Infinity$/,
    ],
    ["a text", () => any.f("12"), /^x: expected 2 finite numbers, got "12"$/],
    ["texts", () => any.f(["1", "2"]), /^x\[0\]: expected a finite number, got "1"$/],
    ["nothing", () => any.grad(), /^x: expected 2 finite numbers, got undefined$/],
    [
      "an array for the gradient that is not one of f64",
      () => any.grad([1, 2], [0, 0]),
      /^out: expected a Float64Array of 2, got \[0, 0\]$/,
    ],
    [
      "one of another length",
      () => bowl.grad([1, 2], new Float64Array(3)),
      /^out: expected a Float64Array of 2, got a Float64Array of 3$/,
    ],
    ["negative noise", () => noisyBowl({ sigma: -1 }), /^sigma: expected a finite number ≥ 0, got -1$/],
    ["an empty batch", () => noisyBowl({ batch: 0 }), /^batch: expected a whole number ≥ 1, got 0$/],
    ["half a seed", () => noisyBowl({ seed: 0.5 }), /^seed: expected a whole number, got 0.5$/],
    [
      "an unknown option",
      () => noisyBowl({ sgima: 1 } as never),
      /^options: expected options among sigma, batch, seed, got "sgima"$/,
    ],
    ["one point of data", () => regressionBowl([[1, 2]]), /^data: expected at least two points, got \[\[1, 2\]\]$/],
    [
      "data of one x",
      () =>
        regressionBowl([
          [1, 2],
          [1, 3],
        ]),
      /^data: expected points of more than one x, got /,
    ],
    [
      "data with a gap",
      () => regressionBowl([[1, 2], [1]] as never),
      /^data\[1\]: expected 2 finite numbers, got \[1\]$/,
    ],
    [
      "no data",
      () => regressionBowl(undefined as never),
      /^data: expected an array of points \[x, y\], got undefined$/,
    ],
  ];
  it.each(calls)("%s is refused", (_, call, message) => {
    expect(call).toThrow(message);
    try {
      call();
    } catch (error) {
      expect(error instanceof TypeError || error instanceof RangeError).toBe(true);
    }
  });
});

describe("noisyBowl", () => {
  it("has noise of its deviation, by seed, step and axis, and none in f", () => {
    const noisy = noisyBowl({ sigma: 2, batch: 16, seed: 5 });
    const draws = Array.from({ length: 20_000 }, (_, step) => noisy.noisyGrad([1, -1], step));
    const noise = draws.flatMap(([x, y]) => [x! - 2, y! + 2]);
    const mean = noise.reduce((a, b) => a + b) / noise.length;
    const variance = noise.reduce((a, b) => a + (b - mean) ** 2, 0) / noise.length;
    // σ² / B = 0.25; 40,000 draws have standard errors of 0.0025 and 0.0018.
    expect(Math.abs(mean)).toBeLessThan(0.01);
    expect(Math.abs(variance - 0.25)).toBeLessThan(0.007);
    expect(noise.filter((each) => Math.abs(each) < 0.5).length / noise.length).toBeCloseTo(0.6827, 1);
    const lagged = (lag: number) => noise.slice(lag).reduce((a, b, i) => a + b * noise[i]!, 0) / noise.length / 0.25;
    for (const lag of [1, 2, 3, 4]) expect(Math.abs(lagged(lag))).toBeLessThan(0.02);
    expect(noisy.noisyGrad([1, -1], 7)).toEqual(draws[7]);
    expect(noisyBowl({ sigma: 2, batch: 16, seed: 6 }).noisyGrad([1, -1], 7)).not.toEqual(draws[7]);
    expect([...noisy.grad([1, -1])]).toEqual([2, -2]);
    expect(noisy.inDims(3).noisyGrad?.([0, 0, 0], 7)).toHaveLength(3);
    expect(() => noisy.noisyGrad([1, 1], -1)).toThrow("step: expected a whole number ≥ 0, got -1");
  });

  it.each([
    [0.1, 1],
    [0.3, 4],
    [0.7, 1],
  ])("gradient descent at %f, batch %i, rests with variance ησ²/(4B(1 − η))", (rate, batch) => {
    const noisy = noisyBowl({ sigma: 1, batch, seed: 1 });
    const x = [0, 0];
    let squares = 0;
    const steps = 60_000;
    for (let step = 0; step < steps; step++) {
      const gradient = noisy.noisyGrad(x, step);
      for (let i = 0; i < 2; i++) x[i] = x[i]! - rate * gradient[i]!;
      squares += x[0]! ** 2 + x[1]! ** 2;
    }
    const want = rate / (4 * batch * (1 - rate));
    expect(squares / (2 * steps) / want).toBeGreaterThan(0.96); // 120,000 values, correlated over some 10: 1.3 % each way
    expect(squares / (2 * steps) / want).toBeLessThan(1.04);
  });
});

describe("regressionBowl", () => {
  const data = [[1, 2], [2, 4], [3, 5], [4, 8]] as const; // biome-ignore format: one line
  it("is the mean squared error of a line, with the least-squares line as its minimum", () => {
    const bowl = regressionBowl(data);
    const next = numbers(2);
    for (let k = 0; k < 100; k++) {
      const [a, b] = within(bowl, next) as [number, number];
      const error = (x: number, y: number) => a + b * x - y;
      expect(bowl.f([a, b])).toBeCloseTo(data.reduce((total, [x, y]) => total + error(x, y) ** 2, 0) / 4, 10);
      const [da, db] = bowl.grad([a, b]);
      expect(da).toBeCloseTo(data.reduce((total, [x, y]) => total + 2 * error(x, y), 0) / 4, 10);
      expect(db).toBeCloseTo(data.reduce((total, [x, y]) => total + 2 * error(x, y) * x, 0) / 4, 10);
    }
    // By the normal equations: slope (Σxy - n x̄ȳ) / (Σx² - n x̄²) = (57 - 47.5) / (30 - 25), intercept 4.75 - 1.9 · 2.5.
    expect(bowl.minima[0]?.point[0]).toBeCloseTo(0, 12);
    expect(bowl.minima[0]?.point[1]).toBeCloseTo(1.9, 12);
  });
});
