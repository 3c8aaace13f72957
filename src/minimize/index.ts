/**
 * The entry `thalweg/minimize`: minimization of functions and of sums of squares, in double precision, or with an optimizer on
 * a js engine of its own.
 */
export type { Bounds } from "./bounds.js";
export type { OptimizerMethod } from "./byOptimizer.js";
export { type MinimizeLbfgsOptions, minimizeLbfgs, type ValueAndGradient } from "./lbfgs.js";
export { type LeastSquaresOptions, type LeastSquaresResult, leastSquares } from "./leastSquares.js";
export { type MinimizeOptions, type MinimizeResultWithPath, minimize } from "./minimize.js";
export type { Evaluated, Objective } from "./objective.js";
export type { Jacobian, Residuals } from "./residuals.js";
export type { MinimizeResult, MinimizeStep, StopOptions, StopReason } from "./result.js";
