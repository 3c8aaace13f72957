/** What `thalweg export --js` writes: a module that predicts with the model that it carries. */
import type { Prediction } from "../predictions.js";
import type { Row } from "../rows.js";
import { loadCarried } from "./load.js";

const model = await loadCarried();

/** Predicts rows: objects by column name, or arrays in the order of the columns. */
export const predict = (rows: readonly Row[]): Prediction[] => model.predict(rows);

export const { target, task, classes, fields } = model;
