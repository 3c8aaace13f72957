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

  // biome-ignore format: as in the interface
  scalars(a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0, i = 0, j = 0, k = 0, l = 0, m = 0, n = 0, o = 0, p = 0): void {
    const v = this.values;
    v[1] = a; v[2] = b; v[3] = c; v[4] = d; v[5] = e; v[6] = f; v[7] = g; v[8] = h;
    v[9] = i; v[10] = j; v[11] = k; v[12] = l; v[13] = m; v[14] = n; v[15] = o; v[16] = p;
  }
}
