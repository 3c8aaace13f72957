/**
 * Second derivatives of the activations. They are computed in f64 from + - * / and the exponential of `src/math/f64.ts`, and
 * rounded when they are stored: the same bits on every host. Each takes one exponential, which is nearly all of its time:
 * 80 ns an element on a busy machine, 40 % of a Hessian-vector product of 784-512-256-10 x128 with silu (8.4 of 20.8 ms).
 * Kernels would save most of that; they would add their bytes for every smooth activation.
 */
import { exp } from "../../math/f64.js";

const { abs, fround } = Math;

/** f″ at x; y is f(x). */
type Second = (x: number, y: number, a: number, b: number) => number;

/** Where x is gone, as the layer works in place: f″/f′ as a function of y, by which ẏ = f′ ẋ becomes f″ ẋ. */
type Ratio = (y: number) => number;

/** The functions of layers that work in place, by the kernel's name. */
export const ratios: Readonly<Record<string, Ratio>> = {
  elu: (y) => (y > 0 ? 0 : 1),
  sigmoid: (y) => 1 - 2 * y,
  tanh: (y) => -2 * y,
};

const DOUBLE_ROOT = 1.5957691216057308; // 2 √(2/π)
const CUBE = 0.044715;
const DENSITY = 0.3989422804014327; // 1 / √(2π)

/** The functions of layers that keep their input, by the kernel's name. */
export const seconds: Readonly<Record<string, Second>> = {
  // x Φ(x), of which Φ″ = -x φ.
  gelu: (x) => DENSITY * exp(-0.5 * x * x) * (2 - x * x),
  // x σ(u), with u a cubic in x.
  geluTanh(x) {
    const u = DOUBLE_ROOT * (x + CUBE * x * x * x);
    const du = DOUBLE_ROOT * (1 + 3 * CUBE * x * x);
    const ddu = DOUBLE_ROOT * 6 * CUBE * x;
    const e = exp(-abs(u));
    const slope = e / ((1 + e) * (1 + e));
    return slope === 0 ? 0 : slope * (2 * du + x * (turn(u, e) * du * du + ddu));
  },
  silu(x) {
    const e = exp(-abs(x));
    const slope = e / ((1 + e) * (1 + e));
    return slope === 0 ? 0 : slope * (2 + x * turn(x, e));
  },
  // The bend is where the kernel has it, which compares in f32.
  softplus(x, _y, beta, threshold) {
    const b = fround(fround(beta) * x);
    return b > fround(threshold) ? 0 : beta * bell(b);
  },
  // x w, with w = tanh(softplus(x)) = p / (p + q), w′ = σ (1 - w²) and w″ = w′ (1 - σ - 2 w σ).
  mish(x) {
    const e = exp(-abs(x));
    const p = 2 * e + (x < 0 ? e * e : 1);
    const q = 2 * (x < 0 ? 1 : e * e);
    const w = p / (p + q);
    const sigma = (x < 0 ? e : 1) / (1 + e);
    const slope = sigma * (q / (p + q)) * (1 + w);
    return slope === 0 ? 0 : slope * (2 + x * (1 - sigma - 2 * w * sigma));
  },
};

/** 1 - 2 σ(x), given e = exp(-|x|). */
function turn(x: number, e: number): number {
  const t = (1 - e) / (1 + e);
  return x < 0 ? t : -t;
}

/** σ′(x) = σ(x) (1 - σ(x)). */
export function bell(x: number): number {
  const e = exp(-abs(x));
  return e / ((1 + e) * (1 + e));
}
