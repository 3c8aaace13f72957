/** Rules that scale the step of each tensor by norms, from their papers' formulas; sums over elements are elements themselves. */
import { type Arithmetic, norm, type Straight, type Vector } from "./arithmetic.js";

const zeros = (start: Vector): Vector => start.map(() => 0);
/** A quotient of two norms, 1 where one is 0. */
const quotient = (a: Arithmetic, above: number, below: number): number =>
  above > 0 && below > 0 ? a.div(above, below) : 1;

export const lars: Straight = (a, start) => {
  let theta = start;
  let v = zeros(start);
  return (g) => {
    const ratio = quotient(a, a.mul(1e-3, norm(a, theta)), norm(a, g));
    v = v.map((x, i) => a.add(a.mul(0.9, x), a.mul(a.mul(0.1, ratio), g[i])));
    theta = theta.map((x, i) => a.sub(x, v[i]));
    return theta;
  };
};

export const larc: Straight = (a, start) => {
  let theta = start;
  let b = zeros(start);
  return (g) => {
    const [above, below] = [norm(a, theta), norm(a, g)];
    const ratio = above > 0 && below > 0 ? a.div(a.mul(0.02, above), a.add(below, 1e-8)) : 1;
    const clipped = Math.min(a.div(ratio, 0.1), 1);
    b = b.map((x, i) => a.add(a.mul(0.9, x), a.mul(clipped, g[i])));
    theta = theta.map((x, i) => a.sub(x, a.mul(0.1, b[i])));
    return theta;
  };
};

export const fromage: Straight = (a, start) => {
  let theta = start;
  return (g) => {
    const ratio = quotient(a, norm(a, theta), norm(a, g));
    const root = Math.sqrt(1 + 0.01 ** 2);
    theta = theta.map((x, i) => a.div(a.sub(x, a.mul(0.01, ratio, g[i])), root));
    return theta;
  };
};

export const lamb: Straight = (a, start) => {
  let theta = start;
  let t = 0;
  let [m, v] = [zeros(start), zeros(start)];
  return (g) => {
    t++;
    m = m.map((x, i) => a.add(a.mul(0.9, x), a.mul(1 - 0.9, g[i])));
    v = v.map((x, i) => a.add(a.mul(0.999, x), a.mul(1 - 0.999, a.mul(g[i], g[i]))));
    const r = m.map((x, i) => a.div(a.div(x, 1 - 0.9 ** t), a.add(a.sqrt(a.div(v[i], 1 - 0.999 ** t)), 1e-6)));
    const ratio = quotient(a, norm(a, theta), norm(a, r));
    theta = theta.map((x, i) => a.sub(x, a.mul(1e-3, ratio, r[i])));
    return theta;
  };
};

export const novograd: Straight = (a, start) => {
  let theta = start;
  let m = zeros(start);
  let v = 0;
  return (g) => {
    const length = norm(a, g);
    const square = a.mul(length, length);
    v = v === 0 ? square : a.add(a.mul(0.98, v), a.mul(1 - 0.98, square));
    m = m.map((x, i) => a.add(a.mul(0.95, x), a.div(g[i], a.add(a.sqrt(v), 1e-8))));
    theta = theta.map((x, i) => a.sub(x, a.mul(1e-3, m[i])));
    return theta;
  };
};

/** The gradient [2, 2] is a matrix here, in rows. */
export const adafactor: Straight = (a, start) => {
  const EPS = 2 ** -23;
  let theta = start;
  let t = 0;
  let [rows, columns] = [
    [0, 0],
    [0, 0],
  ];
  return (g) => {
    t++;
    const weight = t ** -0.8;
    const squares = g.map((x) => a.mul(x, x));
    const mean = (x: number, y: number) => a.div(a.add(x, y), 2);
    const lerp = (v: number, x: number) => a.add(v, a.mul(weight, a.sub(x, v)));
    rows = rows.map((v, i) => lerp(v, mean(squares[2 * i], squares[2 * i + 1])));
    columns = columns.map((v, j) => lerp(v, mean(squares[j], squares[2 + j])));
    const across = Math.max(mean(rows[0], rows[1]), EPS);
    const u = g.map((x, i) => {
      const v = a.div(a.mul(rows[i >> 1], columns[i & 1]), across);
      return a.mul(x, a.div(1, a.sqrt(Math.max(v, EPS * EPS))));
    });
    const alpha = Math.max(1e-3, norm(a, theta) / 2) * Math.min(0.01, 1 / Math.sqrt(t));
    const clipped = Math.max(1, norm(a, u) / 2);
    theta = theta.map((x, i) => a.sub(x, a.mul(alpha / clipped, u[i])));
    return theta;
  };
};

export const sm3: Straight = (a, start) => {
  let theta = start;
  let m = zeros(start);
  let [rows, columns] = [
    [0, 0],
    [0, 0],
  ];
  return (g) => {
    const v = g.map((x, i) => a.add(Math.min(rows[i >> 1], columns[i & 1]), a.mul(x, x)));
    rows = [Math.max(v[0], v[1]), Math.max(v[2], v[3])];
    columns = [Math.max(v[0], v[2]), Math.max(v[1], v[3])];
    m = m.map((x, i) => {
      const update = v[i] === 0 ? 0 : a.div(g[i], a.sqrt(a.add(v[i], 1e-8)));
      return a.add(a.mul(0.9, x), a.mul(1 - 0.9, update));
    });
    theta = theta.map((x, i) => a.sub(x, a.mul(0.1, m[i])));
    return theta;
  };
};
