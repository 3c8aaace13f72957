/**
 * Deterministic f64 functions, made of + - * / alone. `Math.log`, `Math.pow` and others differ between JavaScript engines
 * in their last bits; whatever reaches a parameter must not.
 */

const LN2 = Math.LN2;
const LN2_HIGH = 0.6931471803691238; // 32 bits: n * LN2_HIGH is exact
const LN2_LOW = 1.9082149292705877e-10;
const parts = new DataView(new ArrayBuffer(8));

/** ln x for positive normal x, within 3 ulp: ln m + n ln 2, with ln m = 2 artanh((m - 1) / (m + 1)) as its series. */
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

/** e^x for finite x, within 2 ulp: e^r 2^n with |r| ≤ ln 2 / 2 and e^r as its series. */
export function exp(x: number): number {
  if (x > 709.78) return Number.POSITIVE_INFINITY;
  if (x < -745.13) return 0;
  const n = Math.round(x / LN2);
  const r = x - n * LN2_HIGH - n * LN2_LOW;
  let series = 1;
  for (let k = 14; k >= 1; k--) series = 1 + (series * r) / k; // |r| < 0.347: the next term is below 1e-19
  // 2^n in two factors, so that neither leaves the range of normal numbers.
  const half = n >> 1;
  return series * 2 ** half * 2 ** (n - half);
}

/** x^y for positive normal x: e^(y ln x), within about |y ln x| ulp; whole y up to 64 by multiplication, within |y| ulp. */
export function pow(x: number, y: number): number {
  if (!Number.isInteger(y) || Math.abs(y) > 64) return exp(y * log(x));
  let power = 1;
  for (let i = 0; i < Math.abs(y); i++) power *= x;
  return y < 0 ? 1 / power : power;
}

/**
 * sin πx for finite x, within 2 ulp. An argument in half turns is reduced without rounding, so that zeros and ones are
 * exact. A cosine is sin π(x + ½).
 */
export function sinPi(x: number): number {
  const n = Math.round(2 * x);
  const r = (x - n / 2) * Math.PI; // |r| ≤ π/4; the subtraction is exact
  const z = r * r;
  const odd = n % 2 !== 0;
  // The series of sin r / r, or of cos r. The next term is below 1e-20.
  let series = 1;
  for (let k = odd ? 17 : 18; k >= 1; k -= 2) series = 1 - (series * z) / (k * (k + 1));
  const sine = odd ? series : r * series;
  return ((n % 4) + 4) % 4 >= 2 ? -sine : sine;
}
