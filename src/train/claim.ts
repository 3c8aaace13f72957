/** The parameters that runs are training: the steps of two runs on one model would interfere with each other. */
import type { Tensor } from "../engine/tensor.js";
import type { Model } from "../nn/sequential.js";
import type { TrainOptions } from "./options.js";

const training = new WeakSet<Tensor>();

/**
 * Claims the parameters that a run changes.
 * @returns a function that releases them
 * @throws TypeError if an unfinished run has claimed one of them
 */
export function claim(model: Model, { optimizer }: TrainOptions): () => void {
  const tensors = {
    model: model.parameters(),
    optimizer: optimizer.groups.flatMap(({ params }) => params),
  };
  for (const [name, list] of Object.entries(tensors)) {
    if (list.some((tensor) => training.has(tensor)))
      throw new TypeError(
        `${name}: expected one that no other run of train() is training, got one that is in training`,
      );
  }
  const all = Object.values(tensors).flat();
  for (const tensor of all) training.add(tensor);
  return () => {
    for (const tensor of all) training.delete(tensor);
  };
}
