import { checkNumber, rangeError, typeError } from "../check.js";
import type { Evaluation } from "./evaluate.js";

/** How well one class is told from the others. */
export interface ClassMeasures {
  /** Of the rows predicted as this class, the fraction that are. */
  precision: number;
  /** Of the rows of this class, the fraction predicted as such. */
  recall: number;
  /** The harmonic mean of the two. */
  f1: number;
  /** The number of rows of this class. */
  support: number;
}

/** The result of {@link classificationMeasures}. */
export interface ClassificationMeasures {
  /** Fraction of rows predicted right. */
  accuracy: number;
  /** By class number. */
  classes: ClassMeasures[];
  /** Means over the classes that occur, each with the same weight. */
  macro: { precision: number; recall: number; f1: number };
  /** The mean of −ln of the probability given to the true class; undefined if no loss was given. */
  logLoss: number | undefined;
}

/** The result of {@link regressionMeasures}. */
export interface RegressionMeasures {
  /** Mean absolute error, in units of the target. */
  mae: number;
  /** Root of the mean squared error, in units of the target. */
  rmse: number;
  /** 1 − Σ(predicted − actual)² / Σ(actual − mean)²: 1 is perfect, 0 as good as the mean of the actual values. */
  r2: number;
}

/**
 * The measures of a classification, from what {@link evaluate} gives, by scikit-learn's definitions: for class c of the
 * confusion matrix C, precision is C[c][c] / Σ C[·][c], recall C[c][c] / Σ C[c][·], and F1
 * 2 C[c][c] / (Σ C[·][c] + Σ C[c][·]). Each is 0 where its divisor is 0: for a class that is never predicted, or has no
 * rows. The macro averages leave out classes that have no rows and are never predicted.
 *
 * @param evaluation.confusion confusion[c][p]: the number of rows of class c predicted as p
 * @param evaluation.loss the loss by `softmaxCrossEntropy` without options, which is the log loss
 * @throws RangeError or TypeError for a matrix that is not square, or not of counts, or without rows
 * @example
 * const { macro, classes } = classificationMeasures(evaluate(model, data, { loss: softmaxCrossEntropy }));
 * console.log(`F1 ${macro.f1}, of class 0 ${classes[0].f1}`);
 */
export function classificationMeasures(
  evaluation: Pick<Evaluation, "confusion"> & { loss?: number },
): ClassificationMeasures {
  if (typeof evaluation !== "object" || evaluation === null)
    throw typeError("evaluation", "an object { confusion }", evaluation);
  const { confusion, loss } = evaluation;
  const matrix = checkedMatrix(confusion);
  const support = matrix.map((row) => total(row));
  const predicted = matrix.map((_, p) => total(matrix.map((row) => row[p])));
  const rows = total(support);
  if (rows === 0) throw rangeError("confusion", "a matrix that counts at least one row", confusion);
  const right = matrix.map((row, c) => row[c]);
  const classes = right.map((both, c) => ({
    precision: ratio(both, predicted[c]),
    recall: ratio(both, support[c]),
    f1: ratio(2 * both, predicted[c] + support[c]),
    support: support[c],
  }));
  const occurring = classes.filter((_, c) => support[c] + predicted[c] > 0);
  const mean = (of: "precision" | "recall" | "f1") => total(occurring.map((one) => one[of])) / occurring.length;
  return {
    accuracy: total(right) / rows,
    classes,
    macro: { precision: mean("precision"), recall: mean("recall"), f1: mean("f1") },
    logLoss: loss,
  };
}

function checkedMatrix(matrix: unknown): readonly (readonly number[])[] {
  if (!Array.isArray(matrix))
    throw typeError("confusion", "a matrix, which evaluate() counts of class targets", matrix);
  matrix.forEach((row: unknown, c) => {
    if (!Array.isArray(row) || row.length !== matrix.length)
      throw rangeError(`confusion[${c}]`, `${matrix.length} numbers, one per class`, row);
    row.forEach((count, p) => {
      checkNumber(`confusion[${c}][${p}]`, count, "a number of rows", (x) => Number.isSafeInteger(x) && x >= 0);
    });
  });
  return matrix;
}

/**
 * The measures of a regression, by scikit-learn's definitions: over n values, MAE = Σ|predicted − actual| / n,
 * RMSE = √(Σ(predicted − actual)² / n), and R² = 1 − Σ(predicted − actual)² / Σ(actual − mean)².
 *
 * Where all actual values are the same, R² is 1 if they were predicted exactly, else 0. Of one value it is NaN.
 *
 * @param predicted what a model gave for each row, in the target's own units
 * @param actual the true values
 * @throws RangeError or TypeError for no values, different numbers of them, or one that is not finite
 * @example
 * const { mae, rmse, r2 } = regressionMeasures(predict(model, x), actual);
 */
export function regressionMeasures(predicted: ArrayLike<number>, actual: ArrayLike<number>): RegressionMeasures {
  checkValues("predicted", predicted);
  checkValues("actual", actual);
  const n = actual.length;
  if (predicted.length !== n) throw rangeError("predicted", `${n} numbers, as actual`, predicted);
  let sum = 0;
  for (let i = 0; i < n; i++) sum += actual[i];
  const mean = sum / n;
  let absolute = 0;
  let squared = 0;
  let around = 0;
  let same = true;
  for (let i = 0; i < n; i++) {
    const error = predicted[i] - actual[i];
    absolute += Math.abs(error);
    squared += error * error;
    around += (actual[i] - mean) * (actual[i] - mean);
    if (actual[i] !== actual[0]) same = false;
  }
  // Compared as they are: the mean of equal values may differ from them in its last bits.
  const r2 = n === 1 ? Number.NaN : same || around === 0 ? Number(squared === 0) : 1 - squared / around;
  return { mae: absolute / n, rmse: Math.sqrt(squared / n), r2 };
}

function checkValues(name: string, values: ArrayLike<number>): void {
  if (typeof values?.length !== "number" || typeof values === "string")
    throw typeError(name, "an array of numbers", values);
  if (values.length === 0) throw rangeError(name, "at least one number", values);
  for (let i = 0; i < values.length; i++) {
    if (typeof values[i] !== "number") throw typeError(`${name}[${i}]`, "a number", values[i]);
    if (!Number.isFinite(values[i])) throw rangeError(`${name}[${i}]`, "a finite number", values[i]);
  }
}

const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
