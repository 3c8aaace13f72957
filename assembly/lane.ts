// The vocabulary of the kernels: operations on vectors of four f32. `src/f32.ts` defines the same words for one number,
// rounded after every operation, so that a kernel and its twin are the same lines over the two vocabularies.
//
// Kernels loop with do … while over one index: n is at least 1, and V8 hoists the splats of the scalars out of a loop
// only if the body runs before any exit from it. With the test at the top, V8 repeats all nine of Adam's splats for every
// vector, which costs a third of its time; a pointer for each array instead of the index costs 7 %. The build unrolls the
// loop of an update kernel two or four times, and adds a variant without the scalars that are 0 or 1
// (src/build/unroll.ts).
//
// There are no @inline decorators: each word is one instruction or a few, which the optimizer always inlines, and the
// build rejects a binary in which an update kernel still contains a call.

/** Bytes of one vector. */
export const BYTES: usize = 16;

export function load(p: usize): v128 {
  return v128.load(p);
}
export function store(p: usize, x: v128): void {
  v128.store(p, x);
}
// The three vectors after the one at p, for the loops that the build unrolls.
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
// min and max propagate NaN and order -0 before +0, as Math.min and Math.max do; each takes about ten x86 instructions.
export function min(a: v128, b: v128): v128 {
  return f32x4.min(a, b);
}
export function max(a: v128, b: v128): v128 {
  return f32x4.max(a, b);
}
/** b where b < a, else a, also where a is NaN: one instruction. */
export function pmin(a: v128, b: v128): v128 {
  return f32x4.pmin(a, b);
}
/** b where a < b, else a, also where a is NaN: one instruction. With pmax in place of max AMSGrad takes 22 % less time. */
export function pmax(a: v128, b: v128): v128 {
  return f32x4.pmax(a, b);
}

// Comparisons return a mask for `select`, all ones or all zeros in each lane.
export function lt(a: v128, b: v128): v128 {
  return f32x4.lt(a, b);
}
export function gt(a: v128, b: v128): v128 {
  return f32x4.gt(a, b);
}
export function eq(a: v128, b: v128): v128 {
  return f32x4.eq(a, b);
}
/** The lanes of `a` where the mask is set, those of `b` elsewhere. */
export function select(mask: v128, a: v128, b: v128): v128 {
  return v128.bitselect(a, b, mask);
}

// Words for scalars that are usually neutral, weight decay above all. For that case the build adds a variant of the loop
// in which the second word of each pair replaces the first (src/build/unroll.ts).
/** x + s * y. The build makes sure that s is not 0 here: if it is, the loop with `plusNothing` runs. */
export function plus(x: v128, s: v128, y: v128): v128 {
  return f32x4.add(x, f32x4.mul(s, y));
}
export function plusNothing(x: v128, _s: v128, _y: v128): v128 {
  return x;
}
/** s * x, where s is usually 1; if it is, the loop with `timesOne` runs. */
export function times(s: v128, x: v128): v128 {
  return f32x4.mul(s, x);
}
export function timesOne(_s: v128, x: v128): v128 {
  return x;
}

/** 0 where the mask is set, x elsewhere: one instruction, where `select` takes three. */
export function unless(mask: v128, x: v128): v128 {
  return v128.andnot(x, mask);
}

/** x, 0 - x or 0 for a above, below or at zero; 0 for NaN. Done on the sign bit, with NaN masked, it takes 10 % longer. */
export function signed(x: v128, a: v128): v128 {
  const zero = f32x4.splat(0);
  return f32x4.sub(v128.and(f32x4.gt(a, zero), x), v128.and(f32x4.lt(a, zero), x));
}

/** x where a is above zero, y where it is below, 0 at zero and for NaN. */
export function bySign(a: v128, x: v128, y: v128): v128 {
  const zero = f32x4.splat(0);
  return v128.or(v128.and(f32x4.gt(a, zero), x), v128.and(f32x4.lt(a, zero), y));
}

/** 2^n for whole n from -126 to 127, built in the exponent bits. */
export function pow2(n: v128): v128 {
  return i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23);
}

/** a * b + c, fused in the relaxed build and rounded twice in the strict one. Only matrix products use it. */
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
 * contains the exponent's bias. The third is computed in f32 and rounded to a whole number by adding 1.5 * 2^23, whose own
 * bits the shift leaves at 2^30; the constant makes up for them.
 */
export function inverseCubeRootGuess(x: v128): v128 {
  const third = f32x4.mul(f32x4.convert_i32x4_s(i32x4.shr_s(x, 8)), f32x4.splat(0.33333334));
  const whole = i32x4.shl(f32x4.add(third, f32x4.splat(12582912)), 8);
  return i32x4.sub(i32x4.splat(0x54a23400 + 0x40000000), whole);
}

/**
 * Random numbers in [0, 1) of 24 bits, from a counter and a key of two words: a bijective mixer of multiplications and
 * shifts (multipliers of lowbias32, C. Wellons). The second word of the key enters between its rounds, so that the masks of
 * two keys are not shifted copies of each other.
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
