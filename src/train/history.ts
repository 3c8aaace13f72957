/**
 * The history of a run in its checkpoints: a column of numbers for each figure of its epochs. As objects in JSON a run of
 * 8,000 epochs of a small model spent minutes on its saves, and wrote 3 GB.
 */
import { rangeError, typeError } from "../check.js";
import { isFloat64, isInt32 } from "../host/realm.js";
import type { Evaluation } from "./evaluate.js";
import type { EpochReport } from "./options.js";

/** Consecutive epochs with the same figures: all of a run, unless it was resumed with other measurements. */
interface Stretch {
  steps: Float64Array;
  loss: Float64Array;
  seconds: Float64Array;
  validation?: {
    loss: Float64Array;
    accuracy?: Float64Array;
    /** The confusion matrices [epochs, classes, classes]. */
    confusion?: Int32Array;
    classes?: number;
  };
}

/** A history as plain data. */
export type SavedHistory = Stretch[];

/** Whether two reports have the same figures. */
function alike({ validation: a }: EpochReport, { validation: b }: EpochReport): boolean {
  if (a === undefined || b === undefined) return a === b;
  return (a.accuracy === undefined) === (b.accuracy === undefined) && a.confusion?.length === b.confusion?.length;
}

/** Converts reports, of which number i is on epoch i, to columns. */
export function packHistory(reports: readonly EpochReport[]): SavedHistory {
  const stretches: SavedHistory = [];
  for (let from = 0, to = 0; from < reports.length; from = to) {
    while (to < reports.length && alike(reports[from], reports[to])) to++;
    stretches.push(packed(from === 0 && to === reports.length ? reports : reports.slice(from, to)));
  }
  return stretches;
}

function packed(reports: readonly EpochReport[]): Stretch {
  const count = reports.length;
  const column = () => new Float64Array(count);
  const stretch = { steps: column(), loss: column(), seconds: column() };
  // One loop without closures: every save goes through the whole history.
  for (let i = 0; i < count; i++) {
    const { steps, loss, seconds } = reports[i];
    stretch.steps[i] = steps;
    stretch.loss[i] = loss;
    stretch.seconds[i] = seconds;
  }
  const { validation: first } = reports[0];
  if (first === undefined) return stretch;
  const classes = first.confusion?.length;
  const validation: Stretch["validation"] = {
    loss: column(),
    ...(first.accuracy !== undefined && { accuracy: column() }),
    ...(classes !== undefined && { classes, confusion: new Int32Array(count * classes * classes) }),
  };
  let at = 0;
  for (let i = 0; i < count; i++) {
    const { loss, accuracy, confusion = [] } = reports[i].validation!;
    validation.loss[i] = loss;
    if (validation.accuracy) validation.accuracy[i] = accuracy!;
    for (const row of confusion) for (const n of row) validation.confusion![at++] = n;
  }
  return { ...stretch, validation };
}

/**
 * Undoes {@link packHistory}.
 * @throws TypeError or RangeError naming the column, for data that no run has saved
 */
export function unpackHistory(saved: unknown): EpochReport[] {
  if (!Array.isArray(saved)) throw typeError("resume.history", "an array", saved);
  const reports: EpochReport[] = [];
  for (const [i, stretch] of saved.entries()) unpackStretch(`resume.history[${i}]`, stretch as Stretch, reports);
  return reports;
}

function unpackStretch(name: string, stretch: Stretch, reports: EpochReport[]): void {
  const { steps, loss, seconds, validation } = asObject(name, stretch);
  if (!isFloat64(steps)) throw typeError(`${name}.steps`, "a Float64Array", steps);
  const count = steps.length;
  const column = (name: string, values: unknown): Float64Array => {
    if (!isFloat64(values)) throw typeError(name, "a Float64Array", values);
    if (values.length !== count) throw rangeError(name, `${count} numbers, one per epoch`, values);
    return values;
  };
  column(`${name}.loss`, loss);
  column(`${name}.seconds`, seconds);
  for (let i = 0; i < count; i++) {
    if (!Number.isSafeInteger(steps[i])) throw rangeError(`${name}.steps[${i}]`, "a whole number", steps[i]);
    if (!Number.isFinite(seconds[i])) throw rangeError(`${name}.seconds[${i}]`, "a finite number", seconds[i]);
  }
  const evaluation = validation === undefined ? undefined : evaluations(`${name}.validation`, validation, column);
  for (let i = 0; i < count; i++) {
    const report: EpochReport = { epoch: reports.length, steps: steps[i], loss: loss[i], seconds: seconds[i] };
    if (evaluation) report.validation = evaluation(i);
    reports.push(report);
  }
}

/** A function from the number of an epoch in its stretch to its evaluation. */
function evaluations(
  name: string,
  validation: NonNullable<Stretch["validation"]>,
  column: (name: string, values: unknown) => Float64Array,
): (i: number) => Evaluation {
  const { accuracy, confusion, classes = 0 } = asObject(name, validation);
  const loss = column(`${name}.loss`, validation.loss);
  if (accuracy !== undefined) column(`${name}.accuracy`, accuracy);
  if (confusion !== undefined) {
    if (!isInt32(confusion)) throw typeError(`${name}.confusion`, "an Int32Array", confusion);
    if (!(classes >= 1) || confusion.length !== loss.length * classes * classes)
      throw rangeError(`${name}.confusion`, `a matrix of ${classes} classes per epoch`, confusion);
  }
  const row = (at: number) => Array.from(confusion!.subarray(at, at + classes));
  return (i) => {
    const found: Evaluation = { loss: loss[i] };
    if (accuracy) found.accuracy = accuracy[i];
    if (confusion) found.confusion = Array.from({ length: classes }, (_, c) => row((i * classes + c) * classes));
    return found;
  };
}

function asObject<T>(name: string, value: T): T {
  if (typeof value !== "object" || value === null) throw typeError(name, "an object", value);
  return value;
}
