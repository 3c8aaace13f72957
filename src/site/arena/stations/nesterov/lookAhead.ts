/** The steps of Nesterov's gradient with the point at which each took its gradient, as the library chose it. */
import type { Engine } from "../../../../index.js";
import type { Landscape } from "../../../../landscape/index.js";
import { gradientsOf, type TraceStep, trace } from "../../lab/trace.js";

export interface LookAhead extends TraceStep {
  /** Where momentum leads, and where the gradient was taken. */
  readonly ahead: readonly number[];
  /** Where a step of plain gradient descent from the same point ends: momentum corrects by that much. */
  readonly plain: readonly number[];
}

export function lookAhead(
  engine: Engine,
  landscape: Landscape,
  hyper: { readonly lr: number; readonly momentum: number },
  start: readonly number[],
  steps: number,
): LookAhead[] {
  const gradients = gradientsOf(landscape);
  const ahead: number[][] = [];
  const taken = trace(engine, "nag", hyper, start, steps, (at, step, out) => {
    ahead.push(Array.from(at));
    return gradients(at, step, out);
  });
  // A step of gradient descent from each of the points: sgd keeps nothing of the step before, so that its point can be put anywhere.
  const plain = trace(engine, "sgd", { lr: hyper.lr }, start, taken.length, (at, step, out) => {
    (at as Float32Array).set(taken[step].from);
    return gradients(at, step, out);
  });
  const gone = start.map(() => Number.POSITIVE_INFINITY); // beyond the numbers, where that trace ends
  return taken.map((each, i) => ({ ...each, ahead: ahead[i], plain: plain[i]?.to ?? gone }));
}
