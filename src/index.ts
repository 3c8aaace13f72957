/** The public names of `thalweg`, and nothing more. */
import * as schedules from "./schedule/index.js";

export type { OwnBinary, Twin } from "./engine/backend.js";
export { createEngine } from "./engine/create.js";
export type { Doubles } from "./engine/doubles.js";
export type { Engine, MatmulOptions } from "./engine/engine.js";
export type { EngineOptions } from "./engine/select.js";
export type { Shape, Tensor } from "./engine/tensor.js";
export { kernelBinary } from "./engine/wasm/ownKernels.js";
export type { Bytes, HostAbortSignal, HostModule, HostUrl } from "./host/hostTypes.js";
export { elu, leakyRelu, relu, selu, sigmoid, tanh } from "./nn/activation.js";
export { balancedWeights } from "./nn/classWeights.js";
export { type ConcatOptions, concat } from "./nn/concat.js";
export { type CrossEntropyOptions, softmaxCrossEntropy } from "./nn/crossEntropy.js";
export {
  type EstimateOptions,
  gaussNewtonBartlett,
  type HutchinsonOptions,
  hutchinson,
} from "./nn/curvature/estimators.js";
export {
  gaussNewtonVectorProduct,
  hessianVectorProduct,
  type ProductOptions,
} from "./nn/curvature/hessianVectorProduct.js";
export type { CurvatureBatch } from "./nn/curvature/passes.js";
export { type DenseOptions, dense } from "./nn/dense.js";
export { dropout } from "./nn/dropout.js";
export { binaryCrossEntropy, binaryCrossEntropyWithLogits, huber, l1, smoothL1 } from "./nn/elementwiseLoss.js";
export { type GradcheckOptions, type GradcheckResult, gradcheck } from "./nn/gradcheck.js";
export type { Init } from "./nn/init.js";
export type { LayerReport } from "./nn/inspect.js";
export type { BoundLayer, Layer, LayerPass, Parameter } from "./nn/layer.js";
export { type LayerNormOptions, layerNorm } from "./nn/layerNorm.js";
export type { ConfigurableLoss, Loss, LossResult } from "./nn/loss.js";
export { type BackwardOptions, type GeneratorState, type Model, sequential } from "./nn/sequential.js";
export { gelu, mish, silu, softplus } from "./nn/smoothActivation.js";
export { halfMse, mse } from "./nn/squaredError.js";
export type { Settable } from "./optim/core/accessors.js";
export { type DecayMask, decayGroups, layerGroups } from "./optim/core/decayGroups.js";
export type { Common } from "./optim/core/hyperparameters.js";
export type {
  CombinedState,
  LiveGroup,
  Optimizer,
  ParamGroup,
  StepOptions,
  WrapperState,
} from "./optim/core/optimizer.js";
export type {
  Counted,
  Member,
  Operands,
  Ops,
  Pass,
  Rule,
  Scheduled,
  StepContext,
} from "./optim/core/rule.js";
export { type OptimizerFactory, optimizer, type RuleOptimizer } from "./optim/core/ruleOptimizer.js";
export type { StateDict } from "./optim/core/state.js";
export { type AdaptiveClipOptions, adaptiveClipGrad } from "./optim/gradients/adaptiveClip.js";
export { centralizeGrads } from "./optim/gradients/centralize.js";
export { type ClipNormOptions, clipGradNorm, clipGradValue } from "./optim/gradients/clip.js";
export * from "./optim/index.js";
export { type FactoredModel, type Kfac, type KfacHyper, kfac } from "./optim/kfac.js";
export { type MuonWithOptions, muonWith } from "./optim/muonWith.js";
export type { HessianFactory, HessianOptimizer } from "./optim/shared/hessianOptimizer.js";
export { type Accumulate, accumulate } from "./optim/wrappers/accumulate.js";
export {
  type AverageState,
  type EmaOptions,
  ema,
  type SwaOptions,
  swa,
  type WeightAverage,
} from "./optim/wrappers/averages.js";
export { type Combined, combine } from "./optim/wrappers/combine.js";
export { type Lookahead, type LookaheadOptions, lookahead } from "./optim/wrappers/lookahead.js";
export { type Sam, type SamOptions, sam } from "./optim/wrappers/sam.js";
export type { Schedule } from "./schedule/schedule.js";
export { type Batch, type Batches, type BatchOptions, type BatchPosition, batches } from "./train/batches.js";
export {
  type Checkpoint,
  type Checkpointed,
  loadCheckpoint,
  readCheckpoint,
  type Stateful,
  saveCheckpoint,
} from "./train/checkpoint.js";
export { DivergedError } from "./train/divergedError.js";
export { type EvaluateOptions, type Evaluation, evaluate, type PredictOptions, predict } from "./train/evaluate.js";
export { type GradientNoise, type GradientNoiseOptions, gradientNoise } from "./train/gradientNoise.js";
export type { Data, Rows } from "./train/loadData.js";
export {
  type ClassificationMeasures,
  type ClassMeasures,
  classificationMeasures,
  type RegressionMeasures,
  regressionMeasures,
} from "./train/measures.js";
export type {
  Averages,
  CheckpointOptions,
  EarlyStopping,
  EpochReport,
  History,
  StepReport,
  TrainOptions,
} from "./train/options.js";
export { decodeSafetensors, encodeSafetensors, type SafeTensor, type SafeTensors } from "./train/safetensors.js";
export { type StateJson, stateDictFromJSON, stateDictToJSON } from "./train/stateJson.js";
export { train } from "./train/train.js";
export {
  type Layout,
  type LoadWeightsOptions,
  loadWeights,
  type SaveWeightsOptions,
  saveWeights,
} from "./train/weights.js";

export { schedules }; // not `export * as`, which Metro cannot read
