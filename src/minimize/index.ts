/** The entry `thalweg/minimize`: minimization in double precision, of functions and of sums of squares. It needs no engine. */
export { type MinimizeLbfgsOptions, minimizeLbfgs, type ValueAndGradient } from "./lbfgs.js";
export { type LeastSquaresOptions, type LeastSquaresResult, leastSquares } from "./leastSquares.js";
export type { Jacobian, Residuals } from "./residuals.js";
export type { MinimizeResult, MinimizeStep, StopOptions, StopReason } from "./result.js";
