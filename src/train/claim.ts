/** Parameters in training: two runs on one model would take their steps in turns, each spoiling the other's. */
import type { Tensor } from "../engine/tensor.js";
import type { Model } from "../nn/sequential.js";
import type { TrainOptions } from "./options.js";

const training = new WeakSet<Tensor>();

/**
 * Claims the parameters that a run changes.
 * @returns what gives them back
 * @throws TypeError when another run that has not ended has one of them
 */
export function claim(model: Model, { optimizer }: TrainOptions): () => void {
  const tensors = {
    model: model.parameters(),
    optimizer: optimizer.groups.flatMap(({ params }) => params),
  };
  for (const [name, list] of Object.entries(tensors)) {
    if (list.some((tensor) => training.has(tensor)))
      throw new TypeError(`${name}: expected one that no other run of train() is training, got one in training`);
  }
  const all = Object.values(tensors).flat();
  for (const tensor of all) training.add(tensor);
  return () => {
    for (const tensor of all) training.delete(tensor);
  };
}
