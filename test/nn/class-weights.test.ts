/** Weights of classes, against scikit-learn's compute_class_weight("balanced"). */
import { expect, test } from "vitest";
import { balancedWeights, createEngine, softmaxCrossEntropy } from "../../src/index.js";

test("balanced weights are scikit-learn's", () => {
  // compute_class_weight("balanced", classes=[0, 1, 2], y=…) of scikit-learn 1.9.1
  const weights = balancedWeights([0, 0, 0, 1, 2, 2, 0, 0, 0, 1], 3);
  const want = [0.5555555555555556, 1.6666666666666667, 1.6666666666666667];
  weights.forEach((weight, c) => void expect(weight).toBeCloseTo(want[c], 15));
  // A class without rows has no part: the others weigh as without it.
  expect(balancedWeights(Int32Array.of(3, 3, 0, 3), 5)).toEqual([2, 0, 0, 2 / 3, 0]);
});

test("a loss with them is the mean of the classes' mean losses", async () => {
  using engine = await createEngine({ backend: "js" });
  const labels = Int32Array.of(0, 0, 0, 0, 1, 2, 2);
  const logits = labels.length * 3;
  const values = Float32Array.from({ length: logits }, (_, i) => ((i * 5) % 7) / 3 - 1);
  using x = engine.tensor([labels.length, 3], values);
  const lossOf = (r: number) => {
    using row = engine.tensor([1, 3], values.subarray(3 * r, 3 * r + 3));
    return softmaxCrossEntropy(row, labels.subarray(r, r + 1)).value;
  };
  const means = [0, 1, 2].map((c) => {
    const rows = [...labels.keys()].filter((r) => labels[r] === c);
    return rows.reduce((sum, r) => sum + lossOf(r), 0) / rows.length;
  });
  const loss = softmaxCrossEntropy.with({ classWeights: balancedWeights(labels, 3) });
  expect(loss(x, labels).value).toBeCloseTo((means[0] + means[1] + means[2]) / 3, 6);
});

test.each<[string, unknown[], RegExp]>([
  ["no labels", [[], 2], /^labels: expected at least one class number, got \[\]$/],
  ["a class too many", [[0, 2], 2], /^labels\[1\]: expected a class from 0 to 1, got 2$/],
  ["half a class", [[0.5], 2], /^labels\[0\]: expected a class from 0 to 1, got 0\.5$/],
  ["names of classes", [["a"], 2], /^labels\[0\]: expected a class from 0 to 1, got "a"$/],
  ["no number of classes", [[0]], /^classes: expected a whole number ≥ 1, got undefined$/],
  ["a number of rows", [4, 2], /^labels: expected an array of class numbers, got 4$/],
])("%s are refused", (_, given, message) => {
  expect(() => balancedWeights(given[0] as never, given[1] as never)).toThrow(message);
});
