/** The family trees as a picture: how they were learnt, and Hinton diagrams of the person units. An SVG, as text. */
import type { FamilyTreesOutcome } from "./experiment.js";
import { BRANCHES, GENERATIONS, PEOPLE, type Person } from "./people.js";
import { TRAIT_NAMES } from "./probes.js";
import { SETTINGS } from "./settings.js";

/** People that stand together in the tree. */
export interface Group {
  title: string;
  /** Each with the Italian in the same place. */
  pairs: (readonly [Person, Person])[];
}

/** The people by generation and branch. */
export const GROUPS: readonly Group[] = GENERATIONS.flatMap((generation) =>
  BRANCHES.flatMap((branch) => {
    const within = (nationality: Person["nationality"]) =>
      PEOPLE.filter((one) => one.nationality === nationality && one.generation === generation && one.branch === branch);
    const italians = within("Italian");
    const pairs = within("English").map((one, i) => [one, italians[i]] as const);
    return pairs.length > 0 ? [{ title: branch === "both" ? generation : `${generation}, ${branch}`, pairs }] : [];
  }),
);

/** The largest size of a weight from a person, which all others are shown against. */
export const largestOf = ({ people }: FamilyTreesOutcome): number =>
  people.weights.flat().reduce((most, w) => Math.max(most, Math.abs(w)), 0);

/** In units of the picture: as wide as a telephone, where one is a pixel. */
const WIDTH = 360;
const LEFT = 12;
const CELL = 15;
const NAME = 74;
const SECOND = 186;
/** Lines of the curves: learnt, by their order; colours that differ in lightness too, for those who see few. */
const DASHES = ["none", "7 3", "2 3"];

const STYLE = `
svg { --paper: #fff; --ink: #1d2733; --faint: #6b7683; --rule: #d5dae0; --plus: #1f5fa8; --minus: #b4500b;
  --line0: #6b7683; --line1: #1f5fa8; --line2: #b4500b; }
@media (prefers-color-scheme: dark) { svg { --paper: #14181d; --ink: #e6eaee; --faint: #9aa5b1; --rule: #3a434d;
  --plus: #7db7f5; --minus: #f0a35e; --line0: #9aa5b1; --line1: #7db7f5; --line2: #f0a35e; } }
text { font: 11px system-ui, sans-serif; fill: var(--ink); }
.title { font-size: 14px; font-weight: 600; } .head { font-size: 12px; font-weight: 600; }
.small { font-size: 10px; fill: var(--faint); } .number { font-size: 10px; text-anchor: middle; } .end { text-anchor: end; }
.plus { fill: var(--plus); } .minus { fill: none; stroke: var(--minus); stroke-width: 1.5; }
.rule { stroke: var(--rule); } .curve { fill: none; stroke-width: 2; stroke-linejoin: round; }`;

/** Elements, and how far down they reach. */
interface Part {
  marks: string[];
  height: number;
}

/**
 * Draws outcomes of one seed, one below the other: their learning curves in one chart, then for each the weights from the
 * people to their six units, as squares whose area is the weight's size, full above 0 and hollow below, and how much each
 * unit and a linear probe on all of them tell. For light and dark surroundings, from 360 pixels of width.
 */
export function familyTreesPicture(outcomes: readonly FamilyTreesOutcome[]): string {
  const [{ seed, questions }] = outcomes;
  const parts = [heading(seed, questions), curves(outcomes), ...outcomes.map(hinton)];
  const marks: string[] = [];
  let at = 0;
  for (const part of parts) {
    marks.push(`<g transform="translate(0 ${at})">`, part.marks.join("\n"), "</g>");
    at += part.height;
  }
  const size = `width="${2 * WIDTH}" height="${2 * at}" viewBox="0 0 ${WIDTH} ${at}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img" style="max-width:100%;height:auto">`,
    `<title>The family trees of 1986, seed ${seed}</title>`,
    `<style>${STYLE}</style>`,
    `<rect width="${WIDTH}" height="${at}" style="fill:var(--paper)"/>`,
    ...marks,
    "</svg>\n",
  ].join("\n");
}

const text = (x: number, y: number, words: string | number, kind = ""): string =>
  `<text x="${round(x)}" y="${round(y)}"${kind && ` class="${kind}"`}>${words}</text>`;
const line = (x1: number, y1: number, x2: number, y2: number): string =>
  `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" class="rule"/>`;
const round = (x: number): number => Math.round(100 * x) / 100;

const heading = (seed: number, questions: number): Part => ({
  marks: [
    text(LEFT, 22, "The family trees of 1986", "title"),
    text(LEFT, 38, `${questions} of 104 questions learnt; seed ${seed}`, "small"),
  ],
  height: 46,
});

/** Questions right, in per cent, over the sweeps of each. */
function curves(outcomes: readonly FamilyTreesOutcome[]): Part {
  const [left, top, wide, high] = [LEFT + 30, 24 + 15 * outcomes.length, WIDTH - 2 * LEFT - 34, 90];
  const y = (share: number) => top + high * (1 - share);
  const marks = [text(LEFT, 12, "Questions learnt that are answered right", "head")];
  for (const share of [0, 0.5, 1]) {
    marks.push(
      line(left, y(share), left + wide, y(share)),
      text(left - 5, y(share) + 4, `${100 * share} %`, "small end"),
    );
  }
  for (const [i, { curve, settings, sweeps, questions }] of outcomes.entries()) {
    const drawn = `class="curve" style="stroke:var(--line${colour(settings)});stroke-dasharray:${DASHES[colour(settings)]}"`;
    const points = curve.map(
      ({ sweep, right }) => `${round(left + (wide * sweep) / sweeps)},${round(y(right / questions))}`,
    );
    marks.push(`<polyline points="${points.join(" ")}" ${drawn}/>`);
    const legend = 26 + 15 * i;
    marks.push(`<polyline points="${LEFT},${legend} ${LEFT + 26},${legend}" ${drawn}/>`);
    marks.push(
      text(LEFT + 32, legend + 4, `${settings}: ${curve.at(-1)!.right} of ${questions} after ${count(sweeps)} sweeps`),
    );
  }
  marks.push(
    text(left, top + high + 14, "first sweep", "small"),
    text(left + wide, top + high + 14, "last sweep", "small end"),
  );
  return { marks, height: top + high + 34 };
}

const colour = (settings: FamilyTreesOutcome["settings"]): number => Object.keys(SETTINGS).indexOf(settings);
const count = (n: number): string => n.toLocaleString("en-US");

function hinton(outcome: FamilyTreesOutcome): Part {
  const { settings, heldOut, people, units, probes } = outcome;
  const largest = largestOf(outcome);
  const right = heldOut.filter((answer) => answer.right).length;
  const marks = [
    text(LEFT, 12, upper(SETTINGS[settings].title), "head"),
    text(LEFT, 27, `${right} of ${heldOut.length} held-out questions right; weights from people to units`, "small"),
  ];
  const legend = (x: number, w: number, words: string) =>
    marks.push(square(x, 38, w), text(x + 11, 42, words, "small"));
  legend(LEFT + 6, 1, "above 0");
  legend(LEFT + 76, -1, "below 0");
  marks.push(text(LEFT + 140, 42, `area: size; the largest is ${largest.toPrecision(2)}`, "small"));
  const cell = (side: number, unit: number) => side + NAME + CELL * (unit + 0.5);
  let y = 60;
  for (const side of [LEFT, SECOND]) for (const u of units.keys()) marks.push(text(cell(side, u), y, u + 1, "number"));
  for (const { title, pairs } of GROUPS) {
    y += 14;
    marks.push(text(LEFT, y, title, "small"), line(LEFT + 112, y - 3, WIDTH - LEFT, y - 3));
    for (const pair of pairs) {
      y += CELL;
      for (const [k, person] of pair.entries()) {
        const side = k === 0 ? LEFT : SECOND;
        marks.push(text(side + NAME - 4, y, person.name, "end"));
        for (const [u, w] of people.weights[PEOPLE.indexOf(person)].entries())
          marks.push(square(cell(side, u), y - 4, largest > 0 ? w / largest : 0));
      }
    }
  }
  y += 22;
  marks.push(
    text(LEFT, y, "Variance of a unit by trait, %", "small"),
    text(SECOND, y, "People a linear probe tells", "small"),
  );
  for (const trait of TRAIT_NAMES) {
    y += CELL;
    marks.push(text(LEFT + NAME - 4, y, trait, "end"));
    for (const [u, unit] of units.entries())
      marks.push(text(cell(LEFT, u), y, Math.round(100 * unit[trait]), "number"));
    const { right, untrained } = probes[trait];
    marks.push(text(SECOND, y, `${right} of 24 (untrained ${untrained.right})`));
  }
  return { marks, height: y + 24 };
}

/** A weight, from -1 to 1. */
function square(x: number, y: number, w: number): string {
  const positive = w >= 0;
  // The line around a hollow square lies half outside it.
  const side = Math.max(1, (CELL - 2) * Math.sqrt(Math.abs(w)) - (positive ? 0 : 1.5));
  const [left, top, wide] = [x - side / 2, y - side / 2, side].map(round);
  return `<rect x="${left}" y="${top}" width="${wide}" height="${wide}" class="${positive ? "plus" : "minus"}"/>`;
}

const upper = (words: string): string => words[0].toUpperCase() + words.slice(1);
