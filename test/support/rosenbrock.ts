/** Rosenbrock's function of n variables, Σ 100 (xᵢ₊₁ − xᵢ²)² + (1 − xᵢ)², and where to start on it. */
export function rosenbrock(x: ArrayLike<number>, gradient: Float64Array): number {
  let value = 0;
  gradient.fill(0);
  for (let i = 0; i + 1 < x.length; i++) {
    const off = x[i + 1] - x[i] * x[i];
    const left = 1 - x[i];
    value += 100 * off * off + left * left;
    gradient[i] += -400 * x[i] * off - 2 * left;
    gradient[i + 1] += 200 * off;
  }
  return value;
}

/** Four starts: the customary one, 0, 2 and -1 everywhere. */
export const starts = (n: number): number[][] => [
  Array.from({ length: n }, (_, i) => (i % 2 ? 1 : -1.2)),
  ...[0, 2, -1].map((value) => new Array<number>(n).fill(value)),
];
