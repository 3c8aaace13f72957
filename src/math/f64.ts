/**
 * Deterministic f64 functions, made of + - * / alone. `Math.log`, `Math.pow` and others differ between JavaScript engines
 * in their last bits; whatever reaches a parameter must not.
 */

// Local, as in f32.ts.
const { abs, LN2, PI, round, SQRT2 } = Math;

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
  if (m > SQRT2) {
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
  const n = round(x / LN2);
  const r = x - n * LN2_HIGH - n * LN2_LOW;
  let series = 1;
  for (let k = 14; k >= 1; k--) series = 1 + (series * r) / k; // |r| < 0.347: the next term is below 1e-19
  // 2^n in two factors, so that neither leaves the range of normal numbers.
  const half = n >> 1;
  return series * 2 ** half * 2 ** (n - half);
}

/** x^y for positive normal x: e^(y ln x), within about |y ln x| ulp; whole y up to 64 by multiplication, within |y| ulp. */
export function pow(x: number, y: number): number {
  if (!Number.isInteger(y) || abs(y) > 64) return exp(y * log(x));
  let power = 1;
  for (let i = 0; i < abs(y); i++) power *= x;
  return y < 0 ? 1 / power : power;
}

/**
 * sin πx for finite x, within 2 ulp. An argument in half turns is reduced without rounding, so that zeros and ones are
 * exact.
 */
export function sinPi(x: number): number {
  const n = round(2 * x);
  return sine((x - n / 2) * PI, n); // |r| ≤ π/4; the subtraction is exact
}

/** cos πx for finite x, within 2 ulp, as {@link sinPi}. */
export function cosPi(x: number): number {
  const n = round(2 * x);
  return sine((x - n / 2) * PI, n + 1);
}

/** sin x for finite x, within 2 ulp. */
export function sin(x: number): number {
  return sine(reduced(x), quarters);
}

/** cos x for finite x, within 2 ulp. */
export function cos(x: number): number {
  return sine(reduced(x), quarters + 1);
}

/** sin(r + n π/2) for |r| ≤ π/4 and a whole n. */
function sine(r: number, n: number): number {
  const z = r * r;
  const odd = n % 2 !== 0;
  // The series of sin r / r, or of cos r. The next term is below 1e-20.
  let series = 1;
  for (let k = odd ? 17 : 18; k >= 1; k -= 2) series = 1 - (series * z) / (k * (k + 1));
  const value = odd ? series : r * series;
  return ((n % 4) + 4) % 4 >= 2 ? -value : value;
}

// π/2 in three parts of 33 bits and the rest: n times a part is exact for whole n up to 2^20 (Cody and Waite; the parts are
// those of fdlibm's e_rem_pio2.c).
const QUARTER_1 = 1.5707963267341256;
const QUARTER_2 = 6.077100506303966e-11;
const QUARTER_3 = 2.0222662487111665e-21;
const QUARTER_REST = 8.4784276603689e-32;
/** 2/π in units of 2^-1200: the largest double, 2^1024, leaves 176 bits of the fraction. */
const TWO_OVER_PI = /* @__PURE__ */ BigInt(
  "0xa2f9836e4e441529fc2757d1f534ddc0db6295993c439041fe5163abdebbc561b7246e3a424dd2e006492eea09d1921cfe1deb1cb129a73e" +
    "e88235f52ebb4484e99c7026b45f7e413991d639835339f49c845f8bbdf9283b1ff897ffde05980fef2f118b5a0a6d1f6d367ecf27cb09b7" +
    "4f463f669e5fea2d7527bac7ebe5f17b3d0739f78a5292ea6bfb5fb11f8d5d0856033046fc7b",
);
/** Of the last {@link reduced}: how many quarter turns it took away. */
let quarters = 0;

/** x less the nearest whole number of quarter turns, which goes to {@link quarters}, within 1 ulp. */
function reduced(x: number): number {
  const n = round(x / (PI / 2));
  if (abs(n) > 2 ** 20) return reducedExactly(x);
  quarters = n;
  if (n === 0) return x; // -0 too
  const first = x - n * QUARTER_1; // exact, as the products are
  const second = n * QUARTER_2;
  const left = first - second;
  return left - (n * QUARTER_3 - (first - left - second) + n * QUARTER_REST);
}

/** {@link reduced} for any size (Payne and Hanek, 1983), in whole numbers of 1,200 bits behind the point. */
function reducedExactly(x: number): number {
  if (!Number.isFinite(x)) return Number.NaN;
  let m = x;
  let e = 0;
  for (; !Number.isInteger(m); e--) m *= 2;
  for (; abs(m) >= 2 ** 53; e++) m /= 2;
  const one = 1n << 1200n;
  const turn = BigInt(m) * TWO_OVER_PI;
  const all = e >= 0 ? turn << BigInt(e) : turn >> BigInt(-e);
  const n = (all + one / 2n) >> 1200n;
  quarters = Number(n & 3n);
  return (Number((all - n * one) >> 1050n) / 2 ** 150) * (PI / 2);
}
