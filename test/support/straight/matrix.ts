/** Rules that multiply by matrices, from their papers' formulas, for the parameters [2, 2]. */
import type { Arithmetic, Straight, Vector } from "./arithmetic.js";

type Matrix = readonly [number, number, number, number];

const product = (a: Arithmetic, x: Vector, y: Vector): Matrix => [
  a.add(a.mul(x[0], y[0]), a.mul(x[1], y[2])),
  a.add(a.mul(x[0], y[1]), a.mul(x[1], y[3])),
  a.add(a.mul(x[2], y[0]), a.mul(x[3], y[2])),
  a.add(a.mul(x[2], y[1]), a.mul(x[3], y[3])),
];
const transposed = ([p, q, r, s]: Vector): Matrix => [p, r, q, s];
const sum = (a: Arithmetic, x: Vector, y: Vector): Matrix => x.map((value, i) => a.add(value, y[i])) as never;
const scaled = (a: Arithmetic, factor: number, x: Vector): Matrix => x.map((value) => a.mul(factor, value)) as never;

/** The eigenvectors in columns, the larger eigenvalue first, and the eigenvalues: one rotation of Jacobi's. */
function eigen([p, q, , s]: Vector): { values: readonly [number, number]; vectors: Matrix } {
  const angle = 0.5 * Math.atan2(2 * q, p - s);
  const [c, d] = [Math.cos(angle), Math.sin(angle)];
  const values = [c * c * p + 2 * c * d * q + d * d * s, d * d * p - 2 * c * d * q + c * c * s] as const;
  return { values, vectors: [c, -d, d, c] };
}

const power = (a: Arithmetic, x: Vector, exponent: number): Matrix => {
  const { values, vectors } = eigen(x);
  const [m, n] = values.map((value) => value ** exponent);
  const v = vectors.map(a.round);
  return product(a, product(a, v, [m, 0, 0, n]), transposed(v));
};

export const shampoo: Straight = (a, start) => {
  let theta = start;
  let left: Vector = [1e-4, 0, 0, 1e-4];
  let right = left;
  return (g) => {
    left = sum(a, left, product(a, g, transposed(g)));
    right = sum(a, right, product(a, transposed(g), g));
    const u = product(a, product(a, power(a, left, -1 / 4), g), power(a, right, -1 / 4));
    theta = theta.map((value, i) => a.sub(value, a.mul(0.1, u[i])));
    return theta;
  };
};

/** Q of X = QR, by Gram and Schmidt's projections; a second column of 0 becomes what is at right angles to the first. */
function orthonormal(a: Arithmetic, [p, q, r, s]: Vector): Matrix {
  const size = a.sqrt(a.add(a.mul(p, p), a.mul(r, r)));
  if (size === 0) return [1, 0, 0, 1];
  const [x, y] = [a.div(p, size), a.div(r, size)];
  // The second column is at right angles to the first, on the side where it was.
  return a.sub(a.mul(s, x), a.mul(q, y)) < 0 ? [x, y, y, -x] : [x, -y, y, x];
}

export const soap: Straight = (a, start) => {
  let theta = start;
  let t = 0;
  let m: Vector = [0, 0, 0, 0];
  let v = m;
  let left = m;
  let right = m;
  let ql: Vector = m;
  let qr: Vector = m;
  const mean = (x: Vector, y: Vector): Vector => sum(a, scaled(a, 0.95, x), scaled(a, 1 - 0.95, y));
  const follow = (g: Vector) => {
    left = mean(left, product(a, g, transposed(g)));
    right = mean(right, product(a, transposed(g), g));
  };
  const into = (x: Vector): Vector => product(a, product(a, transposed(ql), x), qr);
  const back = (x: Vector): Vector => product(a, product(a, ql, x), transposed(qr));
  return (given) => {
    const g = given.map(a.round);
    if (t++ === 0) {
      follow(g);
      ql = eigen(left).vectors.map(a.round);
      qr = eigen(right).vectors.map(a.round);
      return theta;
    }
    const k = t - 1;
    const turned = into(g);
    m = mean(m, turned);
    v = mean(
      v,
      turned.map((x) => a.mul(x, x)),
    );
    const u = back(m.map((x, i) => a.div(x, a.add(a.sqrt(v[i]), 1e-8))));
    const rate = (3e-3 * Math.sqrt(1 - 0.95 ** k)) / (1 - 0.95 ** k);
    theta = theta.map((x, i) => a.mul(1 - 3e-3 * 0.01, a.sub(x, a.mul(rate, u[i]))));
    follow(g);
    if (k % 10 !== 0) return theta;
    const plain = back(m);
    const refresh = (x: Vector, q: Vector): { q: Vector; swapped: boolean } => {
      const y = product(a, x, q);
      const [first, second] = [0, 1].map((j) => a.add(a.mul(q[j], y[j]), a.mul(q[2 + j], y[2 + j])));
      const swapped = second > first;
      return { q: orthonormal(a, swapped ? [y[1], y[0], y[3], y[2]] : y), swapped };
    };
    const [l, r] = [refresh(left, ql), refresh(right, qr)];
    if (l.swapped) v = [v[2], v[3], v[0], v[1]];
    if (r.swapped) v = [v[1], v[0], v[3], v[2]];
    [ql, qr] = [l.q, r.q];
    m = into(plain);
    return theta;
  };
};

/** One quintic step of Newton and Schulz: a X + (b A + c A²) X, with A = X Xᵀ. */
function quintic(r: Arithmetic, x: Vector): Vector {
  const gram = product(r, x, transposed(x));
  const square = product(r, gram, gram);
  const polynomial = gram.map((value, i) => r.add(r.mul(-4.775, value), r.mul(2.0315, square[i])));
  return product(r, polynomial, x).map((value, i) => r.add(r.mul(3.4445, x[i]), value));
}

export const muon: Straight = (a, start) => {
  let theta = start;
  let buffer: Vector = start.map(() => 0);
  return (g) => {
    buffer = buffer.map((value, i) => a.add(a.mul(0.95, value), a.mul(1 - 0.95, g[i])));
    const ahead = buffer.map((value, i) => a.add(a.mul(0.95, value), a.mul(1 - 0.95, g[i])));
    // The norm is f64, as sums are in the library, where squares in f32 would overflow.
    const length = Math.max(Math.hypot(...ahead), 1e-7);
    let x: Vector = ahead.map((value) => a.div(value, length));
    for (let i = 0; i < 5; i++) x = quintic(a, x);
    theta = theta.map((value, i) => a.sub(a.mul(1 - 1e-3 * 0.1, value), a.mul(1e-3, x[i])));
    return theta;
  };
};
