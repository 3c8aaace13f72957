/**
 * Calls that make no garbage. V8 allocates an array for a spread call (`f(...x)`), and boxes every number that goes into it,
 * on every step; it passes written-out arguments in registers. So arities are written out by hand, all of them in this file.
 */

/** An export of a binary: takes addresses, sizes and scalars. */
export type Kernel = (...args: number[]) => void;

/** The most arguments of a kernel. */
export const MAX_ARGUMENTS = 32;

/** Calls a kernel with the first `count` numbers of `x`. */
export function call(f: Kernel, count: number, x: Float64Array): void {
  // biome-ignore format: one line an arity
  switch (count) {
    case 2: f(x[0], x[1]); break;
    case 3: f(x[0], x[1], x[2]); break;
    case 4: f(x[0], x[1], x[2], x[3]); break;
    case 5: f(x[0], x[1], x[2], x[3], x[4]); break;
    case 6: f(x[0], x[1], x[2], x[3], x[4], x[5]); break;
    case 7: f(x[0], x[1], x[2], x[3], x[4], x[5], x[6]); break;
    case 8: f(x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7]); break;
    case 9: f(x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7], x[8]); break;
    case 10: f(x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7], x[8], x[9]); break;
    case 11: f(x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7], x[8], x[9], x[10]); break;
    case 12: f(x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7], x[8], x[9], x[10], x[11]); break;
    case 13: f(x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7], x[8], x[9], x[10], x[11], x[12]); break;
    case 14: f(x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7], x[8], x[9], x[10], x[11], x[12], x[13]); break;
    case 15: f(x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7], x[8], x[9], x[10], x[11], x[12], x[13], x[14]); break;
    default: f(...x.subarray(0, count));
  }
}

/**
 * Calls gemm, with its 14 arguments. Separate from `call`, because V8 compiles a call site for all that it has seen there: one
 * that sees other kernels besides gemm boxes gemm's numbers (112 bytes a step).
 */
export function callGemm(gemm: Kernel, x: Float64Array): void {
  // biome-ignore format: one line
  gemm(x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7], x[8], x[9], x[10], x[11], x[12], x[13]);
}

/** Writes up to eight arguments to `to`. What a caller leaves out becomes NaN, and no kernel reads it. */
export function setArguments(
  to: Float64Array,
  n?: number,
  a?: number,
  b?: number,
  c?: number,
  d?: number,
  e?: number,
  f?: number,
  g?: number,
): void {
  to[0] = n!;
  to[1] = a!;
  to[2] = b!;
  to[3] = c!;
  to[4] = d!;
  to[5] = e!;
  to[6] = f!;
  to[7] = g!;
}
