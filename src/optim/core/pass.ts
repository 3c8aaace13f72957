import type { Pass } from "./rule.js";

/** The most scalars that a kernel takes, gradScale included. */
export const MAX_SCALARS = 17;
export const ALL_SLOTS = 1000;

/** A pass as the optimizer holds it, filled anew at every step. */
export class FilledPass implements Pass {
  kernel = "";
  slots = ALL_SLOTS;
  /** gradScale first; rounded to f32 as they are set. */
  readonly values = new Float32Array(MAX_SCALARS);

  // Without defaults for what is not given, which leaves NaN where no kernel reads: their 190 bytes of bytecode kept V8
  // from inlining this into a step, which then boxed every scalar (112 bytes a step of adamw, measured on Node 24).
  // biome-ignore format: as in the interface
  scalars(a?: number, b?: number, c?: number, d?: number, e?: number, f?: number, g?: number, h?: number, i?: number, j?: number, k?: number, l?: number, m?: number, n?: number, o?: number, p?: number): void {
    const v = this.values;
    v[1] = a!; v[2] = b!; v[3] = c!; v[4] = d!; v[5] = e!; v[6] = f!; v[7] = g!; v[8] = h!;
    v[9] = i!; v[10] = j!; v[11] = k!; v[12] = l!; v[13] = m!; v[14] = n!; v[15] = o!; v[16] = p!;
  }
}
