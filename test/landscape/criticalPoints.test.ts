/** The critical points of every surface: those that are known, and none that other methods see and these do not. */
import { describe, expect, it } from "vitest";
import {
  type Classified,
  classify,
  criticalPoints,
  type Landscape,
  type LandscapeName,
  landscape,
  type PointKind,
} from "../../src/landscape/index.js";
import { numbers } from "../support/numbers.js";

const found = new Map<string, Classified[]>();
/** The search of a surface, once. */
const pointsOf = (name: string): Classified[] => {
  if (!found.has(name)) found.set(name, criticalPoints(landscape(name)));
  return found.get(name)!;
};
const counts = (points: readonly Classified[]): Partial<Record<PointKind, number>> => {
  const sum: Partial<Record<PointKind, number>> = {};
  for (const { kind } of points) sum[kind] = (sum[kind] ?? 0) + 1;
  return sum;
};

/** How often the gradient turns around on the way along the border of a rectangle: the sum of the indices inside (Poincaré, Hopf). */
function winding({ grad }: Landscape, [x0, x1]: readonly number[], [y0, y1]: readonly number[]): number {
  const corners = [[x0, y0], [x1, y0], [x1, y1], [x0, y1], [x0, y0]] as [number, number][]; // biome-ignore format: one line
  const angleAt = (p: readonly number[]): number => {
    const [gx, gy] = grad(p);
    return Math.atan2(gy!, gx!);
  };
  const turn = (from: number, to: number): number => {
    const by = to - from;
    return by - 2 * Math.PI * Math.round(by / (2 * Math.PI));
  };
  /** The turn between two points: in halves until those agree, so that none is missed. */
  const between = (p: readonly number[], a: number, q: readonly number[], b: number, depth: number): number => {
    const middle = p.map((each, i) => (each + q[i]!) / 2);
    const m = angleAt(middle);
    const [left, right] = [turn(a, m), turn(m, b)];
    if (depth > 40 || (depth > 0 && Math.abs(left) < 0.4 && Math.abs(right) < 0.4)) return left + right;
    return between(p, a, middle, m, depth + 1) + between(middle, m, q, b, depth + 1);
  };
  let total = 0;
  for (let side = 0; side < 4; side++) {
    const [p, q] = [corners[side]!, corners[side + 1]!];
    const pieces = 24;
    for (let k = 0; k < pieces; k++) {
      const at = (t: number) => p.map((each, i) => each + ((q[i]! - each) * t) / pieces);
      const [from, to] = [at(k), at(k + 1)];
      total += between(from, angleAt(from), to, angleAt(to), 0);
    }
  }
  return Math.round(total / (2 * Math.PI)) + 0; // not -0
}

/** The index of a point in that sum: 1 for minima and maxima, -1 for saddles, by the changes of sign around it for others. */
const indexOf = ({ kind, signChanges }: Classified): number =>
  kind === "minimum" || kind === "maximum" ? 1 : kind === "saddle" ? -1 : 1 - signChanges! / 2;

const KNOWN: Record<LandscapeName, Partial<Record<PointKind, number>>> = {
  bowl: { minimum: 1 },
  ravine: { minimum: 1 },
  ravine15: { minimum: 1 },
  rosenbrock: { minimum: 1 },
  beale: { minimum: 1, saddle: 2 },
  himmelblau: { minimum: 4, saddle: 4, maximum: 1 },
  booth: { minimum: 1 },
  mccormick: { minimum: 2, saddle: 1 },
  styblinskiTang: { minimum: 4, saddle: 4, maximum: 1 },
  rastrigin: { minimum: 121, saddle: 220, maximum: 100 },
  ackley: { cusp: 1, minimum: 4224, saddle: 8320, maximum: 4096 },
  goldsteinPrice: { minimum: 4, saddle: 4, maximum: 1 },
  levy13: { minimum: 1179, saddle: 1826, maximum: 648 },
  threeHumpCamel: { minimum: 3, saddle: 2 },
  sixHumpCamel: { minimum: 6, saddle: 7, maximum: 2 },
  saddle: { saddle: 1 },
  monkeySaddle: { degenerate: 1 },
  quartic: { minimum: 2, saddle: 1 },
  plateau: { minimum: 1 },
  canal: { minimum: 1 },
  noisyBowl: { minimum: 1 },
};

describe.each(Object.keys(KNOWN))("%s", (name) => {
  const surface = landscape(name);

  it("has as many points of each kind as are known", () => {
    expect(counts(pointsOf(name))).toEqual(KNOWN[name as LandscapeName]);
  });

  it("has points in its domain alone, level, apart, and each of the kind that `classify` says", () => {
    const points = pointsOf(name);
    const scale = Math.max(...surface.domain.map(([from, to]) => to - from));
    for (const { point, kind } of points.length > 500 ? points.filter((_, i) => i % 17 === 0) : points) {
      for (const [i, [from, to]] of surface.domain.entries()) {
        expect(point[i]).toBeGreaterThanOrEqual(from);
        expect(point[i]).toBeLessThanOrEqual(to);
      }
      const same = classify(surface, point);
      expect(same.kind).toBe(kind);
      expect(same.distance).toBeLessThan(1e-14);
      expect(
        classify(
          surface,
          point.map((each) => each + 1e-6 * scale),
        ).kind,
        `near ${point}`,
      ).toBe(kind);
      // Not level a thousandth of the domain away, by Newton's own measure.
      expect(classify(surface, [point[0]! + 1e-3 * scale, point[1]! + 7e-4 * scale]).kind).toBe("none");
    }
    const keys = new Set(points.map(({ point }) => point.map((each) => Math.round((each / scale) * 1e6)).join()));
    expect(keys.size).toBe(points.length);
  });

  it("has indices that sum up to the turns of the gradient along the border of the domain and of parts of it", () => {
    const points = pointsOf(name);
    const [x, y] = surface.domain as unknown as [readonly number[], readonly number[]];
    const sum = ([x0, x1]: readonly number[], [y0, y1]: readonly number[]): number =>
      points
        .filter(({ point: [px, py] }) => px! > x0! && px! < x1! && py! > y0! && py! < y1!)
        .reduce((total, each) => total + indexOf(each), 0);
    expect(sum(x, y)).toBe(winding(surface, x, y));
    // Parts that hold few points each: a missed pair of a minimum and a saddle, whose indices cancel, is torn apart by some.
    const next = numbers(name.length);
    const few = Math.min(0.5, 1.2 / Math.sqrt(points.length));
    for (let k = 0; k < 200; k++) {
      const part = ([from, to]: readonly number[]): [number, number] => {
        const size = (to! - from!) * few * (0.3 + 0.7 * next());
        const at = from! + (to! - from! - size) * next();
        return [at, at + size];
      };
      const [px, py] = [part(x), part(y)];
      expect(sum(px, py), `in ${px} by ${py}`).toBe(winding(surface, px, py));
    }
  });

  it("has the same bits when searched again", () => {
    if (name === "ackley") return; // four seconds, and the same code as the others
    expect(criticalPoints(surface)).toEqual(pointsOf(name));
  });

  it("has its global minima among them, and no others", () => {
    const lowest = pointsOf(name).filter(({ global }) => global);
    expect(lowest).toHaveLength(surface.minima.length);
    for (const { point } of surface.minima) {
      expect(lowest.some((each) => Math.hypot(each.point[0]! - point[0]!, each.point[1]! - point[1]!) < 1e-12)).toBe(
        true,
      );
    }
  });
});

/** Zeros of the gradient by Newton's method from every node of a grid, as anyone would search. */
function newton({ grad, hessian, domain }: Landscape, nodes: number): string[] {
  const keys = new Set<string>();
  const [[x0, x1], [y0, y1]] = domain as [[number, number], [number, number]];
  for (let i = 0; i < nodes; i++) {
    for (let j = 0; j < nodes; j++) {
      let x = x0 + ((x1 - x0) * (i + 0.5)) / nodes;
      let y = y0 + ((y1 - y0) * (j + 0.5)) / nodes;
      let size = 1;
      for (let step = 0; step < 60 && size > 1e-13 && Math.abs(x) + Math.abs(y) < 100; step++) {
        const [gx, gy] = grad([x, y]) as unknown as [number, number];
        const [[a, b], [, d]] = hessian([x, y]) as unknown as [[number, number], [number, number]];
        const det = a * d - b * b;
        const [dx, dy] = [(d * gx - b * gy) / det, (a * gy - b * gx) / det];
        if (!Number.isFinite(dx + dy)) break;
        size = Math.hypot(dx, dy);
        x -= dx;
        y -= dy;
      }
      if (size > 1e-9 || x < x0 || x > x1 || y < y0 || y > y1) continue;
      keys.add(`${(x + 1e-9).toFixed(5)},${(y + 1e-9).toFixed(5)}`);
    }
  }
  return [...keys];
}

describe("a plain search by Newton's method from a grid", () => {
  const names = Object.keys(KNOWN).filter((name) => !["ackley", "levy13", "monkeySaddle"].includes(name));
  it.each(names)("of %s finds no point besides", (name) => {
    const known = pointsOf(name).map(({ point }) => point.map((each) => (each + 1e-9).toFixed(5)).join());
    // Beale's and the plateau's gradients go to 0 far out, where Newton's steps do too.
    const seen = newton(landscape(name), 60).filter(
      (key) => classify(landscape(name), key.split(",").map(Number)).kind !== "none",
    );
    expect(seen.filter((key) => !known.includes(key))).toEqual([]);
    if (name !== "rastrigin") expect(known.filter((key) => !seen.includes(key))).toEqual([]);
  });
});

describe("separable surfaces", () => {
  it.each(["rastrigin", "styblinskiTang", "quartic"])("%s: are all pairs of the points of one variable", (name) => {
    const single = criticalPoints(landscape(name, 1)).map(({ point }) => point[0]!);
    const other = name === "quartic" ? [0] : single;
    const pairs = single.flatMap((x) => other.map((y) => [x, y]));
    const got = pointsOf(name).map(({ point }) => [...point]);
    const order = (a: number[], b: number[]): number =>
      Math.abs(a[0]! - b[0]!) > 1e-9 ? a[0]! - b[0]! : a[1]! - b[1]!;
    const sorted = got.sort(order);
    expect(got).toHaveLength(pairs.length);
    for (const [k, pair] of pairs.sort(order).entries()) {
      expect(Math.hypot(sorted[k]![0]! - pair[0]!, sorted[k]![1]! - pair[1]!)).toBeLessThan(1e-9);
    }
  });
});
