// The vocabulary of the kernels: each word works on a vector of four f32. `src/math/f32.ts` has the same words for a single
// number, rounded after every operation, so that a kernel and its twin are the same lines in two vocabularies.
//
// Kernels loop with do … while over a single index. n is at least 1, and V8 hoists the splats of the scalars out of a
// loop only if the body runs before every exit. With the test at the top, V8 repeats all nine splats of Adam for every
// vector, which takes a third of its time. A pointer per array instead of the index costs 7 %. The build unrolls the
// loop of an update kernel over two or four neighbouring vectors, and adds copies of the loop for scalars that are 0 or
// 1, without the operations that these make superfluous (src/build/unroll.ts).
//
// No decorators are needed: a word is a few instructions, which the optimizer always inlines. The build rejects a
// binary in which an update kernel still makes a call.

/** Bytes of one vector. */
export const BYTES: usize = 16;

export function load(p: usize): v128 {
  return v128.load(p);
}
export function store(p: usize, x: v128): void {
  v128.store(p, x);
}
// The three vectors after the one at p. Only the unrolled loops that the build writes use these words.
export function load1(p: usize): v128 {
  return v128.load(p, 16);
}
export function load2(p: usize): v128 {
  return v128.load(p, 32);
}
export function load3(p: usize): v128 {
  return v128.load(p, 48);
}
export function store1(p: usize, x: v128): void {
  v128.store(p, x, 16);
}
export function store2(p: usize, x: v128): void {
  v128.store(p, x, 32);
}
export function store3(p: usize, x: v128): void {
  v128.store(p, x, 48);
}
export function splat(x: f32): v128 {
  return f32x4.splat(x);
}

export function add(a: v128, b: v128): v128 {
  return f32x4.add(a, b);
}
export function sub(a: v128, b: v128): v128 {
  return f32x4.sub(a, b);
}
export function mul(a: v128, b: v128): v128 {
  return f32x4.mul(a, b);
}
export function div(a: v128, b: v128): v128 {
  return f32x4.div(a, b);
}
export function sqrt(a: v128): v128 {
  return f32x4.sqrt(a);
}
export function abs(a: v128): v128 {
  return f32x4.abs(a);
}
export function neg(a: v128): v128 {
  return f32x4.neg(a);
}
/** Like Math.max, propagates NaN and orders -0 before +0, which takes some ten x86 instructions. */
export function max(a: v128, b: v128): v128 {
  return f32x4.max(a, b);
}
/** x above zero, +0 otherwise, NaN for NaN. Two instructions: ReLU takes 0.6 to 0.8 of the time that it takes with max. */
export function positive(x: v128): v128 {
  return f32x4.add(f32x4.pmax(x, f32x4.splat(0)), f32x4.splat(0)); // -0 becomes +0 by the sum
}
/** b where b < a, else a, even where a is NaN. One instruction. */
export function pmin(a: v128, b: v128): v128 {
  return f32x4.pmin(a, b);
}
/** b where a < b, else a, even where a is NaN. One instruction: AMSGrad takes 22 % less time than with max. */
export function pmax(a: v128, b: v128): v128 {
  return f32x4.pmax(a, b);
}

// Comparisons return a mask for `select`: all ones or all zeros in each lane.
export function lt(a: v128, b: v128): v128 {
  return f32x4.lt(a, b);
}
export function gt(a: v128, b: v128): v128 {
  return f32x4.gt(a, b);
}
export function eq(a: v128, b: v128): v128 {
  return f32x4.eq(a, b);
}
/** Lanes of `a` where the mask is set, of `b` elsewhere. */
export function select(mask: v128, a: v128, b: v128): v128 {
  return v128.bitselect(a, b, mask);
}

// Words for scalars that are usually neutral, above all weight decay. For the case that they are, the build adds a copy
// of the loop with the second word of each pair in place of the first (src/build/unroll.ts).
/** x + s * y, for s other than 0: the build's copy of the loop for s = 0 has `plusNothing` instead. */
export function plus(x: v128, s: v128, y: v128): v128 {
  return f32x4.add(x, f32x4.mul(s, y));
}
export function plusNothing(x: v128, _s: v128, _y: v128): v128 {
  return x;
}
/** s * x, for an s that is usually 1. */
export function times(s: v128, x: v128): v128 {
  return f32x4.mul(s, x);
}
export function timesOne(_s: v128, x: v128): v128 {
  return x;
}

/** x where the mask is set, 0 elsewhere. One instruction, compared with three for `select`. */
export function where(mask: v128, x: v128): v128 {
  return v128.and(mask, x);
}
/** 0 where the mask is set, x elsewhere. One instruction, compared with three for `select`. */
export function unless(mask: v128, x: v128): v128 {
  return v128.andnot(x, mask);
}

/**
 * x, 0 - x or 0 for a above, below or at zero; 0 where a is NaN. To copy the sign bit and mask NaN takes 10 % longer.
 */
export function signed(x: v128, a: v128): v128 {
  const zero = f32x4.splat(0);
  return f32x4.sub(v128.and(f32x4.gt(a, zero), x), v128.and(f32x4.lt(a, zero), x));
}

/** x where a is above zero, y where it is below, 0 where it is zero or NaN. */
export function bySign(a: v128, x: v128, y: v128): v128 {
  const zero = f32x4.splat(0);
  return v128.or(v128.and(f32x4.gt(a, zero), x), v128.and(f32x4.lt(a, zero), y));
}

/**
 * x where a is above zero, y where it is below, z where it is zero or NaN. With x ^ z and y ^ z, which V8 computes before
 * the loop, these are four instructions beside the comparisons, and two nested `select` are six: Rprop takes 0.90 of the time.
 */
export function bySignOr(a: v128, x: v128, y: v128, z: v128): v128 {
  return v128.xor(z, bySign(a, v128.xor(x, z), v128.xor(y, z)));
}

/** 1.5 * 2^23: adding and subtracting it rounds to a whole number, ties to even. */
export const TO_WHOLE: f32 = 12582912;

/**
 * 2^n for whole n from -126 to 127, assembled from its exponent bits. In n + 1.5 * 2^23, the lowest bits are n as an integer;
 * the shift drops all others. A conversion to integers saturates, in some ten x86 instructions: with it exp takes 1.2 times
 * as long.
 */
export function pow2(n: v128): v128 {
  return i32x4.shl(i32x4.add(f32x4.add(n, f32x4.splat(TO_WHOLE)), i32x4.splat(127)), 23);
}

/** a * b + c, fused in the relaxed build only. Only matrix products use it. */
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(c, f32x4.mul(a, b));
}

// The parts of a positive normal number: x = significand * 2^exponent, with the significand in [sqrt(1/2), sqrt(2)).
const ROOT_HALF: i32 = 0x3f3504f3; // the bits of sqrt(1/2)

export function exponent(x: v128): v128 {
  return f32x4.convert_i32x4_s(i32x4.shr_s(i32x4.sub(x, i32x4.splat(ROOT_HALF)), 23));
}
export function significand(x: v128): v128 {
  const fraction = v128.and(i32x4.sub(x, i32x4.splat(ROOT_HALF)), i32x4.splat(0x7fffff));
  return i32x4.add(fraction, i32x4.splat(ROOT_HALF));
}

/**
 * 1 / the cube root of a positive normal number, within 3.5 %: a third of its bits is subtracted from a constant that
 * accounts for the exponent's bias. The third is computed in f32 and rounded to a whole number by adding 1.5 * 2^23,
 * whose own bits amount to 2^30 after the shift; the constant offsets them.
 */
export function inverseCubeRootGuess(x: v128): v128 {
  const third = f32x4.mul(f32x4.convert_i32x4_s(i32x4.shr_s(x, 8)), f32x4.splat(0.33333334));
  const whole = i32x4.shl(f32x4.add(third, f32x4.splat(TO_WHOLE)), 8);
  return i32x4.sub(i32x4.splat(0x54a23400 + 0x40000000), whole);
}

/**
 * Numbers in [0, 1) with 24 random bits, from a counter and a key of two words. A bijective mixer of multiplications
 * and shifts, with the multipliers of lowbias32 (C. Wellons). The second key word enters between the rounds, so that
 * the masks of two keys are not shifted copies of each other.
 */
export function uniform(counter: v128, key0: v128, key1: v128): v128 {
  let h = v128.xor(counter, key0);
  h = i32x4.mul(v128.xor(h, i32x4.shr_u(h, 16)), i32x4.splat(0x7feb352d));
  h = v128.xor(v128.xor(h, i32x4.shr_u(h, 15)), key1);
  h = i32x4.mul(h, i32x4.splat(0x846ca68b));
  h = i32x4.mul(v128.xor(h, i32x4.shr_u(h, 16)), i32x4.splat(0x7feb352d));
  h = v128.xor(h, i32x4.shr_u(h, 15));
  return f32x4.mul(f32x4.convert_i32x4_s(i32x4.shr_u(h, 8)), f32x4.splat(5.9604644775390625e-8));
}
