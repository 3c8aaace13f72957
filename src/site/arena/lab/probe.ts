/** What an optimizer of the library does with a list of gradients of one parameter, each step from 0 so that it is exact. */
import type { Engine } from "../../../index.js";
import { trace } from "./trace.js";

export interface Probed {
  /** What the step subtracts from the parameter. */
  readonly update: number;
  /** The first number of each slot after the step. */
  readonly slots: Readonly<Record<string, number>>;
}

export function probe(engine: Engine, name: string, hyper: object, gradients: readonly number[]): Probed[] {
  const steps = trace(engine, name, { ...hyper }, [0], gradients.length, (at, step, out) => {
    (at as Float32Array)[0] = 0;
    out[0] = gradients[step];
    return 0;
  });
  return steps.map(({ to, slots }) => ({
    update: to[0] === 0 ? 0 : -to[0],
    slots: Object.fromEntries(Object.entries(slots).map(([slot, values]) => [slot, values[0]])),
  }));
}

/** A moving average without its start at 0, m / (1 − β^t): the step of momentum in the library's form of one, at rate 1. */
export const corrected = (engine: Engine, beta: number, values: readonly number[]): number[] =>
  probe(engine, "momentum", { lr: 1, momentum: beta, variant: "ema", biasCorrection: true }, values).map(
    ({ update }) => update,
  );
