/** What the person units encode: whether, and which of them, tell people apart by nationality, generation and branch. */

import type { Engine } from "../../engine/engine.js";
import { type Hold, holding } from "../../host/holding.js";
import { softmaxCrossEntropy } from "../../nn/crossEntropy.js";
import { dense } from "../../nn/dense.js";
import { sequential } from "../../nn/sequential.js";
import { adam } from "../../optim/adam.js";
import { BRANCHES, GENERATIONS, NATIONALITIES, PEOPLE } from "./people.js";

/** What a person's place in the trees is, with its classes; the network is told none of it. */
export const TRAITS = { nationality: NATIONALITIES, generation: GENERATIONS, branch: BRANCHES } as const;
export type Trait = keyof typeof TRAITS;
export const TRAIT_NAMES = Object.keys(TRAITS) as readonly Trait[];

/** The number of each person's class. */
const classesOf = (trait: Trait): Int32Array =>
  Int32Array.from(PEOPLE, (person) => (TRAITS[trait] as readonly string[]).indexOf(person[trait]));

/** What a linear probe makes of the units. */
export interface Probe {
  /** Whether a softmax regression on the units gives every person the right class. */
  separated: boolean;
  /** The most people at once that it has right. */
  right: number;
}

/** Steps of a probe; 10,000 separate no more (2 × 100 networks). */
const STEPS = 2000;
const LOOK = 10;

/**
 * Fits a softmax regression on the units' activities to a trait of the 24 people, until it separates them all or its
 * steps are used up. The classes of generation are not in the order of a line, which a regression for each class against
 * the rest, by least squares, would need.
 */
export function probe(engine: Engine, units: readonly (readonly number[])[], trait: Trait, steps = STEPS): Probe {
  return holding((hold) => held(hold, engine, units, trait, steps));
}

function held(hold: Hold, engine: Engine, units: readonly (readonly number[])[], trait: Trait, steps: number): Probe {
  const classes = TRAITS[trait].length;
  const target = classesOf(trait);
  const width = units[0].length;
  const model = hold(sequential(engine, [dense(width, classes, { init: "zeros" })]));
  const optimizer = hold(adam(model.parameters(), { lr: 0.3 }));
  const x = hold(engine.tensor([units.length, width], standardised(units)));
  let most = 0;
  for (let step = 0; step <= steps; step++) {
    const output = model.forward(x);
    if (step % LOOK === 0) {
      most = Math.max(most, rightOf(output.data, target, classes));
      if (most === target.length) break;
    }
    model.backward(softmaxCrossEntropy(output, target).grad, { inputGrad: false });
    optimizer.step(undefined, { zeroGrad: true });
  }
  return { separated: most === target.length, right: most };
}

/** The rows with columns of mean 0 and deviation 1; columns that are constant become 0. */
function standardised(rows: readonly (readonly number[])[]): Float32Array {
  const [count, width] = [rows.length, rows[0].length];
  const out = new Float32Array(count * width);
  for (let j = 0; j < width; j++) {
    const { mean, variance } = moments(rows.map((row) => row[j]));
    const deviation = Math.sqrt(variance);
    for (let i = 0; i < count; i++) out[i * width + j] = deviation > 0 ? (rows[i][j] - mean) / deviation : 0;
  }
  return out;
}

/** Rows whose class has the strongest output of all. */
function rightOf(outputs: Float32Array, target: Int32Array, classes: number): number {
  let right = 0;
  for (let i = 0; i < target.length; i++) {
    const row = outputs.subarray(i * classes, (i + 1) * classes);
    const own = row[target[i]];
    if (row.every((value, c) => c === target[i] || value < own)) right++;
  }
  return right;
}

function moments(values: readonly number[]): { mean: number; variance: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length };
}

/**
 * The share of a unit's variance over the people that lies between the classes of a trait rather than within them (η²,
 * the correlation ratio): 1 for a unit that encodes the trait and nothing else, 0 for a unit that does not vary.
 */
export function varianceBetween(activities: readonly number[], trait: Trait): number {
  const classes = classesOf(trait);
  const all = moments(activities);
  let between = 0;
  for (const c of new Set(classes)) {
    const own = activities.filter((_, i) => classes[i] === c);
    between += own.length * (moments(own).mean - all.mean) ** 2;
  }
  return all.variance > 0 ? between / (activities.length * all.variance) : 0;
}
