import type { Examples } from "../data/encode.js";
import { ownUnits, type Schema, unitOf } from "../data/schema.js";
import type { Evaluation } from "../train/evaluate.js";
import {
  type ClassificationMeasures,
  classificationMeasures,
  type RegressionMeasures,
  regressionMeasures,
} from "../train/measures.js";

/** How good the predictions for some rows are. */
export interface Score {
  /** The mean loss; that of a regression is in the target's units, squared. */
  loss: number;
  /** For classes: the fraction of rows predicted right. */
  accuracy: number | null;
  /** For classes: precision, recall and F1 of each, and the log loss. */
  classification?: ClassificationMeasures;
  /** For classes: confusion[c][p] rows of class c are predicted as p. */
  confusion?: number[][];
  /** For a regression: mean absolute error, root mean squared error and R², in the target's units. */
  regression?: RegressionMeasures;
}

/**
 * The score of a model.
 *
 * @param evaluation by the loss without options
 * @param outputs the model's outputs, which a regression is measured from
 * @param y the targets, as the model was trained on them
 */
export function scoreOf(
  schema: Schema,
  { loss, accuracy, confusion }: Evaluation,
  outputs: () => Float32Array,
  y: Examples["y"],
): Score {
  if (confusion !== undefined)
    return { loss, accuracy: accuracy!, classification: classificationMeasures({ confusion, loss }), confusion };
  const actual = ownUnits(schema, y);
  return {
    loss: loss * unitOf(schema) ** 2,
    accuracy: null,
    regression: regressionMeasures(ownUnits(schema, outputs()), actual),
  };
}
