import { rangeError } from "../check.js";
import type { Table } from "../data/table.js";
import { createEngine } from "../engine/create.js";
import type { Engine } from "../engine/engine.js";
import { type TrainTableOptions, trainTable } from "../tabular/trainTable.js";
import type { EpochReport } from "../train/options.js";
import type { Measures, Task, TaskContext } from "./task.js";

/** The share of the rows that trials are measured on, unless they say otherwise. */
const VALIDATION = 0.2;

type Simd = NonNullable<TrainTableOptions["simd"]>;

/**
 * Trains a network on a table, with settings as `trainTable` takes them; the resource of halving is epochs. Measures the loss
 * on the rows held out and, for classes, the accuracy, for a regression the root mean squared error.
 *
 * In halving a trial has the schedule of all its epochs, and stops where the rung ends.
 */
export function tableTask(table: Table): Task {
  const engines = new Map<Simd, Engine>();
  return {
    async run(settings, context) {
      const { simd = "strict", validation = VALIDATION, ...rest } = settings as unknown as TrainTableOptions;
      if (!engines.has(simd)) engines.set(simd, await createEngine({ simd }));
      const engine = engines.get(simd)!;
      const options = { ...rest, simd, validation, engine } as TrainTableOptions;
      return context.until === undefined
        ? await whole(table, { ...options, signal: context.signal })
        : await part(table, options, context);
    },
  };
}

async function whole(table: Table, options: TrainTableOptions): Promise<Measures> {
  const { model, validation } = await trainTable(table, options);
  model.dispose();
  return measures(validation!);
}

/** Trains up to an epoch, from where the trial was, and leaves its state there. */
async function part(table: Table, options: TrainTableOptions, { until = 1, checkpoint, signal }: TaskContext) {
  const { epochs = until } = options;
  if (until > epochs) throw rangeError("epochs", `at least ${until}, the largest of the search`, epochs);
  const before = await checkpoint?.load();
  const stop = new AbortController();
  const abort = () => stop.abort(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  let last: EpochReport | undefined;
  try {
    const { model, history } = await trainTable(table, {
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
