/**
 * Parameters in the engine's own memory: a step copies the gradients in, and the parameters out. For every backend but
 * WebAssembly, and for an engine of the caller's.
 *
 * The cpu backend could be stepped in place, for its tensors are Float32Arrays. But `dataSync()` hands out those very
 * arrays: a program that keeps one, as the best weights so far, relies on TensorFlow.js never changing it. So each step
 * leaves a new array, which is one copy; its own optimizers make some fifteen.
 */
import type { Engine } from "../../engine/engine.js";
import type { Tensor } from "../../engine/tensor.js";
import { type Store, shapeOf } from "./store.js";
import type { TensorFlow, TfTensor, TfVariable } from "./types.js";

interface Held {
  tensor: Tensor;
  /** The numbers that the parameter has: another data id means that the program has assigned others. */
  dataId: object;
}

export function copyingStore(tf: TensorFlow, engine: Engine): Store {
  const held = new Map<TfVariable, Held>();
  return {
    engine,
    adopt(variable) {
      const tensor = engine.tensor(shapeOf(variable), numbersOf(tf, variable));
      held.set(variable, { tensor, dataId: variable.dataId });
      return tensor;
    },
    pull(variable) {
      const one = held.get(variable)!;
      if (one.dataId === variable.dataId) return;
      one.tensor.data.set(numbersOf(tf, variable));
      one.dataId = variable.dataId;
    },
    gradient(variable, gradient) {
      held.get(variable)!.tensor.grad.set(numbersOf(tf, gradient));
    },
    push(variable) {
      const one = held.get(variable)!;
      // The wasm backend copies what it is given; others keep the array.
      const values = tf.getBackend() === "wasm" ? one.tensor.data : one.tensor.toArray();
      const moved = tf.tensor(values, variable.shape, "float32") as TfTensor;
      variable.assign(moved);
      moved.dispose();
      one.dataId = variable.dataId;
    },
    release(variable) {
      held.get(variable)?.tensor.dispose();
      held.delete(variable);
    },
  };
}

/** The numbers of a tensor, as a view where its backend has one. */
function numbersOf(tf: TensorFlow, tensor: TfTensor): ArrayLike<number> {
  const { backend } = tf.engine() as { backend: { typedArrayFromHeap?(tensor: TfTensor): Float32Array } };
  return backend.typedArrayFromHeap?.(tensor) ?? tensor.dataSync();
}
