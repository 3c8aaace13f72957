import { rangeError } from "../check.js";
import type { Model } from "../nn/sequential.js";
import type { AnyOptimizer, Averages, EarlyStopping, EpochReport } from "./options.js";

/** The state of early stopping, as plain data. */
export interface BestEpochState {
  epoch: number;
  value: number;
  parameters?: Float32Array[];
  averages?: unknown;
}

/** Early stopping: keeps track of the best epoch so far, and of the model as it was then. */
export class BestEpoch {
  readonly #options: EarlyStopping;
  readonly #model: Model;
  readonly #optimizer: AnyOptimizer;
  readonly #averages: Averages | undefined;
  #best: BestEpochState | undefined;

  constructor(options: EarlyStopping, model: Model, optimizer: AnyOptimizer, averages: Averages | undefined) {
    this.#options = options;
    this.#model = model;
    this.#optimizer = optimizer;
    this.#averages = averages;
  }

  get found(): { epoch: number; value: number } | undefined {
    return this.#best && { epoch: this.#best.epoch, value: this.#best.value };
  }

  /** Takes an epoch into account; the optimizer is in its evaluation mode. */
  observe(report: EpochReport): void {
    const { metric = "loss", minDelta = 0, restoreBest = true } = this.#options;
    const value = (report.validation ?? report)[metric as "loss"];
    if (value === undefined)
      throw rangeError("earlyStopping.metric", '"loss" for targets that are not classes', metric);
    const gain = this.#best && (metric === "loss" ? this.#best.value - value : value - this.#best.value);
    // NaN is never better, and any number is better than NaN.
    if (gain !== undefined && !(gain > minDelta) && !(Number.isNaN(this.#best!.value) && !Number.isNaN(value))) return;
    this.#best = { epoch: report.epoch, value };
    if (!restoreBest) return;
    this.#best.parameters = this.#model.parameters().map((tensor) => tensor.toArray());
    if (this.#averages) this.#best.averages = this.#averages.stateDict();
  }

  /** Whether patience has run out after this epoch. */
  over(epoch: number): boolean {
    return this.#best !== undefined && epoch - this.#best.epoch >= this.#options.patience;
  }

  /** Restores the model of the best epoch, with the optimizer in its evaluation mode, as `observe` found it. */
  restore(): void {
    const { parameters, averages } = this.#best ?? {};
    if (parameters === undefined) return;
    if (this.#optimizer.rule.mode) this.#optimizer.eval();
    this.#model.parameters().forEach((tensor, i) => {
      tensor.data.set(parameters[i]);
    });
    if (averages !== undefined) this.#averages?.loadStateDict(averages);
  }

  state(): BestEpochState | undefined {
    return this.#best;
  }
  load(state: BestEpochState | undefined): void {
    this.#best = state;
  }
}
