/** Rules of matrices, of the parameters [2, 2], from their papers' formulas. */
import type { Arithmetic, Straight, Vector } from "./arithmetic.js";

/** The product of two matrices [2, 2]. */
const product = ({ add, mul }: Arithmetic, [a, b, c, d]: Vector, [e, f, g, h]: Vector): Vector => [
  add(mul(a, e), mul(b, g)),
  add(mul(a, f), mul(b, h)),
  add(mul(c, e), mul(d, g)),
  add(mul(c, f), mul(d, h)),
];
const transposed = ([a, b, c, d]: Vector): Vector => [a, c, b, d];

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
