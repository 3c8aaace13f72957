/** `thalweg/tfjs`: the optimizers of this library for models and variables of TensorFlow.js. */
export type { Factory } from "../factory.js";
export { type TfOptions, type ThalwegTfOptimizer, tfOptimizer } from "./tfOptimizer.js";
export type { TensorFlow, TfNamedTensor, TfTensor, TfVariable } from "./types.js";
