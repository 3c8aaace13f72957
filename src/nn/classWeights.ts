import { checkNumber, checkWhole, rangeError, typeError } from "../check.js";

/**
 * Weights that give every class the same share of the loss: n / (k · n_c) for n rows, of which n_c are of class c, and k
 * classes that have rows. They are those that scikit-learn calls "balanced". A class without rows has weight 0.
 *
 * @param labels a class number per row: those of the training data
 * @param classes the number of classes
 * @returns a weight per class, for `softmaxCrossEntropy.with({ classWeights })`
 * @throws TypeError or RangeError for no labels, and for one that is not a class, with its row
 * @example
 * const classWeights = balancedWeights(Int32Array.of(0, 0, 0, 1), 2); // [2/3, 2]
 * const loss = softmaxCrossEntropy.with({ classWeights });
 */
export function balancedWeights(labels: ArrayLike<number>, classes: number): number[] {
  if (typeof labels?.length !== "number") throw typeError("labels", "an array of class numbers", labels);
  checkWhole("classes", classes);
  const rows = labels.length;
  if (rows === 0) throw rangeError("labels", "at least one class number", labels);
  const counts = new Array<number>(classes).fill(0);
  const isClass = (label: number) => Number.isInteger(label) && label >= 0 && label < classes;
  for (let r = 0; r < rows; r++) {
    checkNumber(`labels[${r}]`, labels[r], `a class from 0 to ${classes - 1}`, isClass);
    counts[labels[r]]++;
  }
  const present = counts.filter((count) => count > 0).length;
  return counts.map((count) => (count === 0 ? 0 : rows / (present * count)));
}
