import { typeError } from "../check.js";
import { now } from "../host/clock.js";
import { TURN, turn } from "../host/turn.js";
import type { Model } from "../nn/sequential.js";
import { type Batch, type Batches, Gatherer } from "./batches.js";
import { BestEpoch } from "./bestEpoch.js";
import { type Checkpointed, encodeCheckpoint, isRead, readCheckpoint, restore } from "./checkpoint.js";
import type { DataSplit } from "./dataSplit.js";
import { DivergedError } from "./divergedError.js";
import { measure } from "./evaluate.js";
import { packHistory } from "./history.js";
import type { EpochReport, History, StepReport, TrainOptions } from "./options.js";
import { checkedRun, checkParameters, planOf, type RunState } from "./runState.js";
import { SaveTimes } from "./saveTimes.js";

const WITHOUT_INPUT = { inputGrad: false };

/** One run of `train`, with all that changes from step to step. */
export class TrainingRun {
  readonly #model: Model;
  readonly #batches: Batches;
  readonly #split: DataSplit;
  readonly #options: TrainOptions;
  readonly #checkpointed: Checkpointed;
  readonly #best: BestEpoch | undefined;
  readonly #saves: SaveTimes;
  readonly #perEpoch: number;
  readonly #stepOptions: { zeroGrad: true; clipNorm?: number; gradScale?: number } = { zeroGrad: true };
  readonly #report: StepReport;
  readonly #history: History = { epochs: [] };
  #epoch = 0;
  /** Steps taken since the run began, those before a resume included. */
  #step = 0;
  #savedAt = -1;
  /** When the run last yielded to the event loop. */
  #turn = now();
  /**
   * Steps since then, and the count of steps at which to read the clock again. Each reading allocates 16 bytes, so the
   * next one waits for 1/8 of the steps so far: the run yields at most 12 % late.
   */
  #sinceTurn = 0;
  #nextLook = 0;
  /** Loss summed over the rows of the present step. */
  #loss = 0;
  #batch: Batch | undefined;
  #calls = 0;
  #total = 0;
  #seen = 0;
  #seconds = 0;
  #over = false;

  constructor(model: Model, split: DataSplit, batches: Batches, options: TrainOptions) {
    this.#model = model;
    this.#split = split;
    this.#batches = batches;
    this.#options = options;
    const { optimizer, averages, stateful = {}, accumulate = 1 } = options;
    this.#checkpointed = { model, optimizer, stateful: averages ? { ...stateful, averages } : stateful };
    this.#best = options.earlyStopping && new BestEpoch(options.earlyStopping, model, optimizer, averages);
    this.#saves = new SaveTimes(options.checkpoint);
    this.#perEpoch = Math.ceil(batches.count / accumulate);
    if (options.clipNorm !== undefined) this.#stepOptions.clipNorm = options.clipNorm;
    this.#report = { epoch: 0, step: 0, steps: options.epochs * this.#perEpoch, rows: 0, loss: 0 };
  }

  async run(): Promise<History> {
    const { optimizer, signal, epochs } = this.#options;
    if (this.#options.resume !== undefined) this.#resume();
    this.#model.train();
    optimizer.train();
    optimizer.zeroGrad();
    while (this.#epoch < epochs && !this.#over) {
      const start = now() - this.#seconds * 1000;
      this.#batches.begin();
      for (let halt = this.#takeSteps(); halt !== "epoch"; halt = this.#takeSteps()) {
        if (halt === "turn") await this.#yield();
        else if (this.#step !== this.#savedAt) await this.#save(start);
        if (halt === "abort") signal!.throwIfAborted();
      }
      await this.#endEpoch((now() - start) / 1000);
    }
    this.#checkParameters();
    if (this.#step !== this.#savedAt) await this.#save();
    if (this.#best?.found) this.#history.best = this.#best.found;
    this.#best?.restore();
    return this.#history;
  }

  /**
   * Takes steps until the epoch ends or the run must wait for something. Separate from `run`, because numbers that
   * outlive an `await` are boxed.
   */
  #takeSteps(): "epoch" | "save" | "turn" | "abort" {
    const { signal } = this.#options;
    while (this.#batches.more) {
      if (signal?.aborted) return "abort";
      this.#takeStep();
      if (this.#saves.due("steps", this.#step) && this.#batches.more) return "save";
      if (++this.#sinceTurn < this.#nextLook) continue;
      this.#nextLook = this.#sinceTurn + 1 + (this.#sinceTurn >> 3);
      if (now() - this.#turn > TURN) return "turn";
    }
    return "epoch";
  }

  /** Takes one step, on one batch or on several whose gradients are accumulated. */
  #takeStep(): void {
    const { optimizer, accumulate = 1, averages, onStep } = this.#options;
    const batches = this.#batches;
    const before = optimizer.stepCount;
    let count = 0;
    let rows = 0;
    this.#loss = 0;
    if (optimizer.needsClosure) {
      this.#batch = batches.take();
      this.#calls = 0;
      rows = this.#batch.x.shape[0];
      this.#loss = optimizer.step(this.#closure, this.#stepOptions)! * rows;
    } else {
      do {
        rows += this.#addGradients(batches.take(), count++);
      } while (count < accumulate && batches.more);
      if (accumulate > 1) this.#stepOptions.gradScale = 1 / count;
      optimizer.step(undefined, this.#stepOptions);
    }
    if (optimizer.stepCount > before) averages?.update(); // not after a step that was skipped or that only accumulates
    this.#step++;
    this.#total += this.#loss;
    this.#seen += rows;
    if (onStep === undefined) return;
    const report = this.#report;
    report.epoch = this.#epoch;
    report.step = this.#step;
    report.rows = rows;
    report.loss = this.#loss / rows;
    onStep(report);
  }

  /** Adds the gradients and the loss of a batch; returns its rows. `count` batches of this step came before it. */
  #addGradients({ x, y }: Batch, count: number): number {
    const rows = x.shape[0];
    const { value, grad } = this.#options.loss(this.#model.forward(x), y);
    if (typeof value !== "number")
      throw typeError("loss", "a function that returns { value, grad }, value a number", value);
    if (!Number.isFinite(value) && this.#options.onNonFiniteLoss !== "propagate") this.#diverged(value, count + 1);
    this.#model.backward(grad, WITHOUT_INPUT);
    this.#loss += value * rows;
    return rows;
  }

  /** The closure for optimizers that take gradients at several points: the loss of the batch at the present point. */
  readonly #closure = (): number => {
    this.#options.optimizer.zeroGrad();
    this.#loss = 0;
    const rows = this.#addGradients(this.#batch!, this.#calls++);
    return this.#loss / rows;
  };

  async #endEpoch(seconds: number): Promise<void> {
    const epoch = this.#epoch;
    const report: EpochReport = { epoch, steps: this.#step, loss: this.#total / this.#seen, seconds };
    this.#evaluate(report);
    this.#history.epochs.push(report);
    this.#over = this.#best?.over(epoch) ?? false;
    this.#epoch++;
    this.#total = 0;
    this.#seen = 0;
    this.#seconds = 0;
    await this.#options.onEpoch?.(report);
    if (this.#saves.due("epochs", this.#epoch) || this.#saves.due("steps", this.#step)) await this.#save();
  }

  /** Validates the model with the optimizer in evaluation mode and the averages swapped in. */
  #evaluate(report: EpochReport): void {
    const { optimizer, averages, loss, confusion = false } = this.#options;
    const { validation } = this.#split;
    if (validation === undefined && this.#best === undefined) return;
    optimizer.eval();
    try {
      if (validation) {
        const gatherer = new Gatherer(this.#model.engine, validation.data);
        averages?.swapIn();
        try {
          report.validation = measure(this.#model, validation, gatherer, { loss, confusion });
        } finally {
          averages?.swapOut();
          gatherer.dispose();
        }
      }
      this.#best?.observe(report);
    } finally {
      optimizer.train();
    }
  }

  async #yield(): Promise<void> {
    // Where there are no timers (bare contexts), what waits for a promise gets its turn.
    await turn();
    this.#turn = now();
    this.#sinceTurn = 0;
    this.#nextLook = 0;
  }

  /** Ends the run, with the model as it was before this step, in which `forwards` forward passes have been made. */
  #diverged(loss: number, forwards: number): never {
    this.#options.optimizer.zeroGrad(); // discards the gradients of batches accumulated before this one
    const { seed, step } = this.#model.generatorState;
    this.#model.generatorState = { seed, step: step - forwards };
    throw new DivergedError(this.#step + 1, this.#epoch, loss);
  }

  /**
   * Refuses parameters that a step has made NaN or infinite: after a finite loss it still can, and no loss would show it
   * of the last step of a run.
   */
  #checkParameters(): void {
    const { onNonFiniteLoss, checkpoint } = this.#options;
    if (onNonFiniteLoss === "propagate") return;
    const epoch = Math.ceil(this.#step / this.#perEpoch) - 1;
    checkParameters(this.#model, { step: this.#step, epoch, saved: checkpoint !== undefined && this.#savedAt >= 0 });
  }

  /** Saves a checkpoint; in the middle of an epoch, `start` is the time at which it began. */
  async #save(start?: number): Promise<void> {
    const { checkpoint } = this.#options;
    if (checkpoint === undefined) return;
    this.#checkParameters(); // such parameters must not replace the last checkpoint
    if (start !== undefined) this.#seconds = (now() - start) / 1000;
    const state: RunState = {
      plan: planOf(this.#options, this.#split),
      batches: this.#batches.position(),
      total: this.#total,
      seen: this.#seen,
      seconds: this.#seconds,
      history: packHistory(this.#history.epochs),
      best: this.#best?.state(),
      over: this.#over,
    };
    this.#savedAt = this.#step;
    const at = { epoch: this.#epoch, step: this.#step };
    await this.#saves.timed(() => checkpoint.save(encodeCheckpoint(this.#checkpointed, checkpoint.extra, state), at));
  }

  /** Resumes from a checkpoint, or throws with nothing changed. */
  #resume(): void {
    const resume = this.#options.resume!;
    const checkpoint = isRead(resume) ? resume : readCheckpoint(resume);
    const { run, epochs } = checkedRun(checkpoint, this.#model, this.#options, this.#split);
    restore(checkpoint, this.#checkpointed);
    this.#batches.restore(run.batches);
    this.#epoch = run.batches.epoch;
    this.#step = this.#epoch * this.#perEpoch + Math.ceil(run.batches.batch / (this.#options.accumulate ?? 1));
    this.#savedAt = this.#step;
    this.#total = run.total;
    this.#seen = run.seen;
    this.#seconds = run.seconds;
    this.#over = run.over;
    for (const report of epochs) this.#history.epochs.push(report);
    this.#best?.load(run.best);
  }
}
