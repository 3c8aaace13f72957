/** TensorFlow.js on one of its backends. Its WebAssembly backend has threads in a page alone. */
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { setThreadsCount, setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import "@tensorflow/tfjs-layers"; // registers the gradients, which Node cannot import from the core's own files
import { type Contestant, training } from "./contestant.js";
import { batchOf, HYPER, type Rule } from "./work.js";

const { lr, momentum, alpha, beta1, beta2, eps, accumulator } = HYPER;

/** Its Adadelta divides by the accumulator of the step before, and so is no Adadelta; AdamW it has not. */
const rules: Partial<Record<Rule, () => tf.Optimizer>> = {
  sgd: () => tf.train.sgd(lr),
  momentum: () => tf.train.momentum(lr, momentum),
  adagrad: () => tf.train.adagrad(lr, accumulator),
  rmsprop: () => tf.train.rmsprop(lr, alpha, 0, eps),
  adam: () => tf.train.adam(lr, beta1, beta2, eps),
};

export interface PageOptions {
  threads: number;
  /** Where its binaries are: "/folder/". */
  from: string;
}

export async function tensorflow(backend: "cpu" | "wasm", page?: PageOptions): Promise<Contestant> {
  if (page) {
    setWasmPaths(page.from);
    // One thread has a build of its own, without shared memory.
    if (page.threads === 1) tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
    else setThreadsCount(page.threads);
  }
  if (!(await tf.setBackend(backend))) throw new Error(`TensorFlow.js has no ${backend} backend here`);
  await tf.ready();
  /** One process holds both backends, and tensors belong to the one that is set. */
  const here = <T>(work: () => T): T => {
    if (tf.getBackend() !== backend) tf.setBackend(backend);
    return work();
  };
  return {
    name: `TensorFlow.js ${backend}`,
    async product({ m, k, n, layout }, a, b) {
      const [transA, transB] = [layout === "TN", layout === "NT"];
      return here(() => {
        const A = tf.tensor2d(a, transA ? [k, m] : [m, k]);
        const B = tf.tensor2d(b, transB ? [n, k] : [k, n]);
        return {
          run: () => here(() => tf.matMul(A, B, transA, transB).dispose()),
          output: async () => here(() => tf.tidy(() => tf.matMul(A, B, transA, transB).dataSync())),
          dispose: () => here(() => tf.dispose([A, B])),
        };
      });
    },
    async optimizer(rule, values, gradient) {
      const make = rules[rule];
      if (!make) return undefined;
      return here(() => {
        const p = tf.variable(tf.tensor1d(values));
        const g = tf.tensor1d(gradient);
        const opt = make();
        const gradients = { [p.name]: g };
        return {
          run: () => here(() => opt.applyGradients(gradients)),
          output: async () => here(() => p.dataSync()),
          dispose: () =>
            here(() => {
              opt.dispose();
              tf.dispose([p, g]);
            }),
        };
      });
    },
    async training({ widths, batch }, initial, batches) {
      return here(() => {
        const params = initial.map((values, i) => {
          const layer = i >> 1;
          const shape = i % 2 ? [widths[layer + 1]!] : [widths[layer]!, widths[layer + 1]!];
          return tf.variable(tf.tensor(values, shape)) as tf.Variable;
        });
        const opt = tf.train.adam(lr, beta1, beta2, eps);
        const classes = widths.at(-1)!;
        const forward = (x: tf.Tensor): tf.Tensor => {
          let y = x;
          for (let i = 0; i < params.length; i += 2) {
            y = tf.add(tf.matMul(y as tf.Tensor2D, params[i]! as tf.Tensor2D), params[i + 1]!);
            if (i + 2 < params.length) y = tf.relu(y);
          }
          return y;
        };
        let at = 0;
        const step = (): number =>
          here(() =>
            tf.tidy(() => {
              const { values, labels } = batchOf(batches, at++);
              const x = tf.tensor2d(values, [batch, widths[0]!]);
              const target = tf.oneHot(tf.tensor1d(labels, "int32"), classes);
              const loss = opt.minimize(() => tf.losses.softmaxCrossEntropy(target, forward(x)) as tf.Scalar, true)!;
              return loss.dataSync()[0]!;
            }),
          );
        return training(step, {
          predict: async (values) =>
            here(() =>
              tf.tidy(() => forward(tf.tensor2d(values, [values.length / widths[0]!, widths[0]!])).dataSync()),
            ),
          dispose: () =>
            here(() => {
              opt.dispose();
              tf.dispose(params);
            }),
        });
      });
    },
  };
}
