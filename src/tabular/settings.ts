import type { SchemaOptions } from "../data/plan.js";
import type { Task } from "../data/target.js";
import type { RunShape } from "../schedule/run.js";

/** How a network is trained on a table, as plain data: a file that has it can resume its run. */
export interface Settings {
  /** Name or zero-based index of the target column. */
  target: string;
  /** Default: detected from the target column. */
  task?: Task;
  /** Columns to leave out, by name or zero-based index, as in the next three. */
  ignore?: string[];
  /** Columns to use; all others are left out. */
  features?: string[];
  /** Columns to read as numbers; cells that are none count as missing. */
  numeric?: string[];
  /** Columns to read as categories, one input for each value. */
  categorical?: string[];
  /** The parts of dates that become inputs, or the order of day and month. Default: those that differ from row to row. */
  dates?: NonNullable<SchemaOptions["dates"]>[number][];
  /** Missing cells get the median or the most frequent value, or their rows are left out. Default "impute". */
  missing?: "impute" | "drop";
  /** A further input for each column with missing cells: 1 where one is missing. */
  indicator?: boolean;
  /** Widths of the hidden layers. */
  hidden: number[];
  activation: string;
  /** Probability of dropping a hidden unit in training. */
  dropout?: number;
  optimizer: string;
  /** Peak learning rate. Default: the optimizer's own. */
  lr?: number;
  weightDecay?: number;
  momentum?: number;
  /** Shape of the learning rate over the run. Default: constant. */
  schedule?: RunShape;
  /** Steps, or a fraction of the run as text: "5%". */
  warmup?: number | string;
  /** Clip gradients to this global norm. */
  clip?: number;
  labelSmoothing?: number;
  /** "balanced": the loss of a row counts n / (k·n_c), for n rows, k classes and n_c rows of its class. */
  classWeights?: "balanced";
  /** Decay of an exponential moving average of the weights. */
  ema?: number;
  /** Fraction of the rows to hold out. */
  validation?: number;
  /** End after so many epochs without a better loss, and keep the best. */
  earlyStop?: number;
  /** Epochs from one checkpoint to the next. Default: so many that saving takes a tenth of the time at most. */
  saveEvery?: number;
  /** Default: so many that small tables get some thousands of steps. */
  epochs: number;
  /** Rows per step. */
  batch: number;
  /** Seed of weights, dropout, shuffling and the held-out rows. */
  seed: number;
  simd: "auto" | "relaxed" | "strict";
}
