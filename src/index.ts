/** The public names of `thalweg`, and nothing more. */
export { createEngine } from "./engine/create.js";
export type { Engine, MatmulOptions } from "./engine/engine.js";
export type { EngineOptions } from "./engine/select.js";
export type { Shape, Tensor } from "./engine/tensor.js";
export { relu, sigmoid, tanh } from "./nn/activation.js";
export { type DenseOptions, dense } from "./nn/dense.js";
export type { Init } from "./nn/init.js";
export type { Layer } from "./nn/layer.js";
export { halfMse, type Loss, type LossResult, mse, softmaxCrossEntropy } from "./nn/loss.js";
export { type BackwardOptions, type Model, sequential } from "./nn/sequential.js";
export { adam } from "./optim/adam.js";
export { adamw } from "./optim/adamw.js";
export { clipGradNorm } from "./optim/clip.js";
export type { LiveGroup, Optimizer, OptimizerFactory, ParamGroup, StepOptions } from "./optim/optimizer.js";
export type { Rule } from "./optim/rule.js";
export { sgd } from "./optim/sgd.js";
export type { StateDict } from "./optim/state.js";
export type { Schedule } from "./schedule/schedule.js";
