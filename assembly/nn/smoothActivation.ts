// Smooth relatives of ReLU, forward and backward. Their derivative cannot be computed from the output, so a backward
// kernel takes the input x: e = d * f'(x), with d the gradient with respect to the output and e that with respect to x.
import { abs, add, BYTES, div, gt, load, lt, mul, neg, positive, select, splat, store } from "../lane";
import * as math from "../math";

/** y = x * F(x), where F is the cumulative distribution function of the normal distribution */
export function gelu(n: i32, x: usize, y: usize): void {
  const end = (<usize>n) << 2;
  let i: usize = 0;
  do {
    const v = load(x + i);
    store(y + i, mul(v, math.normalCdf(v, math.gaussian(v))));
    i += BYTES;
  } while (i < end);
}

/** e = d * (F(x) + x * e^(-x^2 / 2) / sqrt(2 pi)) */
export function geluBackward(n: i32, x: usize, d: usize, e: usize): void {
  const end = (<usize>n) << 2;
  let i: usize = 0;
  do {
    const v = load(x + i);
    const g = math.gaussian(v);
    store(e + i, mul(load(d + i), add(math.normalCdf(v, g), mul(v, mul(splat(0.398942292), g)))));
    i += BYTES;
  } while (i < end);
}

const DOUBLE_ROOT: f32 = 1.59576917; // 2 sqrt(2 / pi)
const CUBE: f32 = 0.044715;
const CUBE3: f32 = 0.134145; // 3 CUBE

/** y = x * s, with s = (1 + tanh(a)) / 2 = sigmoid(2 a) and a = sqrt(2 / pi) (x + 0.044715 x^3) */
export function geluTanh(n: i32, x: usize, y: usize): void {
  const end = (<usize>n) << 2;
  let i: usize = 0;
  do {
    const v = load(x + i);
    const u = mul(splat(DOUBLE_ROOT), add(v, mul(mul(splat(CUBE), v), mul(v, v))));
    store(y + i, mul(v, math.sigmoid(u)));
    i += BYTES;
  } while (i < end);
}

/**
 * e = d * (s + x * s (1 - s) * 2 sqrt(2 / pi) (1 + 3 * 0.044715 x^2)), with s = sigmoid(u) and u = 2 a.
 * s (1 - s) is computed as t / (1 + t)^2 with t = e^-|u|: 1 - s suffers from cancellation, and the derivative at x = 9
 * would be off by 2e-6.
 */
export function geluTanhBackward(n: i32, x: usize, d: usize, e: usize): void {
  const end = (<usize>n) << 2;
  let i: usize = 0;
  do {
    const v = load(x + i);
    const square = mul(v, v);
    const u = mul(splat(DOUBLE_ROOT), add(v, mul(mul(splat(CUBE), v), square)));
    const du = mul(splat(DOUBLE_ROOT), add(splat(1), mul(splat(CUBE3), square)));
    const t = math.exp(neg(abs(u)));
    const q = add(splat(1), t);
    const s = div(select(lt(u, splat(0)), t, splat(1)), q);
    store(e + i, mul(load(d + i), add(s, mul(mul(v, div(t, mul(q, q))), du))));
    i += BYTES;
  } while (i < end);
}

/** y = x * s, with s = sigmoid(x) */
export function silu(n: i32, x: usize, y: usize): void {
  const end = (<usize>n) << 2;
  let i: usize = 0;
  do {
    const v = load(x + i);
    store(y + i, mul(v, math.sigmoid(v)));
    i += BYTES;
  } while (i < end);
}

/** e = d * (s + x * s (1 - s)), with s (1 - s) computed as in geluTanhBackward */
export function siluBackward(n: i32, x: usize, d: usize, e: usize): void {
  const end = (<usize>n) << 2;
  let i: usize = 0;
  do {
    const v = load(x + i);
    const t = math.exp(neg(abs(v)));
    const q = add(splat(1), t);
    const s = div(select(lt(v, splat(0)), t, splat(1)), q);
    store(e + i, mul(load(d + i), add(s, mul(v, div(t, mul(q, q))))));
    i += BYTES;
  } while (i < end);
}

/**
 * y = x where beta * x > threshold, else ln(1 + e^(beta * x)) / beta, which is computed as
 * (max(b, 0) + ln(1 + e^-|b|)) / beta with b = beta * x
 */
export function softplus(n: i32, x: usize, y: usize, beta: f32, threshold: f32): void {
  const B = splat(beta),
    T = splat(threshold);
  const end = (<usize>n) << 2;
  let i: usize = 0;
  do {
    const v = load(x + i);
    const b = mul(B, v);
    const soft = div(add(positive(b), math.log1pUpTo1(math.exp(neg(abs(b))))), B);
    store(y + i, select(gt(b, T), v, soft));
    i += BYTES;
  } while (i < end);
}

/** e = d where beta * x > threshold, else d * sigmoid(beta * x) */
export function softplusBackward(n: i32, x: usize, d: usize, e: usize, beta: f32, threshold: f32): void {
  const B = splat(beta),
    T = splat(threshold);
  const end = (<usize>n) << 2;
  let i: usize = 0;
  do {
    const b = mul(B, load(x + i));
    const g = load(d + i);
    store(e + i, select(gt(b, T), g, mul(g, math.sigmoid(b))));
    i += BYTES;
  } while (i < end);
}

// Mish is y = x w with w = tanh(ln(1 + e^x)) = ((1 + e^x)^2 - 1) / ((1 + e^x)^2 + 1) = p / (p + q). In terms of
// u = e^-|x|, nothing overflows or cancels: p = 2 u + u^2 and q = 2 for x < 0, otherwise p = 1 + 2 u and q = 2 u^2.
// It follows that 1 - w = q / (p + q).

/** y = x * tanh(softplus(x)) */
export function mish(n: i32, x: usize, y: usize): void {
  const end = (<usize>n) << 2;
  let i: usize = 0;
  do {
    const v = load(x + i);
    const e = math.exp(neg(abs(v)));
    const below = lt(v, splat(0));
    const p = add(mul(splat(2), e), select(below, mul(e, e), splat(1)));
    const q = mul(splat(2), select(below, splat(1), mul(e, e)));
    store(y + i, mul(v, div(p, add(p, q))));
    i += BYTES;
  } while (i < end);
}

/** e = d * (w + x * sigmoid(x) * (1 - w) (1 + w)) */
export function mishBackward(n: i32, x: usize, d: usize, e: usize): void {
  const end = (<usize>n) << 2;
  let i: usize = 0;
  do {
    const v = load(x + i);
    const u = math.exp(neg(abs(v)));
    const below = lt(v, splat(0));
    const p = add(mul(splat(2), u), select(below, mul(u, u), splat(1)));
    const q = mul(splat(2), select(below, splat(1), mul(u, u)));
    const w = div(p, add(p, q));
    const s = div(select(below, u, splat(1)), add(splat(1), u));
    const slope = mul(div(q, add(p, q)), add(splat(1), w));
    store(e + i, mul(load(d + i), add(w, mul(mul(v, s), slope))));
    i += BYTES;
  } while (i < end);
}
