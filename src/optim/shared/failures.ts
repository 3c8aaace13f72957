import type { Doubles } from "../../engine/doubles.js";
import type { Shape } from "../../engine/tensor.js";

/**
 * Slots in which each parameter counts what went wrong with its matrices. "damped": one was not positive definite, and was
 * made so. "failed": one was not finite, or not decomposed, and the last good result stays.
 */
export const FAILURES: Record<"damped" | "failed", Shape> = { damped: [1], failed: [1] };

/** The count of all parameters, for `opt.report`. */
export const counted = (doubles: readonly Record<string, Doubles>[], name: keyof typeof FAILURES): number =>
  doubles.reduce((total, slots) => total + (slots[name]?.data[0] ?? 0), 0);
