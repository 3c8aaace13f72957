/**
 * Calls of kernels that make no garbage. They look as they do because of V8:
 *
 * - f(...list) allocates an array and boxes every scalar, at each step. Arguments that are written out stay in registers;
 *   hence a case for each arity, and wrappers with a parameter for each argument.
 * - Where gemm shares a call site with other kernels, their scalars are boxed (112 bytes a step); hence `callGemm`.
 */
export type Kernel = (...args: number[]) => void;

/** The most arguments of a kernel. */
export const MAX_ARGUMENTS = 32;

/** Calls a kernel with the first `count` numbers of x. */
export function call(f: Kernel, count: number, x: Float64Array): void {
  // biome-ignore format: one line an arity
  switch (count) {
    case 1: f(x[0]); break;
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

/** Calls gemm with its arguments (gemmArguments.ts). */
export function callGemm(gemm: Kernel, x: Float64Array): void {
  gemm(x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7], x[8], x[9], x[10], x[11], x[12], x[13]);
}

/** Writes arguments to a list. What a caller leaves out becomes NaN, and no kernel reads it. */
// biome-ignore format: one line
export function fill(to: Float64Array, a?: number, b?: number, c?: number, d?: number, e?: number, f?: number, g?: number, h?: number): void {
  to[0] = a!; to[1] = b!; to[2] = c!; to[3] = d!; to[4] = e!; to[5] = f!; to[6] = g!; to[7] = h!;
}
