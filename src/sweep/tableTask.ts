import { argumentError, checkWhole, rangeError } from "../check.js";
import type { Prepared, PrepareOptions } from "../data/prepare.js";
import type { Table } from "../data/table.js";
import { createEngine } from "../engine/create.js";
import type { Engine } from "../engine/engine.js";
import { preparation, withDefaults } from "../tabular/defaults.js";
import type { Settings } from "../tabular/settings.js";
import { type TrainTableOptions, trainOn } from "../tabular/trainTable.js";
import { measuredAtEnd, runTrial, together } from "../tabular/tune/trial.js";
import type { EpochReport } from "../train/options.js";
import { preparations } from "./preparations.js";
import type { Measures, Task, TaskContext } from "./task.js";

/** The share of the rows that trials are measured on, unless they say otherwise. */
const VALIDATION = 0.2;

/** The settings of a trial: those of a training run, and on how many folds it is measured. */
type TableSettings = Partial<Settings> & { folds?: number };

/** A table, what has been prepared of it, and the engine of a trial. */
interface Place {
  table: Table;
  prepared: (how: PrepareOptions) => Prepared;
  engine: Engine;
}

/**
 * Trains a network on a table, with settings as `trainTable` takes them; the resource of halving is epochs. Measures the loss
 * on the rows held out and, for classes, the accuracy, for a regression the root mean squared error. With the setting `folds`
 * each fold in turn is held out, and the measures are those over all rows.
 *
 * In halving a trial has the schedule of all its epochs, and stops where the rung ends.
 */
export function tableTask(table: Table): Task {
  const engines = new Map<Settings["simd"], Engine>();
  const prepared = preparations(table);
  return {
    async run(given, context) {
      const { folds, ...settings } = given as TableSettings;
      const { simd = "strict", validation = VALIDATION } = settings;
      if (!engines.has(simd)) engines.set(simd, await createEngine({ simd }));
      const place: Place = { table, prepared, engine: engines.get(simd)! };
      if (folds !== undefined) return await crossValidated(place, { ...settings, simd }, folds, context);
      const options = { ...settings, simd, validation, engine: place.engine };
      return context.until === undefined
        ? await whole(place, options, context)
        : await part(place, options as TrainTableOptions, context);
    },
  };
}

async function whole({ table, prepared }: Place, options: Partial<Settings>, { signal }: TaskContext) {
  const atEnd = (how: PrepareOptions) => measuredAtEnd(prepared(how), options);
  const { model, validation, test } = await trainOn(atEnd, table, { ...options, signal } as TrainTableOptions);
  model.dispose();
  return measures((test ?? validation)!);
}

async function crossValidated(
  { prepared, engine }: Place,
  given: Partial<Settings>,
  of: number,
  { signal, until }: TaskContext,
): Promise<Measures> {
  checkWhole("folds", of, 2);
  if (given.validation !== undefined) throw argumentError("folds", "expected folds or validation, got both");
  if (until !== undefined) throw argumentError("folds", "expected validation, a share, in halving, got folds");
  const how = preparation(withDefaults(given));
  const data = Array.from({ length: of }, (_, index) => prepared({ ...how, fold: { index, of } }));
  const settings = withDefaults(given, data[0].train.rows);
  const results = [];
  for (const fold of data.keys()) results.push(await runTrial({ settings, fold }, data, { engine, signal }));
  const { measure, failed } = together(results);
  if (measure === null) throw new Error(failed);
  return measures(measure);
}

/** Trains up to an epoch, from where the trial was, and leaves its state there. */
async function part(
  { table, prepared }: Place,
  options: TrainTableOptions,
  { until = 1, checkpoint, signal }: TaskContext,
): Promise<Measures> {
  const { epochs = until } = options;
  if (until > epochs) throw rangeError("epochs", `at least ${until}, the largest of the search`, epochs);
  const before = await checkpoint?.load();
  const stop = new AbortController();
  const abort = () => stop.abort(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  let last: EpochReport | undefined;
  try {
    const { model, history } = await trainOn(prepared, table, {
      ...options,
      epochs,
      saveEvery: until,
      signal: stop.signal,
      save: async (bytes, { epoch }) => {
        if (epoch === until && until < epochs) await checkpoint?.save(bytes);
      },
      ...(before && { resume: before }),
      onEpoch: (report) => {
        last = report;
        if (report.epoch + 1 === until && until < epochs) stop.abort(DONE);
      },
    });
    model.dispose();
    last ??= history.epochs.at(-1); // of a run that had ended early before
  } catch (error) {
    if (error !== DONE) throw error;
  } finally {
    signal.removeEventListener("abort", abort);
  }
  return measures(last!.validation!);
}

/** Why a run ends at a rung. */
const DONE = new Error("the end of the rung");

const measures = ({ loss, accuracy }: { loss: number; accuracy?: number | null }): Measures =>
  typeof accuracy !== "number" ? { loss, rmse: Math.sqrt(loss) } : { loss, accuracy };
