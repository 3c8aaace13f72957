/**
 * The words of kernels, for one number: a twin in these words computes the bits of its kernel, whose words, in
 * `assembly/lane.ts`, take four numbers at a time. Each operation rounds its result to f32; for + - * / and the square root
 * `Math.fround` of the f64 result is the correctly rounded f32 result.
 */
// Bound here, because in a context of node:vm (Jest, vitest's vmThreads, hosts for the edge) each use of a global such as `Math`
// asks the context's own object: Adam's twin took 160 to 450 times as long there, a product 1,100 times. With these it takes as
// long as elsewhere, where nothing changes (Node 20 and 24). Bound by value and not exported, because V8 looks an export up
// and compares it at every call: with an exported `fround` Adam's twin went from 104 million elements a second to 59, and
// SGD's from 494 to 257 (Node 24). Elsewhere as here: `const { sqrt } = Math` where a loop runs over elements.
const { abs: magnitude, fround, imul, max: larger, sqrt: root } = Math;

export const round = fround;

/** The largest finite f32. */
export const LARGEST = (2 - 2 ** -23) * 2 ** 127;

// Other ways to the same bits, in millions of elements a second on Node 20 and 24 for adam, sgd and relu:
//   these words                            95 104   398 494    576  913
//   fround written out in the loop        105 105   493 491    607  930
//   that, unrolled by 2                   100  94   465 483    923  893
//   that, unrolled by 4                   103 100   486 490   1071 1107
//   intermediates in a Float32Array        60  64   307 374
//   each in its own Float32Array           40  52   222 329
//   a loop per operation, blocks of 512    30  48   105 182
// All of these convert to f32 and back, and that is what takes the time. That twins read as the kernels do is worth more than
// a sixth of sgd's speed on Node 20, which a bundler that joins the modules gives back, and more than relu's.
export const add = (a: number, b: number): number => fround(a + b);
export const sub = (a: number, b: number): number => fround(a - b);
export const mul = (a: number, b: number): number => fround(a * b);
export const div = (a: number, b: number): number => fround(a / b);
export const sqrt = (a: number): number => fround(root(a));
export const abs = (a: number): number => magnitude(a);
export const neg = (a: number): number => -a;
export const max = (a: number, b: number): number => larger(a, b);
/** x above zero, +0 otherwise, NaN for NaN. */
export const positive = (x: number): number => larger(x, 0);
// Not Math.min and Math.max: the result is a where b is NaN, and where the two are zeros of different sign.
// biome-ignore lint/complexity/useMathMinMax: they differ, as the comment above says
export const pmin = (a: number, b: number): number => (b < a ? b : a);
// biome-ignore lint/complexity/useMathMinMax: they differ, as the comment above says
export const pmax = (a: number, b: number): number => (a < b ? b : a);
/** x where a is above zero, y where it is below, 0 at zero and for NaN. */
export const bySign = (a: number, x: number, y: number): number => (a > 0 ? x : a < 0 ? y : 0);
/** x where a is above zero, y where it is below, z at zero and for NaN. */
export const bySignOr = (a: number, x: number, y: number, z: number): number => (a > 0 ? x : a < 0 ? y : z);
/** x, 0 - x or 0 for a above, below or at zero: 0 for NaN. */
export const signed = (x: number, a: number): number => bySign(a, x, 0 - x);
export const lt = (a: number, b: number): boolean => a < b;
export const gt = (a: number, b: number): boolean => a > b;
export const eq = (a: number, b: number): boolean => a === b;
/** x + s y, and exactly x where s is 0, whatever y is: weight decay that is off turns no infinite θ into NaN. */
export const plus = (x: number, s: number, y: number): number => (s === 0 ? x : add(x, mul(s, y)));
/** x where the mask is set, 0 elsewhere. */
export const where = (mask: boolean, x: number): number => (mask ? x : 0);
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

/** The whole n of x = significand * 2^n, for positive normal x, with the significand in [sqrt(1/2), sqrt(2)). */
export const exponent = (x: number): number => ((bitsOf(x) - ROOT_HALF) | 0) >> 23;
export const significand = (x: number): number => ofBits(((bitsOf(x) - ROOT_HALF) & 0x7fffff) + ROOT_HALF);

const THIRD = round(0.33333334);
/**
 * 1 / the cube root of a positive normal number, within 3.5 %: a constant, which has the exponent's bias, minus a third of
 * the number's bits. The third is taken in f32, and made whole by adding 1.5 * 2^23, whose own bits the shift leaves at 2^30.
 */
export function inverseCubeRootGuess(x: number): number {
  const whole = bitsOf(add(mul(bitsOf(x) >> 8, THIRD), 12582912)) << 8;
  return ofBits(0x54a23400 + 0x40000000 - whole);
}

/**
 * A bijection of 32 bits in which every output bit depends on all input bits. The constant keeps 0 from mapping to 0.
 */
export function mixed(x: number): number {
  let h = (x + 0x9e3779b9) | 0;
  h = imul(h ^ (h >>> 16), 0x7feb352d);
  h = imul(h ^ (h >>> 15), 0x846ca68b);
  return h ^ (h >>> 16);
}

/** A number in [0, 1) with 24 random bits, from a counter and a key of two words. */
export function uniform(counter: number, key0: number, key1: number): number {
  let h = counter ^ key0;
  h = imul(h ^ (h >>> 16), 0x7feb352d);
  h = h ^ (h >>> 15) ^ key1;
  h = imul(h, 0x846ca68b);
  h = imul(h ^ (h >>> 16), 0x7feb352d);
  h = h ^ (h >>> 15);
  return (h >>> 8) * 2 ** -24;
}
