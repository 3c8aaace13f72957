import { checkOneOf, checkWhole, rangeError } from "../../check.js";
import type { Engine } from "../../engine/engine.js";
import { type Hold, holder } from "../../host/holding.js";
import { greatest } from "../../math/extremes.js";
import { exp } from "../../math/f64.js";
import { random } from "../../math/random.js";
import type { Model } from "../../nn/sequential.js";
import { answered, encoded, familyTreesNetwork, INPUTS, OUTPUTS, personUnits, UNITS } from "./network.js";
import { PEOPLE } from "./people.js";
import { type Probe, probe, TRAIT_NAMES, type Trait, varianceBetween } from "./probes.js";
import { QUESTIONS, type Question, RELATIONSHIPS } from "./questions.js";
import { SETTINGS, type Settings, type SettingsName } from "./settings.js";

export interface FamilyTreesOptions {
  settings: SettingsName;
  /** Of the initial weights, and of the questions that are held out. */
  seed: number;
  /** Questions to learn, 1 to 100; the rest of the 104 is held out. Default 100. */
  questions?: number;
  /** Sweeps over these questions. Default: those of the settings. */
  sweeps?: number;
}

/** The state of learning after some sweeps. */
export interface Point {
  sweep: number;
  /** Questions answered right, of those learnt and of those held out. */
  right: number;
  heldOutRight: number;
}

/** What a network says to a question that it has not learnt. */
export interface Answer {
  person: string;
  relationship: string;
  answers: string[];
  /** The strongest outputs, as many as there are answers: in [0, 1], from a sigmoid or a softmax over the people. */
  given: { name: string; output: number }[];
  right: boolean;
}

/** The outcome of an experiment. */
export interface FamilyTreesOutcome {
  settings: SettingsName;
  seed: number;
  questions: number;
  sweeps: number;
  /** The error before the first sweep and after each. */
  errors: number[];
  /** Learning, from before the first sweep to the end, in some 50 steps. */
  curve: Point[];
  heldOut: Answer[];
  /** Weights from each person, and from each relationship, to their six units, and the units' biases. */
  people: { weights: number[][]; bias: number[] };
  relationships: { weights: number[][]; bias: number[] };
  /** Whether a linear probe reads a trait from the person units; `untrained`: before the first sweep, as a control. */
  probes: Record<Trait, Probe & { untrained: Probe }>;
  /** For each person unit, the share of its variance that lies between the classes of each trait. */
  units: Record<Trait, number>[];
  /** The final parameters, layer by layer, weight before bias. */
  parameters: { data: Float32Array }[];
  seconds: number;
}

/** Questions that the paper's network learns; it is asked the other four. */
export const LEARNT = 100;
/** Points of a learning curve after its first. */
const POINTS = 50;

/**
 * Trains the network of the family trees on some of the 104 questions and asks it the rest, in full batches: one sweep is
 * one step. It is a generator, so that a command can show how learning goes, and stop it: it yields the points of the
 * curve and returns the outcome. {@link familyTreesExperiment} runs it to the end.
 *
 * Hinton 1986; Rumelhart, Hinton & Williams, Learning representations by back-propagating errors, Nature 323, 1986, fig.
 * 2–4.
 * @throws TypeError or RangeError for options that do not fit
 */
export function* familyTreesRun(engine: Engine, options: FamilyTreesOptions): Generator<Point, FamilyTreesOutcome> {
  const [hold, release] = holder();
  try {
    return yield* held(hold, engine, options);
  } finally {
    release();
  }
}

function* held(hold: Hold, engine: Engine, options: FamilyTreesOptions): Generator<Point, FamilyTreesOutcome> {
  const { settings: name, seed, questions: count = LEARNT } = options;
  checkOneOf("settings", name, Object.keys(SETTINGS));
  const settings: Settings = SETTINGS[name];
  checkWhole("questions", count);
  if (count > LEARNT) throw rangeError("questions", `a whole number from 1 to ${LEARNT}`, count);
  const { sweeps = settings.sweeps } = options;
  checkWhole("sweeps", sweeps);
  let seconds = 0;
  let resumed = performance.now();

  const generator = random(seed);
  const order = Int32Array.from(QUESTIONS.keys());
  generator.shuffle(order);
  const all = Array.from(order, (i) => QUESTIONS[i]);
  const model = hold(familyTreesNetwork(engine, settings, Math.floor(generator.uniform() * 2 ** 32)));
  const optimizer = hold(settings.optimizer(model.parameters(), sweeps));
  const { x: inputs, shares: allShares } = encoded(all);
  const shares = allShares.subarray(0, count * OUTPUTS);
  const x = hold(engine.tensor([count, INPUTS], inputs.subarray(0, count * INPUTS)));
  const target = hold(engine.tensor([count, OUTPUTS], shares));
  const everything = hold(engine.tensor([all.length, INPUTS], inputs));

  const untrained = personUnits(model);
  const errors: number[] = [];
  const curve: Point[] = [];
  const every = Math.max(1, Math.floor(sweeps / POINTS));
  for (let sweep = 0; ; sweep++) {
    if (sweep === sweeps || sweep % every === 0) {
      const point = { sweep, ...score() };
      curve.push(point);
      seconds += performance.now() - resumed;
      yield point;
      resumed = performance.now();
    }
    const { value, grad } = settings.error(model.forward(x), target, shares);
    errors.push(value);
    if (sweep === sweeps) break;
    model.backward(grad, { inputGrad: false });
    optimizer.step(undefined, { zeroGrad: true });
  }
  const outputs = model.forward(everything).data;
  const heldOut = all.slice(count).map((question, i) => answerOf(question, row(outputs, count + i), settings));
  const parameters = model.parameters().map(({ data }) => ({ data: data.slice() }));
  const [people, peopleBias, relationships, relationshipsBias] = parameters.map(({ data }) => [...data]);
  const found = { ...encodingOf(engine, model, untrained), heldOut, parameters };
  return {
    ...{ settings: name, seed, questions: count, sweeps, errors, curve },
    people: { weights: rows(people, PEOPLE.length), bias: peopleBias },
    relationships: { weights: rows(relationships, RELATIONSHIPS.length), bias: relationshipsBias },
    ...found,
    seconds: (seconds + performance.now() - resumed) / 1000,
  };

  function score(): { right: number; heldOutRight: number } {
    const outputs = model.forward(everything).data;
    const right = all.map((question, i) => Number(answered(question, row(outputs, i))));
    const sum = (some: number[]) => some.reduce((total, one) => total + one, 0);
    return { right: sum(right.slice(0, count)), heldOutRight: sum(right.slice(count)) };
  }
}

/** Runs the experiment to its end. */
export function familyTreesExperiment(engine: Engine, options: FamilyTreesOptions): FamilyTreesOutcome {
  const run = familyTreesRun(engine, options);
  for (;;) {
    const { done, value } = run.next();
    if (done) return value;
  }
}

const row = (outputs: Float32Array, i: number): Float32Array => outputs.subarray(i * OUTPUTS, (i + 1) * OUTPUTS);
const rows = (weights: number[], count: number): number[][] =>
  Array.from({ length: count }, (_, i) => weights.slice(i * UNITS, (i + 1) * UNITS));

function answerOf(question: Question, outputs: Float32Array, { logits }: Settings): Answer {
  const { person, relationship, answers } = question;
  const values = logits ? softmax(outputs) : [...outputs];
  const strongest = [...values.keys()].sort((a, b) => values[b] - values[a]).slice(0, answers.length);
  return {
    person: person.name,
    relationship,
    answers: answers.map(({ name }) => name),
    given: strongest.map((i) => ({ name: PEOPLE[i].name, output: values[i] })),
    right: answered(question, outputs),
  };
}

function softmax(logits: Float32Array): number[] {
  const most = greatest(logits);
  const powers = Array.from(logits, (logit) => exp(logit - most));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

function encodingOf(engine: Engine, model: Model, before: readonly number[][]) {
  const after = personUnits(model);
  const of = <T>(what: (trait: Trait) => T) =>
    Object.fromEntries(TRAIT_NAMES.map((trait) => [trait, what(trait)])) as Record<Trait, T>;
  const probes = of((trait) => ({ ...probe(engine, after, trait), untrained: probe(engine, before, trait) }));
  const unit = (u: number) => after.map((activities) => activities[u]);
  const units = Array.from({ length: UNITS }, (_, u) => of((trait) => varianceBetween(unit(u), trait)));
  return { probes, units };
}
