/** Measures beside loss and accuracy, against the figures of scikit-learn 1.9.1 for the same rows. */
import { describe, expect, it } from "vitest";
import {
  type ClassificationMeasures,
  classificationMeasures,
  dense,
  evaluate,
  regressionMeasures,
  sequential,
  softmaxCrossEntropy,
} from "../../src/index.js";
import { backends } from "../support/backends.js";

/** As accuracy_score and precision_recall_fscore_support(…, zero_division=0) give them. */
const CLASSIFICATIONS = [
  {
    truth: [0, 1, 2, 0, 1, 2, 3, 3, 3, 1],
    predicted: [0, 2, 1, 0, 0, 1, 3, 3, 0, 1],
    accuracy: 0.5,
    precision: [0.5, 0.3333333333333333, 0, 1],
    recall: [1, 0.3333333333333333, 0, 0.6666666666666666],
    f1: [0.6666666666666666, 0.3333333333333333, 0, 0.8],
    support: [2, 3, 2, 3],
    macro: [0.4583333333333333, 0.5, 0.45],
  },
  {
    // Class 2 is never predicted, class 3 has no rows, class 4 neither: the macro averages are of four classes.
    truth: [0, 0, 1, 1, 1, 2],
    predicted: [0, 1, 1, 1, 3, 1],
    accuracy: 0.5,
    precision: [1, 0.5, 0, 0, 0],
    recall: [0.5, 0.6666666666666666, 0, 0, 0],
    f1: [0.6666666666666666, 0.5714285714285714, 0, 0, 0],
    support: [2, 3, 1, 0, 0],
    macro: [0.375, 0.29166666666666663, 0.30952380952380953],
  },
  {
    truth: [0, 0, 0],
    predicted: [0, 0, 0],
    accuracy: 1,
    precision: [1, 0],
    recall: [1, 0],
    f1: [1, 0],
    support: [3, 0],
    macro: [1, 1, 1],
  },
];

describe("classificationMeasures", () => {
  it.each(CLASSIFICATIONS)("of classes $truth predicted as $predicted", ({ truth, predicted, macro, ...want }) => {
    const n = want.support.length;
    const confusion = Array.from({ length: n }, () => new Array<number>(n).fill(0));
    for (const [i, c] of truth.entries()) confusion[c][predicted[i]]++;
    const found = classificationMeasures({ confusion });
    expect(found.accuracy).toBe(want.accuracy);
    for (const name of ["precision", "recall", "f1", "support"] as const)
      found.classes.forEach((one, c) => void expect(one[name], `${name} of ${c}`).toBeCloseTo(want[name][c], 14));
    const { precision, recall, f1 } = found.macro;
    [precision, recall, f1].forEach((value, i) => void expect(value).toBeCloseTo(macro[i], 14));
    expect(found.logLoss).toBeUndefined();
  });

  it.each<[string, unknown, RegExp]>([
    ["nothing", undefined, /^evaluation: expected an object \{ confusion \}, got undefined$/],
    ["a regression", { loss: 1 }, /^confusion: expected a matrix, .* got undefined$/],
    ["an oblong", { confusion: [[1, 2]] }, /^confusion\[0\]: expected 1 numbers, one per class, got \[1, 2\]$/],
    ["halves", { confusion: [[0.5]] }, /^confusion\[0\]\[0\]: expected a number of rows, got 0\.5$/],
    ["no rows", { confusion: [[0]] }, /^confusion: expected a matrix that counts at least one row/],
    ["no classes", { confusion: [] }, /^confusion: expected a matrix that counts at least one row/],
  ])("refuses %s", (_, evaluation, message) => {
    expect(() => classificationMeasures(evaluation as never)).toThrow(message);
  });

  it.each(backends)("takes what evaluate() gives, whose cross-entropy is log_loss, on $name", async ({ create }) => {
    using engine = await create();
    using model = sequential(engine, [dense(3, 3, { bias: false })]);
    model.parameters()[0].copyFrom([1, 0, 0, 0, 1, 0, 0, 0, 1]);
    const logits = [
      [2, -1, 0.5],
      [0, 0, 0],
      [-3, 4, 1],
      [1.5, 1.25, -2],
    ];
    const evaluation = evaluate(model, { x: logits, y: Int32Array.of(0, 2, 1, 1) }, { loss: softmaxCrossEntropy });
    const { logLoss, accuracy, macro }: ClassificationMeasures = classificationMeasures(evaluation);
    expect(logLoss).toBeCloseTo(0.5580380969716734, 6);
    expect(accuracy).toBe(0.5);
    expect(macro.precision).toBeCloseTo(0.4444444444444444, 14);
    expect(macro.recall).toBeCloseTo(0.5, 14);
    expect(macro.f1).toBeCloseTo(0.38888888888888884, 14);
  });
});

describe("regressionMeasures", () => {
  // mean_absolute_error, root_mean_squared_error and r2_score.
  it.each<[number[], number[], number[]]>([
    [
      [2.5, 0, 2, 8],
      [3, -0.5, 2, 7],
      [0.5, 0.6123724356957945, 0.9486081370449679],
    ],
    [
      [1, 1, 1, 9],
      [10, 20, 30, 25],
      [18.25, 19.615045245933032, -6.035428571428572],
    ],
    [
      [5, 5, 5],
      [5, 5, 5],
      [0, 0, 1],
    ],
    [
      [5, 5, 6],
      [5, 5, 5],
      [0.3333333333333333, 0.5773502691896257, 0],
    ],
    [
      [0.1, 0.1, 0.1],
      [0.1, 0.1, 0.1],
      [0, 0, 1],
    ], // whose mean is not 0.1
    [[3], [4], [1, 1, Number.NaN]],
  ])("of %j for %j", (predicted, actual, [mae, rmse, r2]) => {
    const found = regressionMeasures(predicted, Float64Array.from(actual));
    expect(found.mae).toBeCloseTo(mae, 13);
    expect(found.rmse).toBeCloseTo(rmse, 13);
    if (Number.isNaN(r2)) expect(found.r2).toBeNaN();
    else expect(found.r2).toBeCloseTo(r2, 13);
  });

  it.each<[string, unknown[], RegExp]>([
    ["no predictions", [[], []], /^predicted: expected at least one number, got \[\]$/],
    ["one too few", [[1], [1, 2]], /^predicted: expected 2 numbers, as actual, got \[1\]$/],
    ["text", [["1"], [1]], /^predicted\[0\]: expected a number, got "1"$/],
    [
      "NaN",
      [
        [1, 2],
        [1, Number.NaN],
      ],
      /^actual\[1\]: expected a finite number, got NaN$/,
    ],
    ["nothing", [[1]], /^actual: expected an array of numbers, got undefined$/],
  ])("refuses %s", (_, given, message) => {
    expect(() => regressionMeasures(given[0] as never, given[1] as never)).toThrow(message);
  });
});
