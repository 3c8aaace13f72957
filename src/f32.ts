/**
 * The vocabulary of the kernels on one number: each operation rounds its result to f32, and for + - * / and the
 * square root `Math.fround` of the double result is the correctly rounded f32 result. `assembly/lane.ts` has the
 * same words for four numbers at a time; a twin in these words computes the bits of its kernel.
 */
export const round = Math.fround;

// Math.fround by its own name: `round` is an export, which V8 looks up and compares at every call. That took Adam's twin
// from 104 million elements a second to 59, and SGD's from 494 to 257 (Node 24).
//
// Other ways to the same bits, in millions of elements a second on Node 20 and 24 for adam, sgd and relu:
//   these words                            95 104   398 494    576  913
//   Math.fround written out in the loop   105 105   493 491    607  930
//   that, unrolled by 2                   100  94   465 483    923  893
//   that, unrolled by 4                   103 100   486 490   1071 1107
//   intermediates in a Float32Array        60  64   307 374
//   each in a Float32Array of its own      40  52   222 329
//   one loop an operation, blocks of 512   30  48   105 182
// The conversions to f32 and back bind, and all of these have them. Words that read as the kernels do are worth more than
// a sixth of sgd on Node 20 (a bundler that joins the modules gives it back); so is relu as it stands.
export const add = (a: number, b: number): number => Math.fround(a + b);
export const sub = (a: number, b: number): number => Math.fround(a - b);
export const mul = (a: number, b: number): number => Math.fround(a * b);
export const div = (a: number, b: number): number => Math.fround(a / b);
export const sqrt = (a: number): number => Math.fround(Math.sqrt(a));
export const abs = (a: number): number => Math.abs(a);
export const neg = (a: number): number => -a;
export const min = (a: number, b: number): number => Math.min(a, b);
export const max = (a: number, b: number): number => Math.max(a, b);
// Not Math.min and Math.max: a NaN in b is passed over, and so is the sign of zero.
// biome-ignore lint/complexity/useMathMinMax: as said
export const pmin = (a: number, b: number): number => (b < a ? b : a);
// biome-ignore lint/complexity/useMathMinMax: as said
export const pmax = (a: number, b: number): number => (a < b ? b : a);
/** x where a is above zero, y where it is below, 0 at zero and for NaN. */
export const bySign = (a: number, x: number, y: number): number => (a > 0 ? x : a < 0 ? y : 0);
/** x, 0 - x or 0 for a above, below or at zero: 0 for NaN. */
export const signed = (x: number, a: number): number => bySign(a, x, 0 - x);
export const lt = (a: number, b: number): boolean => a < b;
export const gt = (a: number, b: number): boolean => a > b;
export const eq = (a: number, b: number): boolean => a === b;
/** x + s y; x itself where s is 0, whatever y is: weight decay that is off does not turn an infinite θ into NaN. */
export const plus = (x: number, s: number, y: number): number => (s === 0 ? x : add(x, mul(s, y)));
/** 0 where the mask is set, x elsewhere. */
export const unless = (mask: boolean, x: number): number => (mask ? 0 : x);
export const select = (mask: boolean, a: number, b: number): number => (mask ? a : b);

const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

function ofBits(pattern: number): number {
  bits[0] = pattern;
  return float[0];
}
function bitsOf(x: number): number {
  float[0] = x;
  return bits[0];
}

/** 2^n for whole n from -126 to 127, built in the exponent bits. */
export const pow2 = (n: number): number => ofBits(((n | 0) + 127) << 23);

const ROOT_HALF = 0x3f3504f3; // the bits of sqrt(1/2)

/** The whole n of x = significand * 2^n, with the significand in [sqrt(1/2), sqrt(2)), for positive normal x. */
export const exponent = (x: number): number => ((bitsOf(x) - ROOT_HALF) | 0) >> 23;
export const significand = (x: number): number => ofBits(((bitsOf(x) - ROOT_HALF) & 0x7fffff) + ROOT_HALF);

const THIRD = round(0.33333334);
/**
 * Within 3.5 % of 1 / the cube root of a positive normal number: a third of its bits, taken from a constant with the
 * exponent's bias. The third in f32, whole by the addition of 1.5 * 2^23, whose own bits the shift leaves at 2^30.
 */
export function inverseCubeRootGuess(x: number): number {
  const whole = bitsOf(add(mul(bitsOf(x) >> 8, THIRD), 12582912)) << 8;
  return ofBits(0x54a23400 + 0x40000000 - whole);
}

/** A number in [0, 1) with 24 random bits, from a counter and a key of two words. */
export function uniform(counter: number, key0: number, key1: number): number {
  let h = counter ^ key0;
  h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
  h = h ^ (h >>> 15) ^ key1;
  h = Math.imul(h, 0x846ca68b);
  h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
  h = h ^ (h >>> 15);
  return (h >>> 8) * 2 ** -24;
}
