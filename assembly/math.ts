// exp, log, tanh, the logistic sigmoid and related functions in f32. They use + - * / and bit operations only, so that
// every host computes the same bits. `src/math/math.ts` has the same lines for a single number.
//
// The coefficients of the polynomials are our own minimax fits in relative error, each rounded to f32. Each fit adds
// less than 0.1 ulp to the error of rounding. All functions are inlined: a call per vector costs the activations 15 %.
import { abs, add, div, exponent, gt, inverseCubeRootGuess, lt, mul, neg, pmax, pmin, pow2, select, significand, splat, sub, TO_WHOLE, where } from "./lane";

const LOG2E: f32 = 1.44269504;
const LN2_HIGH: f32 = 0.693359375; // 9 bits, so that n * LN2_HIGH is exact for every n that occurs
const LN2_LOW: f32 = -0.00021219444;

/** e^r - 1 for |r| up to ln 2 / 2. */
@inline
function growth(r: v128): v128 {
  let p = add(mul(splat(0.00138232135), r), splat(0.00836882368));
  p = add(mul(p, r), splat(0.04166824));
  p = add(mul(p, r), splat(0.166665196));
  p = add(mul(p, r), splat(0.49999994));
  return add(r, mul(mul(r, r), p));
}

/** y * 2^n, with 2^n as a product of two factors, both of which are normal numbers. */
@inline
function raised(y: v128, n: v128): v128 {
  const half = sub(add(mul(n, splat(0.5)), splat(TO_WHOLE)), splat(TO_WHOLE));
  return mul(mul(y, pow2(half)), pow2(sub(n, half)));
}

/** e^x: 0 below -104, Infinity above 88.73, NaN for NaN. */
@inline
export function exp(x: v128): v128 {
  const clamped = pmax(pmin(x, splat(90)), splat(-105));
  const n = sub(add(mul(clamped, splat(LOG2E)), splat(TO_WHOLE)), splat(TO_WHOLE));
  const r = sub(sub(clamped, mul(n, splat(LN2_HIGH))), mul(n, splat(LN2_LOW)));
  const y = add(splat(1), growth(r));
  return raised(y, n);
}

/**
 * e^x - 1, without cancellation near 0: the same as `exp`, but with 1 - 2^-n in place of the 1, which preserves the
 * last digits. -1 below -20.
 */
@inline
export function expm1(x: v128): v128 {
  const clamped = pmax(pmin(x, splat(90)), splat(-20));
  const n = sub(add(mul(clamped, splat(LOG2E)), splat(TO_WHOLE)), splat(TO_WHOLE));
  const r = sub(sub(clamped, mul(n, splat(LN2_HIGH))), mul(n, splat(LN2_LOW)));
  const lift = sub(splat(1), pow2(neg(pmin(n, splat(64)))));
  const y = add(lift, growth(r));
  return raised(y, n);
}

/** ln of a positive normal number. */
@inline
function logNormal(x: v128): v128 {
  const n = exponent(x);
  return logOf(sub(significand(x), splat(1)), n);
}

/** ln (2^n (1 + f)) */
@inline
function logOf(f: v128, n: v128): v128 {
  let p = add(mul(splat(0.0673361421), f), splat(-0.116617456));
  p = add(mul(p, f), splat(0.118865274));
  p = add(mul(p, f), splat(-0.12408077));
  p = add(mul(p, f), splat(0.142201856));
  p = add(mul(p, f), splat(-0.166678578));
  p = add(mul(p, f), splat(0.200020745));
  p = add(mul(p, f), splat(-0.250000119));
  p = add(mul(p, f), splat(0.333333135));
  const square = mul(f, f);
  const tail = add(sub(mul(mul(square, f), p), mul(splat(0.5), square)), mul(n, splat(LN2_LOW)));
  return add(add(f, tail), mul(n, splat(LN2_HIGH)));
}

/** ln x: -Infinity at 0, NaN for negative x, Infinity at Infinity. */
@inline
export function log(x: v128): v128 {
  const tiny = lt(x, splat(1.17549435e-38)); // subnormal numbers are scaled by 2^23 first
  const scaled = select(tiny, mul(x, splat(8388608)), x);
  const n = sub(exponent(scaled), where(tiny, splat(23)));
  const y = logOf(sub(significand(scaled), splat(1)), n);
  const positive = select(gt(x, splat(3.40282347e38)), x, y);
  const zero = select(lt(x, splat(0)), splat(NaN), splat(-Infinity));
  return select(gt(x, splat(0)), positive, select(f32x4.ne(x, x), x, zero));
}

/** ln (1 + x): the logarithm of the rounded sum, plus a correction for what rounding lost. */
@inline
export function log1p(x: v128): v128 {
  const u = add(splat(1), x);
  const y = log(u);
  return select(lt(abs(y), splat(Infinity)), add(y, lostOf(u, x)), y);
}

/** ln (1 + x) for x from 0 to 1, where the sum is a normal number: softplus takes 0.7 of the time. NaN for NaN. */
@inline
export function log1pUpTo1(x: v128): v128 {
  const u = add(splat(1), x);
  return add(logNormal(u), lostOf(u, x)); // of NaN, the second is NaN
}

@inline
function lostOf(u: v128, x: v128): v128 {
  return div(sub(x, sub(u, splat(1))), u);
}

/** tanh x: a polynomial for |x| < 0.625, otherwise 1 - 2 / (e^(2|x|) + 1) with the sign of x. */
@inline
export function tanh(x: v128): v128 {
  const z = mul(x, x);
  let p = add(mul(splat(-0.00569882384), z), splat(0.0206331778));
  p = add(mul(p, z), splat(-0.0537377223));
  p = add(mul(p, z), splat(0.133314148));
  p = add(mul(p, z), splat(-0.333332807));
  const near = add(x, mul(mul(x, z), p));
  const a = abs(x);
  const far = sub(splat(1), div(splat(2), add(exp(add(a, a)), splat(1))));
  const signed = select(lt(x, splat(0)), neg(far), far);
  return select(lt(a, splat(0.625)), near, signed);
}

/** The logistic function 1 / (1 + e^-x). */
@inline
export function sigmoid(x: v128): v128 {
  return div(splat(1), add(splat(1), exp(neg(x))));
}

/** e^(-x^2 / 2): the density of the normal distribution without its factor 1 / sqrt(2 pi). */
@inline
export function gaussian(x: v128): v128 {
  return exp(mul(splat(-0.5), mul(x, x)));
}

/**
 * The cumulative distribution function of the normal distribution, (1 + erf(x / sqrt 2)) / 2, given g = gaussian(x).
 * For |x| < 1 it is 1/2 plus an odd polynomial. Otherwise the tail is g times a polynomial in t = 1 / (1 + |x| / 2), so
 * that the small values below -1 keep the digits that 1 + erf would lose.
 */
@inline
export function normalCdf(x: v128, g: v128): v128 {
  const z = mul(x, x);
  let p = add(mul(splat(-7.65421009e-06), z), splat(0.000113486378));
  p = add(mul(p, z), splat(-0.00118632999));
  p = add(mul(p, z), splat(0.0099733239));
  p = add(mul(p, z), splat(-0.0664903596));
  p = add(mul(p, z), splat(0.398942292));
  const near = add(splat(0.5), mul(x, p));
  const a = abs(x);
  const t = div(splat(1), add(splat(1), mul(splat(0.5), a)));
  let q = add(mul(splat(-0.128017768), t), splat(0.37493977));
  q = add(mul(q, t), splat(-0.342220545));
  q = add(mul(q, t), splat(0.00649656262));
  q = add(mul(q, t), splat(0.0383481979));
  q = add(mul(q, t), splat(0.150600582));
  q = add(mul(q, t), splat(0.199439123));
  q = add(mul(q, t), splat(0.199470848));
  const tail = mul(g, mul(t, q));
  const far = select(lt(x, splat(0)), tail, sub(splat(1), tail));
  return select(lt(a, splat(1)), near, far);
}

/**
 * Cube root of a positive normal number y, within 0.95 ulp over every significand. Any other x except NaN is first
 * replaced by the nearest such number. Needs no division: the root is y r² for r = 1 / cbrt y, where r comes from one
 * step of fourth order from a guess, and one Newton step then corrects the root itself. With two steps of Halley's
 * method, of two divisions each, MADGRAD takes a fifth longer; with support for signs, subnormal numbers and Infinity,
 * two fifths longer.
 */
@inline
export function cbrt(x: v128): v128 {
  const y = pmin(pmax(x, splat(1.17549435e-38)), splat(3.40282347e38));
  const guess = inverseCubeRootGuess(y);
  const h = sub(splat(1), mul(mul(y, guess), mul(guess, guess)));
  const p = add(add(splat(0.333333333), mul(splat(0.222222222), h)), mul(splat(0.172839506), mul(h, h)));
  const r = add(guess, mul(mul(guess, h), p));
  const square = mul(r, r);
  const near = mul(y, square);
  const missing = sub(y, mul(mul(near, near), near));
  return add(near, mul(missing, mul(square, splat(0.333333333))));
}
