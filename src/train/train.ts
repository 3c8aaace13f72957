import type { Tensor } from "../engine/tensor.js";
import { random } from "../math/random.js";
import type { Model } from "../nn/sequential.js";
import { Batches } from "./batches.js";
import { splitData } from "./dataSplit.js";
import type { Data } from "./loadData.js";
import { checkOptions, type History, type TrainOptions } from "./options.js";
import { TrainingRun } from "./trainingRun.js";

/**
 * Trains a model on mini-batches, reshuffled for each epoch.
 *
 * With `checkpoint` and `resume`, a run that is interrupted at any step and resumed ends with the same bits as one that
 * is not, in strict mode on any backend and host. A loss that is not finite ends the run before its step is taken, and
 * the last checkpoint stays as it was. So do parameters that the last step left NaN or infinite.
 *
 * @returns the history, one entry per epoch
 * @throws RangeError or TypeError for data or options that do not fit, or for a checkpoint of another model, optimizer
 *   or plan, with nothing changed; rejects with a {@link DivergedError} when the loss or a parameter is not finite, and with
 *   `signal.reason` when aborted
 * @example
 * const history = await train(model, { x: [[0, 0], [0, 1], [1, 0], [1, 1]], y: [[0], [1], [1], [0]] }, {
 *   optimizer: adam(model.parameters(), { lr: 0.05 }), loss: mse, epochs: 200, batchSize: 4, seed: 1,
 * });
 * console.log(history.epochs.at(-1).loss);
 */
export async function train(model: Model, data: Data, options: TrainOptions): Promise<History> {
  checkOptions(model, options);
  const tensors = claim(model, options);
  try {
    return await run(model, data, options);
  } finally {
    for (const tensor of tensors) training.delete(tensor);
  }
}

/** The parameters that runs are training now: the steps of two runs on one model would interfere with each other. */
const training = new WeakSet<Tensor>();

/** Claims the parameters that a run changes; refuses those that an unfinished run has claimed. */
function claim(model: Model, { optimizer }: TrainOptions): readonly Tensor[] {
  const owned = model.parameters();
  const moved = optimizer.groups.flatMap(({ params }) => params);
  for (const [name, tensors] of Object.entries({ model: owned, optimizer: moved })) {
    if (tensors.some((tensor) => training.has(tensor)))
      throw new TypeError(
        `${name}: expected one that no other run of train() is training, got one that is in training`,
      );
  }
  const tensors = [...owned, ...moved];
  for (const tensor of tensors) training.add(tensor);
  return tensors;
}

async function run(model: Model, data: Data, options: TrainOptions): Promise<History> {
  const generator = random(options.seed ?? 0);
  const split = splitData(model, data, options, generator);
  try {
    const { data: loaded, rows } = split.training;
    const batches = new Batches(model.engine, loaded, options, generator, rows);
    try {
      return await new TrainingRun(model, split, batches, options).run();
    } finally {
      batches.dispose();
    }
  } finally {
    split.dispose();
  }
}
