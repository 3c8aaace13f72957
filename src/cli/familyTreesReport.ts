/** What `thalweg family-trees` prints. */
import type { Answer, FamilyTreesOutcome } from "../experiments/familyTrees/experiment.js";
import { UNITS } from "../experiments/familyTrees/network.js";
import { PEOPLE } from "../experiments/familyTrees/people.js";
import { GROUPS, largestOf } from "../experiments/familyTrees/picture.js";
import { TRAIT_NAMES } from "../experiments/familyTrees/probes.js";
import { QUESTIONS } from "../experiments/familyTrees/questions.js";
import { SETTINGS, type SettingsName } from "../experiments/familyTrees/settings.js";
import { lossCurve } from "./chart.js";
import { columned } from "./columns.js";
import { labelled } from "./labelledRows.js";
import { sha256 } from "./parameterHash.js";
import { padded, textColumns, wrapped } from "./terminal.js";

const count = (n: number): string => n.toLocaleString("en-US");

/** What is run. */
export function headOf(names: readonly SettingsName[], questions: number, seeds: string): string[] {
  const asked = QUESTIONS.length - questions;
  return [
    "Family trees (Rumelhart, Hinton & Williams, Nature 323, 1986)",
    `24 people, 12 relationships, ${QUESTIONS.length} questions: ${questions} learnt, ${asked} held out`,
    seeds,
    "",
    ...labelled(
      names.map((name) => [name, `${SETTINGS[name].title}: ${SETTINGS[name].words}`]),
      textColumns(),
    ),
    "",
  ];
}

/** Several settings on one seed. */
export function sideBySide(outcomes: readonly FamilyTreesOutcome[]): string[] {
  const row = (label: string, of: (outcome: FamilyTreesOutcome) => string) => [label, ...outcomes.map(of)];
  const table = [
    row("sweeps", ({ sweeps }) => count(sweeps)),
    row("learnt, right", learnt),
    row("… first all right after", allRightAfter),
    row("… over the sweeps", ({ curve, questions }) => sparkline(curve.map(({ right }) => right / questions))),
    row("held out, right", ({ heldOut }) => rightOf(heldOut)),
    ...TRAIT_NAMES.map((trait) => row(`${trait}, a probe tells`, ({ probes }) => `${probes[trait].right}/24`)),
    ...TRAIT_NAMES.map((trait) => row(`${trait}, untrained`, ({ probes }) => `${probes[trait].untrained.right}/24`)),
    row("seconds", ({ seconds }) => seconds.toFixed(1)),
  ];
  const shown = outcomes.find(({ settings }) => settings === "paper") ?? outcomes[0];
  return [
    ...columned(["", ...outcomes.map(({ settings }) => settings)], table, { right: outcomes.map((_, i) => i + 1) }),
    "",
    ...heldOut(outcomes),
    "",
    ...encoding(shown),
  ];
}

/** One setting on one seed. */
export function oneInFull(outcome: FamilyTreesOutcome): string[] {
  const { settings, sweeps, errors, seconds } = outcome;
  const measure = SETTINGS[settings].logits ? "Cross-entropy" : "Half squared error";
  const after = allRightAfter(outcome);
  return [
    ...lossCurve({ losses: errors }, 0, { title: `${measure} after each of ${count(sweeps)} sweeps`, xLabel: "sweep" }),
    "",
    ...labelled([
      ["Learnt, right", `${learnt(outcome)}${after === "never" ? "" : `, first all after ${after} sweeps`}`],
      ["Held out, right", rightOf(outcome.heldOut)],
      ["Time", `${seconds.toFixed(1)} s`],
    ]),
    "",
    ...heldOut([outcome]),
    "",
    ...encoding(outcome),
  ];
}

const learnt = ({ curve, questions }: FamilyTreesOutcome): string => `${curve.at(-1)!.right}/${questions}`;
const rightOf = (answers: readonly Answer[]): string =>
  `${answers.filter(({ right }) => right).length}/${answers.length}`;

/** The first point of the curve from which on everything learnt is right. */
function allRightAfter({ curve, questions }: FamilyTreesOutcome): string {
  let first = curve.length;
  while (first > 0 && curve[first - 1].right === questions) first--;
  return first === curve.length ? "never" : count(curve[first].sweep);
}

const BARS = "▁▂▃▄▅▆▇█";
const SPARKS = 14;

/** Shares from 0 to 1, as so many bars. */
function sparkline(shares: readonly number[]): string {
  const picked = Array.from({ length: SPARKS }, (_, i) => shares[Math.round((i * (shares.length - 1)) / (SPARKS - 1))]);
  return picked.map((share) => BARS[Math.min(BARS.length - 1, Math.floor(share * BARS.length))]).join("");
}

/** Held-out questions that are printed: with few learnt, the rest are many. */
const MOST = 8;

/** The held-out questions, with who is taken for the answer. */
function heldOut(outcomes: readonly FamilyTreesOutcome[]): string[] {
  const [{ heldOut: asked }] = outcomes;
  const rows = asked.slice(0, MOST).flatMap(({ person, relationship, answers }, i) =>
    outcomes.map(({ settings, heldOut }, k) => {
      const { given, right } = heldOut[i];
      const names = given.map(({ name, output }) => (outcomes.length > 1 ? name : `${name} ${output.toFixed(2)}`));
      const question = `${person}'s ${relationship}${answers.length > 1 ? "s" : ""}`;
      const start = k === 0 ? [question, answers.join(", ")] : ["", ""];
      const said = outcomes.length > 1 && right ? "right" : names.join(", ");
      return outcomes.length > 1 ? [...start, settings, said] : [...start, right ? "right" : "wrong", said];
    }),
  );
  const left = asked.length - MOST;
  return [
    ...columned(["held out", "answer", "", "strongest output"], rows, { within: textColumns() }),
    ...(left > 0 ? [`… and ${left} more, which --json has`] : []),
  ];
}

/** Sizes from which on a weight has the larger and the smaller symbol, as shares of the largest. */
const LARGE = 0.5;
const SMALL = 0.15;

function symbol(share: number): string {
  const size = Math.abs(share);
  if (!(size >= SMALL)) return "·";
  return share > 0 ? (size >= LARGE ? "●" : "•") : size >= LARGE ? "○" : "◦";
}

/** The Hinton diagram of the person units, and what they tell. */
function encoding(outcome: FamilyTreesOutcome): string[] {
  const { settings, people, units, probes } = outcome;
  const largest = largestOf(outcome);
  const weights = (i: number) => people.weights[i].map((w) => symbol(w / largest)).join(" ");
  const numbers = units.map((_, u) => u + 1).join(" ");
  const lines = GROUPS.flatMap(({ title, pairs }) =>
    pairs.map(([one, italian], i) =>
      [
        padded(i === 0 ? title : "", 22),
        ...[one, italian].map((person) => `${padded(person.name, 12)}${weights(PEOPLE.indexOf(person))}   `),
      ].join(""),
    ),
  );
  const cells = TRAIT_NAMES.map((trait) => [
    trait,
    ...units.map((unit) => `${Math.round(100 * unit[trait])} %`),
    `${probes[trait].right}/24`,
    `${probes[trait].untrained.right}/24`,
  ]);
  const words =
    `Weights from each person to the six person units, ${settings}: ● • above 0, ○ ◦ below, ` +
    `● ○ at least ${LARGE} of the largest (${largest.toPrecision(2)}), · less than ${SMALL}`;
  const traits =
    "The share of each unit's variance over the people that lies between the classes of a trait, and people of whom a " +
    "softmax regression on all six units tells it, after training and before";
  return [
    ...wrapped(words, textColumns()),
    "",
    `${padded("", 22)}${padded("unit", 12)}${numbers}   ${padded("", 12)}${numbers}`,
    ...lines.map((each) => each.trimEnd()),
    "",
    ...wrapped(traits, textColumns()),
    "",
    ...columned(["", ...units.map((_, u) => `unit ${u + 1}`), "probe", "untrained"], cells, {
      right: Array.from({ length: UNITS + 2 }, (_, i) => i + 1),
    }),
  ];
}

const CELL = 16;

/** The head of a table with a line for each seed, which is printed when it is there. */
export const seedHead = (names: readonly SettingsName[]): string[] => [
  ...wrapped(
    "Learnt, right; held out, right; and traits that a softmax regression on the person units reads of all 24 people: N nationality, G generation, B branch",
    textColumns(),
  ),
  "",
  `  seed${names.map((name) => padded(name, CELL, true)).join("")}`,
];

/** The line of a seed. */
export function seedLine(outcomes: readonly FamilyTreesOutcome[]): string {
  const cells = outcomes.map((outcome) => {
    const traits = TRAIT_NAMES.map((trait) => (outcome.probes[trait].separated ? trait[0].toUpperCase() : "·"));
    const { curve, heldOut } = outcome;
    return `${curve.at(-1)!.right} ${rightOf(heldOut)} ${traits.join("")}`;
  });
  return `${padded(String(outcomes[0].seed), 6, true)}${cells.map((cell) => padded(cell, CELL, true)).join("")}`;
}

/** What all seeds come to. */
export function seedSummary(names: readonly SettingsName[], outcomes: readonly FamilyTreesOutcome[]): string[] {
  const asked = outcomes[0].heldOut.length;
  const of = (name: SettingsName) => outcomes.filter(({ settings }) => settings === name);
  const share = (runs: readonly boolean[]) => `${((100 * runs.filter(Boolean).length) / runs.length).toFixed(0)} %`;
  const right = ({ heldOut }: FamilyTreesOutcome) => heldOut.filter((answer) => answer.right).length;
  const rows = [
    ["runs with all learnt right", ...names.map((name) => share(of(name).map(all)))],
    [
      "held-out questions right",
      ...names.map((name) => share(of(name).flatMap(({ heldOut }) => heldOut.map((a) => a.right)))),
    ],
    ...(asked > MOST
      ? []
      : Array.from({ length: asked + 1 }, (_, k) => [
          `runs with ${k} of ${asked} right`,
          ...names.map((name) => String(of(name).filter((outcome) => right(outcome) === k).length)),
        ])),
    ...TRAIT_NAMES.map((trait) => [
      `runs whose units tell ${trait}`,
      ...names.map((name) => share(of(name).map(({ probes }) => probes[trait].separated))),
    ]),
    ...TRAIT_NAMES.map((trait) => [
      `… ${trait}, untrained`,
      ...names.map((name) => share(of(name).map(({ probes }) => probes[trait].untrained.separated))),
    ]),
  ];
  return ["", ...columned(["", ...names], rows, { right: names.map((_, i) => i + 1) })];
}

const all = ({ curve, questions }: FamilyTreesOutcome): boolean => curve.at(-1)!.right === questions;

/** What `--json` prints. */
export function data(outcomes: readonly FamilyTreesOutcome[]) {
  const runs = outcomes.map(({ parameters, errors, curve, heldOut, ...rest }) => ({
    ...rest,
    error: errors.at(-1),
    right: curve.at(-1)!.right,
    heldOutRight: curve.at(-1)!.heldOutRight,
    heldOut,
    curve,
    parametersSha256: sha256(parameters),
  }));
  return { people: PEOPLE.map(({ name }) => name), runs };
}
