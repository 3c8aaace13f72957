/**
 * Weights that give every class the same share of the loss: n / (k·n_c) for n rows, k classes and n_c rows of class c, as
 * scikit-learn's "balanced"; 0 for a class without rows.
 */
export function balancedWeights(labels: ArrayLike<number>, classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (let r = 0; r < labels.length; r++) counts[labels[r]]++;
  return counts.map((count) => (count === 0 ? 0 : labels.length / (classes * count)));
}
