import type { Engine } from "../../engine/engine.js";
import type { Tensor } from "../../engine/tensor.js";
import { type Hold, holding } from "../../host/holding.js";
import { concat } from "../../nn/concat.js";
import { dense } from "../../nn/dense.js";
import { type Model, sequential } from "../../nn/sequential.js";
import { PEOPLE } from "./people.js";
import { type Question, RELATIONSHIPS } from "./questions.js";
import type { Settings } from "./settings.js";

/** Units that each person and each relationship is encoded in. */
export const UNITS = 6;
const JOINED = 12;
export const INPUTS = PEOPLE.length + RELATIONSHIPS.length;
export const OUTPUTS = PEOPLE.length;

/** The network: person 24 → 6 and relationship 12 → 6, side by side 12 → 12 → 6 → 24. */
export function familyTreesNetwork(engine: Engine, { activation, init, last }: Settings, seed: number): Model {
  const [hidden, output] = init;
  const to = (inputs: number, outputs: number) => [dense(inputs, outputs, { init: hidden }), activation()];
  const encoders = [to(PEOPLE.length, UNITS), to(RELATIONSHIPS.length, UNITS)];
  const layers = [
    concat(encoders, { inputs: [PEOPLE.length, RELATIONSHIPS.length] }),
    ...to(2 * UNITS, JOINED),
    ...to(JOINED, UNITS),
    dense(UNITS, OUTPUTS, { init: output }),
    ...last,
  ];
  return sequential(engine, layers, { seed });
}

/** Questions as rows of the input, and as rows that divide 1 among the people who are the answers. */
export function encoded(questions: readonly Question[]): { x: Float32Array; shares: Float32Array } {
  const x = new Float32Array(questions.length * INPUTS);
  const shares = new Float32Array(questions.length * OUTPUTS);
  for (const [row, { person, relationship, answers }] of questions.entries()) {
    x[row * INPUTS + PEOPLE.indexOf(person)] = 1;
    x[row * INPUTS + PEOPLE.length + RELATIONSHIPS.indexOf(relationship)] = 1;
    for (const answer of answers) shares[row * OUTPUTS + PEOPLE.indexOf(answer)] = 1 / answers.length;
  }
  return { x, shares };
}

/** Whether every answer to a question is stronger than everybody else: the k strongest outputs are the k answers. */
export function answered({ answers }: Question, outputs: ArrayLike<number>): boolean {
  let weakest = Number.POSITIVE_INFINITY;
  let strongest = Number.NEGATIVE_INFINITY;
  for (const [i, person] of PEOPLE.entries()) {
    if (answers.includes(person)) weakest = Math.min(weakest, outputs[i]);
    else strongest = Math.max(strongest, outputs[i]);
  }
  return weakest > strongest; // false if one is NaN
}

/** The activities of the six person units for each person, [24, 6], row by row. */
export function personUnits(model: Model): number[][] {
  return holding((hold) => held(hold, model));
}

function held(hold: Hold, model: Model): number[][] {
  const x = new Float32Array(PEOPLE.length * INPUTS);
  for (let i = 0; i < PEOPLE.length; i++) x[i * INPUTS + i] = 1;
  const people: Tensor = hold(model.engine.tensor([PEOPLE.length, INPUTS], x));
  const kept = model.keepActivations;
  model.keepActivations = true;
  model.forward(people);
  const data = [...model.inspect().find(({ name }) => name.startsWith("0.0.1."))!.output!.data];
  model.keepActivations = kept;
  return PEOPLE.map((_, i) => data.slice(i * UNITS, (i + 1) * UNITS));
}
