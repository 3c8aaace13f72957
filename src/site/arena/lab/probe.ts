/** What an optimizer of the library does with a list of gradients of one parameter, each step from 0 so that it is exact. */
import type { Engine, Optimizer, StateDict } from "../../../index.js";
import { type Gradients, trace } from "./trace.js";

export interface Probed {
  /** What the step subtracts from the parameter. */
  readonly update: number;
  /** The first number of each slot after the step. */
  readonly slots: Readonly<Record<string, number>>;
}

export function probe(
  engine: Engine,
  name: string,
  hyper: object,
  gradients: readonly number[],
  ready?: (optimizer: Optimizer) => void,
): Probed[] {
  const given: Gradients = (at, step, out) => {
    (at as Float32Array)[0] = 0;
    out[0] = gradients[step];
    return 0;
  };
  const steps = trace(engine, name, { ...hyper }, [0], gradients.length, given, ready);
  const names = Object.keys(steps[0]?.slots ?? {});
  return steps.map(({ to, slots }) => {
    const first: Record<string, number> = {};
    for (const name of names) first[name] = slots[name][0];
    return { update: to[0] === 0 ? 0 : -to[0], slots: first };
  });
}

/** A moving average without its start at 0, m / (1 − β^t): the step of momentum in the library's form of one, at rate 1. */
export const corrected = (engine: Engine, beta: number, values: readonly number[]): number[] =>
  probe(engine, "momentum", { lr: 1, momentum: beta, variant: "ema", biasCorrection: true }, values).map(
    ({ update }) => update,
  );

/**
 * Takes the bias correction from an Adam that has not stepped yet. It divides by 1 − β₁ᵗ and 1 − β₂ᵗ, of which its state holds the
 * powers; with powers of 0, as after endlessly many steps, it divides by 1.
 */
export function withoutCorrection(adam: Optimizer): void {
  const state = adam.stateDict() as StateDict;
  state.groups[0].scalars = { beta1Power: 0, beta2Power: 0 };
  adam.loadStateDict(state);
}
