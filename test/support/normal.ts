/**
 * The normal distribution function in f64: its Taylor series up to 3, beyond it the continued fraction of Laplace. Neither
 * shares anything with the library's polynomials.
 */
export function normalCdf(x: number): number {
  const density = Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  const a = Math.abs(x);
  if (a < 3) {
    let term = x;
    let series = x;
    for (let k = 1; k < 60; k++) {
      term *= (x * x) / (2 * k + 1);
      series += term;
    }
    return 0.5 + density * series;
  }
  let fraction = a;
  for (let k = 120; k > 0; k--) fraction = a + k / fraction;
  return x < 0 ? density / fraction : 1 - density / fraction;
}
