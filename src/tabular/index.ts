/** The public names of `thalweg/data`: from a table to a network that predicts its rows. */
export { checkSchema } from "../data/checkSchema.js";
export { type Examples, examplesOf } from "../data/encode.js";
export { inputNames } from "../data/inputNames.js";
export { tableOf } from "../data/jsonTable.js";
export { parseTable, type TableOptions } from "../data/parseTable.js";
export { type Prepared, type PrepareOptions, prepare } from "../data/prepare.js";
export type { Schema } from "../data/schema.js";
export type { Table } from "../data/table.js";
export type { Field } from "./fields.js";
export { type LoadModelOptions, loadModel } from "./loadModel.js";
export type { ClassPrediction, Prediction, ValuePrediction } from "./predictions.js";
export type { Row } from "./rows.js";
export type { Score } from "./score.js";
export type { Settings } from "./settings.js";
export { type Measured, TableModel } from "./tableModel.js";
export { type TrainedTable, type TrainTableOptions, trainTable } from "./trainTable.js";
export type { TuneMeasure, TuneRung } from "./tune/halving.js";
export { planTuning, type TunePlan, type TunePlanOptions } from "./tune/plan.js";
export type { TuneRunner } from "./tune/runner.js";
export type { TuneCut, TuneRow } from "./tune/search.js";
export type { TuneChange, TuneStage, TuneStageName } from "./tune/stages.js";
export {
  type FailedTrial,
  runTrial,
  type Trial,
  type TrialOptions,
  type TrialResult,
  type TuneData,
  tuningData,
} from "./tune/trial.js";
export { type TuneOptions, type TuneProgress, type TuneResults, tune } from "./tune/tune.js";
