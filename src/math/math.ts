/**
 * exp, log, tanh, the logistic sigmoid and others in f32, the same lines as `assembly/math.ts`. They are made of + - * / and
 * bit operations alone, because `Math.exp` and others differ between JavaScript engines in their last bits.
 */
import {
  abs,
  add,
  div,
  exponent,
  gt,
  inverseCubeRootGuess,
  lt,
  mul,
  neg,
  pmax,
  pmin,
  pow2,
  round,
  select,
  significand,
  sub,
  where,
} from "./f32.js";

const LOG2E = round(1.44269504);
const LN2_HIGH = 0.693359375;
const LN2_LOW = round(-0.00021219444);
const TO_WHOLE = 12582912;

const E0 = round(0.00138232135);
const E1 = round(0.00836882368);
const E2 = round(0.04166824);
const E3 = round(0.166665196);
const E4 = round(0.49999994);

/** e^r - 1 for |r| up to ln 2 / 2. */
function growth(r: number): number {
  let p = add(mul(E0, r), E1);
  p = add(mul(p, r), E2);
  p = add(mul(p, r), E3);
  p = add(mul(p, r), E4);
  return add(r, mul(mul(r, r), p));
}

/** y 2^n, with 2^n as two factors, so that neither leaves the range of normal numbers. */
function raised(y: number, n: number): number {
  const half = sub(add(mul(n, 0.5), TO_WHOLE), TO_WHOLE);
  return mul(mul(y, pow2(half)), pow2(sub(n, half)));
}

/** e^x: 0 below -104, Infinity above 88.73, NaN for NaN. */
export function exp(x: number): number {
  const clamped = pmax(pmin(x, 90), -105);
  const n = sub(add(mul(clamped, LOG2E), TO_WHOLE), TO_WHOLE);
  const r = sub(sub(clamped, mul(n, LN2_HIGH)), mul(n, LN2_LOW));
  const y = add(1, growth(r));
  return raised(y, n);
}

/** e^x - 1, without the cancellation near 0: -1 below -20. */
export function expm1(x: number): number {
  const clamped = pmax(pmin(x, 90), -20);
  const n = sub(add(mul(clamped, LOG2E), TO_WHOLE), TO_WHOLE);
  const r = sub(sub(clamped, mul(n, LN2_HIGH)), mul(n, LN2_LOW));
  const lift = sub(1, pow2(neg(pmin(n, 64))));
  const y = add(lift, growth(r));
  return raised(y, n);
}

const L0 = round(0.0673361421);
const L1 = round(-0.116617456);
const L2 = round(0.118865274);
const L3 = round(-0.12408077);
const L4 = round(0.142201856);
const L5 = round(-0.166678578);
const L6 = round(0.200020745);
const L7 = round(-0.250000119);
const L8 = round(0.333333135);
const SMALLEST_NORMAL = round(1.17549435e-38);
const LARGEST = round(3.40282347e38);

/** ln of a positive normal number. */
function logNormal(x: number): number {
  const n = exponent(x);
  return logOf(sub(significand(x), 1), n);
}

/** ln (2^n (1 + f)) */
function logOf(f: number, n: number): number {
  let p = add(mul(L0, f), L1);
  p = add(mul(p, f), L2);
  p = add(mul(p, f), L3);
  p = add(mul(p, f), L4);
  p = add(mul(p, f), L5);
  p = add(mul(p, f), L6);
  p = add(mul(p, f), L7);
  p = add(mul(p, f), L8);
  const square = mul(f, f);
  const tail = add(sub(mul(mul(square, f), p), mul(0.5, square)), mul(n, LN2_LOW));
  return add(add(f, tail), mul(n, LN2_HIGH));
}

/** ln x: -Infinity at 0, NaN below, Infinity at Infinity. */
export function log(x: number): number {
  const tiny = lt(x, SMALLEST_NORMAL);
  const scaled = select(tiny, mul(x, 8388608), x);
  const n = sub(exponent(scaled), where(tiny, 23));
  const y = logOf(sub(significand(scaled), 1), n);
  const positive = select(gt(x, LARGEST), x, y);
  const zero = select(lt(x, 0), Number.NaN, Number.NEGATIVE_INFINITY);
  return select(gt(x, 0), positive, select(Number.isNaN(x), x, zero));
}

/** ln (1 + x): the logarithm of the rounded sum, corrected by what the rounding lost. */
export function log1p(x: number): number {
  const u = add(1, x);
  const y = log(u);
  return select(lt(abs(y), Number.POSITIVE_INFINITY), add(y, lostOf(u, x)), y);
}

/** ln (1 + x) for x from 0 to 1, where the sum is a normal number; NaN for NaN. */
export function log1pUpTo1(x: number): number {
  const u = add(1, x);
  return add(logNormal(u), lostOf(u, x));
}

const lostOf = (u: number, x: number): number => div(sub(x, sub(u, 1)), u);

const T0 = round(-0.00569882384);
const T1 = round(0.0206331778);
const T2 = round(-0.0537377223);
const T3 = round(0.133314148);
const T4 = round(-0.333332807);

/** tanh x: a polynomial up to 0.625, beyond it 1 - 2 / (e^(2|x|) + 1) with the sign of x. */
export function tanh(x: number): number {
  const z = mul(x, x);
  let p = add(mul(T0, z), T1);
  p = add(mul(p, z), T2);
  p = add(mul(p, z), T3);
  p = add(mul(p, z), T4);
  const near = add(x, mul(mul(x, z), p));
  const a = abs(x);
  const far = sub(1, div(2, add(exp(add(a, a)), 1)));
  const signed = select(lt(x, 0), neg(far), far);
  return select(lt(a, round(0.625)), near, signed);
}

/** The logistic function 1 / (1 + e^-x). */
export function sigmoid(x: number): number {
  return div(1, add(1, exp(neg(x))));
}

/** e^(-x^2 / 2), the normal density without its factor 1 / sqrt(2 pi). */
export function gaussian(x: number): number {
  return exp(mul(-0.5, mul(x, x)));
}

const N0 = round(-7.65421009e-6);
const N1 = round(0.000113486378);
const N2 = round(-0.00118632999);
const N3 = round(0.0099733239);
const N4 = round(-0.0664903596);
const N5 = round(0.398942292);
const F0 = round(-0.128017768);
const F1 = round(0.37493977);
const F2 = round(-0.342220545);
const F3 = round(0.00649656262);
const F4 = round(0.0383481979);
const F5 = round(0.150600582);
const F6 = round(0.199439123);
const F7 = round(0.199470848);

/** The normal distribution function (1 + erf(x / sqrt 2)) / 2, given g = gaussian(x). */
export function normalCdf(x: number, g: number): number {
  const z = mul(x, x);
  let p = add(mul(N0, z), N1);
  p = add(mul(p, z), N2);
  p = add(mul(p, z), N3);
  p = add(mul(p, z), N4);
  p = add(mul(p, z), N5);
  const near = add(0.5, mul(x, p));
  const a = abs(x);
  const t = div(1, add(1, mul(0.5, a)));
  let q = add(mul(F0, t), F1);
  q = add(mul(q, t), F2);
  q = add(mul(q, t), F3);
  q = add(mul(q, t), F4);
  q = add(mul(q, t), F5);
  q = add(mul(q, t), F6);
  q = add(mul(q, t), F7);
  const tail = mul(g, mul(t, q));
  const far = select(lt(x, 0), tail, sub(1, tail));
  return select(lt(a, 1), near, far);
}

const ROOT1 = round(0.333333333);
const ROOT2 = round(0.222222222);
const ROOT3 = round(0.172839506);

/**
 * The cube root of a normal positive number; any other number but NaN counts as the nearest one of these. No division:
 * y r² with r = 1 / cbrt y, by a step of fourth order from a guess and a Newton step.
 */
export function cbrt(x: number): number {
  const y = pmin(pmax(x, SMALLEST_NORMAL), LARGEST);
  const guess = inverseCubeRootGuess(y);
  const h = sub(1, mul(mul(y, guess), mul(guess, guess)));
  const p = add(add(ROOT1, mul(ROOT2, h)), mul(ROOT3, mul(h, h)));
  const r = add(guess, mul(mul(guess, h), p));
  const square = mul(r, r);
  const near = mul(y, square);
  const missing = sub(y, mul(mul(near, near), near));
  return add(near, mul(missing, mul(square, ROOT1)));
}
