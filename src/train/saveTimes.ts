import { now } from "../host/clock.js";
import type { CheckpointOptions } from "./options.js";

/**
 * How many times as long as the last save took a run goes on before the next one, where the caller does not say: saves
 * take at most a tenth of its time, and a process that is killed loses little more than nine times that of a save.
 */
const PAUSE = 9;

/** When the checkpoints of a run are due. */
export class SaveTimes {
  readonly #options: CheckpointOptions | undefined;
  #ended = 0;
  #took = 0;

  constructor(options: CheckpointOptions | undefined) {
    this.#options = options;
  }

  /** Whether a checkpoint is due after this number of steps or epochs. */
  due(unit: "steps" | "epochs", count: number): boolean {
    if (this.#options === undefined) return false;
    const { every } = this.#options;
    if (every !== undefined) return unit in every && count % (every as Record<typeof unit, number>)[unit] === 0;
    return unit === "epochs" && now() - this.#ended >= PAUSE * this.#took;
  }

  /** Takes the time of a save into account. */
  async timed(save: () => void | Promise<void>): Promise<void> {
    const start = now();
    await save();
    this.#ended = now();
    this.#took = this.#ended - start;
  }
}
