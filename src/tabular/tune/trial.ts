import { type Prepared, prepare } from "../../data/prepare.js";
import type { Table } from "../../data/table.js";
import { createEngine } from "../../engine/create.js";
import type { Engine } from "../../engine/engine.js";
import type { HostAbortSignal } from "../../host/hostTypes.js";
import { preparation } from "../defaults.js";
import { widthsOf } from "../network.js";
import { disposeParts, runOn } from "../run.js";
import type { Settings } from "../settings.js";
import type { TunePlan } from "./plan.js";
import type { TuneOutcome } from "./search.js";

/** One network to train and to measure: all that a machine needs besides the data, as plain JSON data. */
export interface Trial {
  /** The epochs are those of this trial. */
  settings: Settings;
  /** The number of the fold that it is measured on. */
  fold: number;
}

/** What has come of a trial, as plain JSON data. */
export interface TrialResult {
  /** Rows measured on. */
  rows: number;
  /** The mean loss over them; that of a regression is in the target's units, squared. */
  loss: number;
  /** For classes: how many of the rows are predicted right. */
  right: number | null;
}

/** A trial that could not be measured: training diverged, or the settings do not fit each other. */
export interface FailedTrial {
  failed: string;
}

/** The examples to train and to measure on: one split for each fold, or one alone. */
export type TuneData = readonly Prepared[];

/**
 * Prepares a table for a plan's trials. Each fold is standardised and filled in by what its own training rows say.
 *
 * @throws RangeError naming file, row and column, as `prepare` does
 */
export function tuningData(table: Table, { base, validation }: TunePlan): TuneData {
  const how = preparation(base);
  if ("share" in validation) return [prepare(table, { ...how, validation: validation.share })];
  const { folds: of } = validation;
  return Array.from({ length: of }, (_, index) => prepare(table, { ...how, fold: { index, of } }));
}

/** What a trial may be given besides its data. */
export interface TrialOptions {
  /** The engine to use, which stays the caller's. Default: a new one for this trial. */
  engine?: Engine | undefined;
  signal?: HostAbortSignal | undefined;
}

/**
 * Trains a network and measures it on the rows held out. The result depends on the trial and the data alone; in strict mode
 * it is the same on every host. One that diverges, or whose settings do not fit, has failed; it does not throw.
 */
export async function runTrial(
  { settings, fold }: Trial,
  data: TuneData,
  { engine: given, signal }: TrialOptions = {},
): Promise<TrialResult | FailedTrial> {
  const engine = given ?? (await createEngine({ simd: settings.simd }));
  try {
    const { parts, ...scores } = await runOn({
      engine,
      settings,
      prepared: measuredAtEnd(data[fold], settings),
      signal,
    });
    disposeParts(parts);
    const { loss, accuracy } = (scores.test ?? scores.validation)!;
    const { rows } = data[fold].validation!;
    if (!Number.isFinite(loss)) return { failed: `the loss on the rows held out is ${loss}` };
    return { rows, loss, right: accuracy === null ? null : Math.round(accuracy * rows) };
  } catch (error) {
    signal?.throwIfAborted();
    return { failed: error instanceof Error ? error.message : String(error) };
  } finally {
    if (given === undefined) engine.dispose();
  }
}

/** Rows held out are measured once, at the end, unless early stopping looks at them after each epoch. */
export const measuredAtEnd = (prepared: Prepared, { earlyStop }: Pick<Settings, "earlyStop">): Prepared =>
  earlyStop === undefined
    ? { ...prepared, validation: undefined, test: prepared.validation }
    : { ...prepared, test: undefined };

/** The measure of settings over the rows of all folds. */
export function together(folds: readonly (TrialResult | FailedTrial)[]): TuneOutcome {
  const failed = folds.find((result) => "failed" in result);
  if (failed) return { measure: null, failed: failed.failed };
  const results = folds as readonly TrialResult[];
  const rows = sum(results.map((result) => result.rows));
  // Of one share it is that of the share to the last bit, as a training run has it.
  const loss = results.length === 1 ? results[0].loss : sum(results.map((each) => each.loss * each.rows)) / rows;
  const classes = results[0].right !== null;
  return {
    measure: {
      loss,
      accuracy: classes ? sum(results.map(({ right }) => right!)) / rows : null,
      rmse: classes ? null : Math.sqrt(loss),
    },
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, x) => total + x, 0);

/** The work of a trial: steps × parameters. */
export function workOf({ settings, fold }: Trial, data: TuneData): number {
  const { schema, train } = data[fold];
  const widths = widthsOf(settings, schema);
  const parameters = widths.slice(1).reduce((sum, width, i) => sum + width * (widths[i] + 1), 0);
  return settings.epochs * Math.ceil(train.rows / settings.batch) * parameters;
}
