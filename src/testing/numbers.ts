/** Numbers that tests share: a generator, special values, and comparison by bits. */

/** f32 values that kernels get wrong first: signed zeros, infinities, NaN, subnormals, the ends of the range. */
export const SPECIAL = [
  0,
  -0,
  1,
  -1,
  0.1,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.NaN,
  2 ** -149,
  -(2 ** -149),
  2 ** -140 * 5,
  2 ** -126,
  -(2 ** -126),
  2 ** -126 - 2 ** -149,
  3.4028234663852886e38,
  -3.4028234663852886e38,
  2 ** -100,
  -(2 ** -100),
  2 ** -100 - 2 ** -124,
  16777217,
].map(Math.fround);

/** Numbers in [0, 1) from a seed: mulberry32, which shares nothing with the library's own generator. */
export function numbers(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** f32 values in [-scale, scale), every bit of the significand in play. */
export function uniform(length: number, seed: number, scale = 1): Float32Array {
  const next = numbers(seed);
  return Float32Array.from({ length }, () => scale * (2 * next() - 1));
}

/** Random values with the special ones strewn in. */
export function awkward(length: number, seed: number): Float32Array {
  const next = numbers(seed);
  return Float32Array.from({ length }, () =>
    next() < 0.4 ? SPECIAL[Math.floor(next() * SPECIAL.length)] : 4 * (2 * next() - 1),
  );
}

const NAN_BITS = 0x7fc00000;

/** The bits of f32 or f64 values, in words, with one NaN for all of them: which NaN an operation gives is the hardware's choice. */
export function bits(values: Float32Array | Float64Array): Uint32Array {
  const found = new Uint32Array(values.slice().buffer);
  const words = found.length / values.length;
  for (let i = 0; i < values.length; i++) if (Number.isNaN(values[i])) found.fill(NAN_BITS, words * i, words * (i + 1));
  return found;
}

const wordsOf = (values: Float32Array | Float64Array): Uint32Array =>
  new Uint32Array(values.buffer, values.byteOffset, values.byteLength / 4);

/** The first place where bits differ, in words; undefined when none does. */
export function difference<T extends Float32Array | Float64Array>(got: T, want: T): string | undefined {
  if (got.length !== want.length) return `${got.length} elements, not ${want.length}`;
  // Nearly always all words are the same, NaNs included.
  const [a, b] = [wordsOf(got), wordsOf(want)];
  let same = 0;
  while (same < a.length && a[same] === b[same]) same++;
  if (same === a.length) return undefined;
  const g = bits(got);
  const w = bits(want);
  const words = g.length / got.length;
  for (let k = 0; k < g.length; k++) {
    const i = Math.floor(k / words);
    if (g[k] !== w[k]) return `element ${i}: ${got[i]}, not ${want[i]}`;
  }
  return undefined;
}

/** Where two lists of arrays first differ, in words. */
export function firstDifference(
  got: readonly (Float32Array | Float64Array)[],
  want: readonly (Float32Array | Float64Array)[],
): string | undefined {
  if (got.length !== want.length) return `${got.length} arrays, not ${want.length}`;
  for (const [i, values] of got.entries()) {
    const found = difference(values, want[i]);
    if (found !== undefined) return `array ${i}, ${found}`;
  }
  return undefined;
}

/** The position of an f32 on the line of all of them, so that neighbours differ by 1; +0 and -0 share theirs. */
export function ordinal(x: number): number {
  const pattern = new Int32Array(Float32Array.of(x).buffer)[0];
  return pattern < 0 ? -(pattern & 0x7fffffff) : pattern;
}
