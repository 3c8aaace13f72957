import { rangeError, typeError } from "../check.js";
import { everyRow, holdOut } from "../data/rowNumbers.js";
import { isInt32 } from "../host/realm.js";
import type { Random } from "../math/random.js";
import type { Model } from "../nn/sequential.js";
import { type Data, type Loaded, loadFor } from "./loadData.js";

/** Some rows of loaded data, by number. */
export interface Subset {
  data: Loaded;
  rows: Int32Array;
}

/** The rows that a run trains on, and those that it is measured on. */
export interface DataSplit {
  training: Subset;
  validation: Subset | undefined;
  /** Frees what loading allocated. */
  dispose(): void;
}

/**
 * Loads and checks the data of a run.
 *
 * @param options.validation the fraction of the rows to hold out, drawn at random, or separate data
 * @param options.onNonFiniteLoss with "propagate", the data may have NaN and infinities
 */
export function splitData(
  model: Model,
  data: Data,
  {
    validation,
    onNonFiniteLoss,
  }: { validation?: number | Data | undefined; onNonFiniteLoss?: "throw" | "propagate" | undefined },
  random: Random,
): DataSplit {
  const finite = onNonFiniteLoss !== "propagate";
  const training = loadFor(model, data, "data", finite);
  try {
    if (validation === undefined || typeof validation === "number") {
      const { kept, heldOut } = split(training.rows, validation, random);
      return {
        training: { data: training, rows: kept },
        validation: heldOut && { data: training, rows: heldOut },
        dispose: () => training.dispose(),
      };
    }
    const separate = loadFor(model, validation, "validation", finite);
    try {
      checkAlike(training, separate);
    } catch (error) {
      separate.dispose();
      throw error;
    }
    return {
      training: { data: training, rows: everyRow(training.rows) },
      validation: { data: separate, rows: everyRow(separate.rows) },
      dispose() {
        training.dispose();
        separate.dispose();
      },
    };
  } catch (error) {
    training.dispose();
    throw error;
  }
}

function split(
  rows: number,
  fraction: number | undefined,
  random: Random,
): { kept: Int32Array; heldOut: Int32Array | undefined } {
  if (fraction === undefined) return { kept: everyRow(rows), heldOut: undefined };
  if (!(fraction > 0 && fraction < 1)) throw rangeError("validation", "a fraction between 0 and 1, or data", fraction);
  if (rows < 2) throw rangeError("data.x", "at least two rows, one of them for validation", `${rows} row`);
  return holdOut(rows, fraction, random);
}

/** Refuses validation data of another form than the training data, which would fail only after the first epoch. */
function checkAlike({ x, y }: Loaded, other: Loaded): void {
  if (other.x.shape[1] !== x.shape[1]) {
    throw rangeError("validation.x", `${x.shape[1]} columns, as data.x`, `${other.x.shape[1]} columns`);
  }
  if (isInt32(y) !== isInt32(other.y))
    throw typeError("validation.y", isInt32(y) ? "an Int32Array, as data.y" : "rows, as data.y", other.y);
  if (isInt32(y) || isInt32(other.y)) return;
  if (other.y.shape[1] !== y.shape[1]) {
    throw rangeError("validation.y", `${y.shape[1]} columns, as data.y`, `${other.y.shape[1]} columns`);
  }
}
