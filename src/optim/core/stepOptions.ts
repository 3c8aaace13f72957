import { checkBoolean, checkKeys, checkNumber, checkPositive, rangeError, typeError } from "../../check.js";
import type { StepOptions } from "./optimizer.js";

export const NO_OPTIONS: StepOptions = Object.freeze({});
const KEYS = ["gradScale", "clipNorm", "zeroGrad"];

/** Checks the arguments of `step`, without garbage. `inRule`: the rule of this name calls the closure itself. */
export function checkStep(name: string, inRule: boolean, closure: unknown, o: StepOptions): void {
  if (closure !== undefined && typeof closure !== "function")
    throw typeError("closure", "a function that returns the loss", closure);
  if (inRule && closure === undefined) {
    throw typeError("closure", `a function that returns the loss, which ${name} needs`, closure);
  }
  if (typeof o !== "object" || o === null) throw typeError("options", "an object of options", o);
  for (const key in o) if (!KEYS.includes(key)) checkKeys("step", o, KEYS);
  if (o.gradScale !== undefined) checkNumber("gradScale", o.gradScale, "a finite number", any);
  if (o.clipNorm !== undefined) checkPositive("clipNorm", o.clipNorm);
  if (o.zeroGrad !== undefined) checkBoolean("zeroGrad", o.zeroGrad);
}

const any = (): boolean => true;

/** Refuses clipNorm for a rule that takes gradients at several points. */
export function checkUnclipped(name: string, o: StepOptions): void {
  if (o.clipNorm === undefined) return;
  throw rangeError("clipNorm", `none with ${name}, which takes gradients at several points`, o.clipNorm);
}
