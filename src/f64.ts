/**
 * Deterministic f64 functions from + - * / alone. `Math.log`, `Math.pow` and their like differ between engines in
 * their last bits, and nothing that reaches a parameter may.
 */

const LN2 = Math.LN2;
const parts = new DataView(new ArrayBuffer(8));

/** ln x for positive normal x, within 2 ulp: ln m + n ln 2, with ln m = 2 artanh((m - 1) / (m + 1)) as its series. */
export function log(x: number): number {
  parts.setFloat64(0, x);
  const high = parts.getInt32(0);
  let n = (high >> 20) - 1023;
  parts.setInt32(0, (high & 0xfffff) | 0x3ff00000);
  let m = parts.getFloat64(0);
  if (m > Math.SQRT2) {
    m /= 2;
    n++;
  }
  const s = (m - 1) / (m + 1);
  const z = s * s;
  let series = 0;
  for (let k = 23; k >= 1; k -= 2) series = series * z + 1 / k; // |s| < 0.172: the next term is below 1e-19
  return 2 * s * series + n * LN2;
}
