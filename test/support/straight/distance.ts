/**
 * Rules that tune themselves by sums over all elements, and the Schedule-Free rules, from their papers' formulas and their
 * authors' code: sums over elements are elements themselves, what follows from them is f64.
 */
import { type Arithmetic, dot, type ElementRule, each, norm, type Straight, type Vector } from "./arithmetic.js";
import { rectification } from "./moments.js";

/** β x + w y, element by element. */
const blend = ({ add, mul }: Arithmetic, beta: number, x: Vector, weight: number, y: Vector): Vector =>
  x.map((value, i) => add(mul(beta, value), mul(weight, y[i])));
const sumAbs = (a: Arithmetic, x: Vector): number => x.reduce((sum, value) => a.add(sum, Math.abs(value)), 0);
const zeros = (start: Vector): Vector => start.map(() => 0);
/** As in the authors' code, an estimate that is NaN leaves d as it is. */
// biome-ignore lint/complexity/useMathMinMax: Math.max would return NaN
const larger = (d: number, estimate: number): number => (estimate > d ? estimate : d);

export const dadaptSgd: Straight = (a, start) => {
  let theta = start;
  let s = zeros(start);
  let [d, first, numerator] = [1e-6, 0, 0];
  return (g) => {
    first ||= norm(a, g);
    if (first === 0) return theta;
    const eta = d / first;
    numerator += eta * dot(a, g, s);
    s = blend(a, 1, s, eta, g);
    d = larger(d, (2 * numerator) / norm(a, s));
    theta = start.map((x, i) => a.sub(x, s[i]));
    return theta;
  };
};

export const dadaptAdam: Straight = (a, start) => {
  let theta = start;
  let [s, m, v] = [zeros(start), zeros(start), zeros(start)];
  let [d, numerator] = [1e-6, 0];
  const beta3 = Math.sqrt(0.999);
  return (g) => {
    const along = s.map((x, i) => a.div(x, a.add(a.sqrt(v[i]), 1e-8)));
    numerator = beta3 * numerator + (1 - beta3) * d * dot(a, g, along);
    s = blend(a, beta3, s, (1 - beta3) * d, g);
    m = blend(a, 0.9, m, (1 - 0.9) * d, g);
    const squares = g.map((x) => a.mul(x, x));
    v = blend(a, 0.999, v, 1 - 0.999, squares);
    const length = sumAbs(a, s);
    if (length === 0) return theta;
    d = larger(d, numerator / ((1 - beta3) * length));
    theta = theta.map((x, i) => a.sub(x, a.div(m[i], a.add(a.sqrt(v[i]), 1e-8))));
    return theta;
  };
};

export const prodigy: Straight = (a, start) => {
  let theta = start;
  let [s, m, v] = [zeros(start), zeros(start), zeros(start)];
  let [d, most, numerator] = [1e-6, 1e-6, 0];
  const beta3 = Math.sqrt(0.999);
  return (g) => {
    const old = d;
    const way = theta.map((x, i) => a.sub(start[i], x));
    numerator = beta3 * numerator + (d / 1e-6) * d * dot(a, g, way);
    s = blend(a, beta3, s, (d / 1e-6) * d, g);
    m = blend(a, 0.9, m, (1 - 0.9) * d, g);
    const squares = g.map((x) => a.mul(x, x));
    v = blend(a, 0.999, v, (1 - 0.999) * d * d, squares);
    const length = sumAbs(a, s);
    if (length === 0) return theta;
    const estimate = numerator / length;
    if (d === 1e-6) d = larger(d, estimate);
    most = larger(most, estimate);
    d = most;
    theta = theta.map((x, i) => a.sub(x, a.mul(old, a.div(m[i], a.add(a.sqrt(v[i]), d * 1e-8)))));
    return theta;
  };
};

export const yellowfin: Straight = (a, start) => {
  const EPS = 1e-6;
  let theta = start;
  let [mean, b] = [zeros(start), zeros(start)];
  let curvatures: number[] = [];
  let [t, logMin, logMax, normAvg, squareAvg, distanceAvg] = [0, 0, 0, 0, 0, 0];
  const smooth = (old: number, now: number) => 0.999 * old + (1 - 0.999) * now;
  return (gradient) => {
    let g = gradient.map(a.round);
    const scaleTo = (limit: number) => {
      const length = norm(a, g);
      if (length > limit) g = g.map((x) => a.mul((limit + EPS) / (length + EPS), x));
    };
    const highest = Math.exp(logMax / (1 - 0.999 ** t));
    if (t > 1) scaleTo(10 * Math.sqrt(highest));
    const square = dot(a, g, g);
    curvatures = [...curvatures, square].slice(-20);
    t++;
    const debias = 1 - 0.999 ** t;
    logMin = smooth(logMin, Math.log(Math.min(...curvatures) + EPS));
    logMax = smooth(logMax, Math.log(Math.max(...curvatures) + EPS));
    normAvg = smooth(normAvg, Math.sqrt(square));
    squareAvg = smooth(squareAvg, square);
    distanceAvg = smooth(distanceAvg, normAvg / (squareAvg + EPS));
    mean = mean.map((x, i) => a.add(a.mul(0.999, x), a.mul(1 - 0.999, g[i])));
    let [lr, mu] = [1, 0];
    if (t > 1) {
      const low = Math.exp(logMin / debias) + EPS;
      const high = Math.exp(logMax / debias) + EPS;
      const variance = Math.max(squareAvg / debias - dot(a, mean, mean) / debias ** 2, EPS) + EPS;
      const p = ((distanceAvg / debias + EPS) ** 2 * low ** 2) / 2 / variance;
      const w = Math.cbrt((-Math.sqrt(p ** 2 + (4 / 27) * p ** 3) - p) / 2);
      const x = w - p / 3 / w + 1;
      const spread = Math.sqrt(Math.max(high / low, 1 + EPS));
      mu = Math.max(x ** 2, ((spread - 1) / (spread + 1)) ** 2);
      lr = ((1 - Math.sqrt(mu)) ** 2 / low) * Math.min(1, t / 200);
      scaleTo(Math.sqrt(highest));
    }
    b = b.map((x, i) => (mu === 0 ? g[i] : a.add(a.mul(mu, x), g[i])));
    theta = theta.map((x, i) => a.sub(x, a.mul(lr, b[i])));
    return theta;
  };
};

/** z = z - η u(y), x = (1 - c) x + c z, y = βx + (1 - β) z, where `step` returns η and u; c is by the squares of the η. */
const scheduleFree = (step: (a: Arithmetic) => (g: number, t: number) => { eta: number; u: number }): ElementRule => {
  return (a, start) => {
    let [x, z, y] = [start, start, start];
    let [largest, sum] = [0, 0];
    const next = step(a);
    return (g, t) => {
      const { eta, u } = next(g, t);
      largest = Math.max(largest, eta);
      sum += largest ** 2;
      const c = sum === 0 ? 0 : largest ** 2 / sum;
      if (eta !== 0) z = a.sub(z, a.mul(eta, u));
      x = c === 1 ? z : a.add(a.mul(1 - c, x), a.mul(c, z));
      y = a.add(a.mul(0.9, x), a.mul(1 - 0.9, z));
      return y;
    };
  };
};
export const scheduleFreeSgd = each(scheduleFree(() => (g) => ({ eta: 1, u: g })));

/** g / (√(v / (1 - β₂^t)) + ε). */
const normalized = (a: Arithmetic) => {
  let v = 0;
  return (g: number, t: number): number => {
    v = a.add(a.mul(0.999, v), a.mul(1 - 0.999, a.mul(g, g)));
    return a.div(g, a.add(a.sqrt(a.div(v, 1 - 0.999 ** t)), 1e-8));
  };
};
export const scheduleFreeAdamw = each(
  scheduleFree((a) => {
    const direction = normalized(a);
    return (g, t) => ({ eta: 2.5e-3, u: direction(g, t) });
  }),
);
export const scheduleFreeRadam = each(
  scheduleFree((a) => {
    const direction = normalized(a);
    return (g, t) => ({ eta: 2.5e-3 * (rectification(0.999, t, 4) ?? 0), u: direction(g, t) });
  }),
);
