import { ownUnits, type Schema } from "../data/schema.js";
import { exp } from "../math/f64.js";

/** The prediction for a row by a model of classes. */
export interface ClassPrediction {
  /** The most probable class, as the training table spells it: "1" for a class 1. */
  label: string;
  /** The probability of each class by name; they add up to 1. */
  probabilities: Record<string, number>;
}

/** The prediction for a row by a regression. */
export interface ValuePrediction {
  /** In the units of the target column. */
  value: number;
}

export type Prediction = ClassPrediction | ValuePrediction;

/** The predictions in the outputs of a model, [rows, outputs]. */
export function predictionsOf(schema: Schema, outputs: Float32Array): Prediction[] {
  const classes = schema.target.classes;
  if (classes === null) return Array.from(ownUnits(schema, outputs), (value) => ({ value }));
  const width = classes.length;
  return Array.from({ length: outputs.length / width }, (_, r) => {
    const { best, probabilities } = softmax(outputs.subarray(r * width, (r + 1) * width));
    // fromEntries defines own properties, so that a class may be called "__proto__".
    return {
      label: classes[best],
      probabilities: Object.fromEntries(classes.map((name, c) => [name, probabilities[c]])),
    };
  });
}

/** In f64 and with our own exponential, which has the same bits on every host. */
function softmax(logits: Float32Array): { best: number; probabilities: number[] } {
  let best = 0;
  for (let c = 1; c < logits.length; c++) if (logits[c] > logits[best]) best = c;
  const powers = Array.from(logits, (logit) => exp(logit - logits[best]));
  let sum = 0;
  for (const power of powers) sum += power;
  return { best, probabilities: powers.map((power) => power / sum) };
}
