import { rangeError, typeError } from "../check.js";

/**
 * Why a minimisation ended.
 *
 * - "gradient", "step", "value": that tolerance is met.
 * - "precision": no lower point can be told from this one in f64.
 * - "evaluations", "steps": there were as many as allowed.
 * - "notFinite": every step, however short, led to NaN or an infinity.
 * - "threw": so did the function, or it threw; `error` is what it threw.
 * - "cancelled": `onStep` returned false.
 */
export type StopReason =
  | "gradient"
  | "step"
  | "value"
  | "precision"
  | "evaluations"
  | "steps"
  | "notFinite"
  | "threw"
  | "cancelled";

/** Where a minimisation is after a step. */
export interface MinimizeStep {
  /** The point: a view that the next step overwrites. */
  readonly x: Float64Array;
  value: number;
  /** The largest magnitude in the gradient. */
  gradientNorm: number;
  steps: number;
  evaluations: number;
}

/** Where a minimisation ended, and why. */
export interface MinimizeResult extends MinimizeStep {
  reason: StopReason;
  /** What the function threw, with the reason "threw". */
  error?: unknown;
}

/** When a minimisation ends, and who watches it. */
export interface StopOptions {
  /** Ends it when no element of the gradient is larger than this. */
  gradientTolerance?: number;
  /** Ends it after a step that changes no element by more than this, as a share of the largest element (at least 1). */
  stepTolerance?: number;
  /** Ends it after a step that lowers the value by no more than this, as a share of the value (at least 1). */
  valueTolerance?: number;
  /** The most evaluations of the function. */
  maxEvaluations?: number;
  /** Called after every step. Returns false to end. What it throws ends the call. */
  onStep?: (step: MinimizeStep) => unknown;
}

/** A copy of the start. Throws unless it is a list of finite numbers, and not empty. */
export function startOf(x0: ArrayLike<number>): Float64Array {
  const { length } = (x0 ?? {}) as { length?: unknown };
  if (typeof x0 !== "object" || !isLength(length)) throw typeError("x0", "an array of numbers", x0);
  if (length === 0) throw rangeError("x0", "at least one number", x0);
  for (let i = 0; i < length; i++) checkFinite(`x0[${i}]`, x0[i]);
  return Float64Array.from(x0);
}

/** Whether this is the length of an array. */
export const isLength = (length: unknown): length is number => Number.isInteger(length) && (length as number) >= 0;

/** Refuses options that make no sense, whatever the method. */
export function checkStop(o: StopOptions): void {
  for (const name of ["gradientTolerance", "stepTolerance", "valueTolerance"] as const) {
    const value = o[name];
    if (value === undefined) continue;
    checkFinite(name, value);
    if (value < 0) throw rangeError(name, "a finite number ≥ 0", value);
  }
  const { maxEvaluations, onStep } = o;
  if (maxEvaluations !== undefined) {
    if (typeof maxEvaluations !== "number") throw typeError("maxEvaluations", "a whole number ≥ 1", maxEvaluations);
    if (!(maxEvaluations >= 1) || (maxEvaluations !== Number.POSITIVE_INFINITY && !Number.isInteger(maxEvaluations)))
      throw rangeError("maxEvaluations", "a whole number ≥ 1", maxEvaluations);
  }
  if (onStep !== undefined) checkFunction("onStep", onStep);
}

export function checkFunction(name: string, value: unknown): void {
  if (typeof value !== "function") throw typeError(name, "a function", value);
}

/** As `checkNumber` of check.ts, which refuses what f32 cannot hold. */
export function checkFinite(name: string, value: unknown): void {
  if (typeof value !== "number") throw typeError(name, "a finite number", value);
  if (!Number.isFinite(value)) throw rangeError(name, "a finite number", value);
}

/** The largest magnitude; NaN if there is one. */
export function largest(x: Float64Array): number {
  let most = 0;
  for (let i = 0; i < x.length; i++) {
    const size = Math.abs(x[i]);
    if (!(size <= most)) most = size;
    if (Number.isNaN(size)) return size;
  }
  return most;
}

export function dot(x: Float64Array, y: Float64Array): number {
  let total = 0;
  for (let i = 0; i < x.length; i++) total += x[i] * y[i];
  return total;
}

/** x², without Math.pow, whose last bits differ between engines. */
export const square = (x: number): number => x * x;
