/** ONNX Runtime Web: products alone, each a session over a graph of one node. A run takes its inputs in and the product out. */
import * as ort from "onnxruntime-web";
import type { Contestant } from "./contestant.js";
import { gemmModel } from "./onnxModel.js";

export async function onnx(threads: number): Promise<Contestant> {
  ort.env.wasm.numThreads = threads;
  return {
    name: "ONNX Runtime Web",
    async product(shape, a, b) {
      const { m, k, n, layout } = shape;
      const session = await ort.InferenceSession.create(gemmModel(shape), { executionProviders: ["wasm"] });
      // It makes worker threads a global, by which jax-js believes that it has web workers, and fails.
      if (threads === 1) delete (globalThis as { Worker?: unknown }).Worker;
      const feeds = {
        a: new ort.Tensor("float32", a, layout === "TN" ? [k, m] : [m, k]),
        b: new ort.Tensor("float32", b, layout === "NT" ? [n, k] : [k, n]),
      };
      let last = (await session.run(feeds)).c!;
      return {
        async run() {
          last = (await session.run(feeds)).c!;
        },
        output: async () => last.data as Float32Array,
        dispose: () => void session.release(),
      };
    },
  };
}
