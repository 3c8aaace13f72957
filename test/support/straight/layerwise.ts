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
