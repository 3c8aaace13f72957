/** Every schedule, one line for each file. The main entry exports them as `schedules`; a bundler drops those not used. */
export { join, product, type WarmupOptions, type WsdOptions, warmup, wsd } from "./compose.js";
export { type CosineOptions, type CosineRestartsOptions, cosine, cosineRestarts } from "./cosine.js";
export { type CycleSchedule, type CyclicOptions, cyclic, type OneCycleOptions, oneCycle } from "./cycle.js";
export {
  demon,
  type ExponentialOptions,
  exponential,
  type InverseSqrtOptions,
  type InverseTimeOptions,
  inverseSqrt,
  inverseTime,
  type LinearOptions,
  linear,
  type NoamOptions,
  noam,
  type PolynomialOptions,
  polynomial,
} from "./decay.js";
export { constant, type MultiStepOptions, multiStep, type StepDecayOptions, stepDecay } from "./piecewise.js";
export { type PlateauOptions, type PlateauSchedule, type PlateauState, reduceOnPlateau } from "./plateau.js";
export { type PointsOptions, points } from "./points.js";
export { overRun, type RunOptions, type RunShape } from "./run.js";
