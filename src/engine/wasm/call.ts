/**
 * Calls a kernel with the first `count` numbers of `args`. A spread call would allocate an array and box every
 * scalar on every step; calls with written-out arguments let the JavaScript compiler pass them in registers.
 */
export type Kernel = (...args: number[]) => void;

/** The most arguments of a kernel. */
export const MAX_ARGUMENTS = 32;

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
