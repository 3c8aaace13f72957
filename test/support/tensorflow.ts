/** TensorFlow.js for tests, silent about Node. Its types are not installed here: test/adapters/types.test.ts compiles with them. */
import { requireOf } from "./peers.js";

const require = requireOf("tfjs");
export const tf = require("@tensorflow/tfjs-core");
require("@tensorflow/tfjs-backend-cpu");
require("@tensorflow/tfjs-backend-wasm");
export const layers = require("@tensorflow/tfjs-layers");
tf.env().set("PROD", true);

export const BACKENDS = ["cpu", "wasm"] as const;

export async function use(backend: (typeof BACKENDS)[number]): Promise<void> {
  if (!(await tf.setBackend(backend))) throw new Error(`TensorFlow.js has no ${backend} backend here`);
  await tf.ready();
}

/** A variable of these numbers. */
// biome-ignore lint/suspicious/noExplicitAny: a tf.Variable
export function variable(values: ArrayLike<number>, shape: readonly number[] = [values.length]): any {
  const tensor = tf.tensor(Float32Array.from(values), shape);
  const made = tf.variable(tensor);
  tensor.dispose();
  return made;
}
