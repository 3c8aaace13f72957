/** The schedules that `thalweg schedule` reads: what may follow the name of each, and the schedule that it makes. */
import * as schedules from "../schedule/index.js";
import type { Schedule } from "../schedule/schedule.js";

/** What follows a word: a number, several, one of some words, or nothing. */
export type Kind = "number" | "numbers" | "nothing" | readonly string[];
/** The words of a part with what followed them. */
// biome-ignore lint/suspicious/noExplicitAny: by the kinds of the piece, and the schedules check them
export type Words = Record<string, any>;

export interface Piece {
  /** Words that may follow, besides "over". */
  words: Readonly<Record<string, Kind>>;
  /** What the number after the name is; undefined if there is none. */
  value?: string;
  make(value: number, steps: number, words: Words): Schedule;
  /** A call that works, for the help. */
  example: string;
}

const FIRST = "a first value";
const PEAK = "a highest value";

export const PIECES = {
  constant: {
    words: {},
    value: FIRST,
    make: (value) => schedules.constant(value),
    example: "constant 0.1 over 50",
  },
  linear: {
    words: { to: "number" },
    value: FIRST,
    make: (value, steps, words) => schedules.linear(value, { steps, ...words }),
    example: "linear 0.1 over 100 to 0.01",
  },
  cosine: {
    words: { to: "number", exponent: "number" },
    value: FIRST,
    make: (value, steps, words) => schedules.cosine(value, { steps, ...words }),
    example: "cosine 1e-3 over 1000 to 1e-5",
  },
  cosineRestarts: {
    words: { every: "number", to: "number", tMult: "number", peakMult: "number" },
    value: FIRST,
    make: (value, steps, { every = steps, ...words }) => schedules.cosineRestarts(value, { steps: every, ...words }),
    example: "cosineRestarts 0.1 over 300 every 100",
  },
  polynomial: {
    words: { to: "number", power: "number" },
    value: FIRST,
    make: (value, steps, words) => schedules.polynomial(value, { steps, ...words }),
    example: "polynomial 0.1 over 100 power 2",
  },
  exponential: {
    words: { gamma: "number", every: "number", to: "number" },
    value: FIRST,
    make: (value, _, { gamma = 0.99, every = 1, ...words }) =>
      schedules.exponential(value, { gamma, steps: every, ...words }),
    example: "exponential 0.1 over 100 gamma 0.95",
  },
  stepDecay: {
    words: { every: "number", gamma: "number" },
    value: FIRST,
    make: (value, steps, { every = steps, ...words }) => schedules.stepDecay(value, { steps: every, ...words }),
    example: "stepDecay 0.1 over 90 every 30",
  },
  multiStep: {
    words: { at: "numbers", gamma: "number" },
    value: FIRST,
    make: (value, _, { at: milestones = [], ...words }) => schedules.multiStep(value, { milestones, ...words }),
    example: "multiStep 0.1 over 90 at 30 60 gamma 0.1",
  },
  inverseTime: {
    words: { rate: "number", every: "number" },
    value: FIRST,
    make: (value, _, { rate = 1, every = 1 }) => schedules.inverseTime(value, { rate, steps: every }),
    example: "inverseTime 0.1 over 1000 rate 0.5 every 100",
  },
  inverseSqrt: {
    words: { warmup: "number" },
    value: PEAK,
    make: (value, steps, { warmup = Math.max(1, Math.floor(steps / 10)) }) => schedules.inverseSqrt(value, { warmup }),
    example: "inverseSqrt 5e-4 over 20000 warmup 4000",
  },
  noam: {
    words: { dModel: "number", warmup: "number", scale: "number" },
    make: (_, steps, { dModel = 512, warmup = Math.max(1, Math.floor(steps / 10)), ...words }) =>
      schedules.noam({ dModel, warmup, ...words }),
    example: "noam over 20000 dModel 512 warmup 4000",
  },
  oneCycle: {
    words: {
      pctStart: "number",
      divFactor: "number",
      finalDivFactor: "number",
      shape: ["cosine", "linear"],
      threePhase: "nothing",
    },
    value: PEAK,
    make: (value, steps, words) => schedules.oneCycle(value, { steps, ...words }),
    example: "oneCycle 0.1 over 1000 pctStart 0.3",
  },
  cyclic: {
    words: {
      peak: "number",
      stepsUp: "number",
      stepsDown: "number",
      variant: ["triangular", "triangular2", "expRange"],
      gamma: "number",
    },
    value: "a lowest value",
    make: (value, steps, { peak = 10 * value, stepsUp = Math.max(1, Math.floor(steps / 4)), ...words }) =>
      schedules.cyclic(value, { peak, stepsUp, ...words }),
    example: "cyclic 1e-3 over 800 peak 0.1 stepsUp 100 variant triangular2",
  },
  wsd: {
    words: { warmup: "number", decay: "number", to: "number", shape: ["1-sqrt", "linear", "cosine"] },
    value: PEAK,
    make: (value, steps, { warmup = 0, decay = Math.min(steps - warmup, Math.ceil(steps / 5)), ...words }) =>
      schedules.wsd(value, { warmup, stable: steps - warmup - decay, decay, ...words }),
    example: "wsd 1e-3 over 1000 warmup 100 decay 200",
  },
  demon: {
    words: {},
    value: FIRST,
    make: (value, steps) => schedules.demon(value, { steps }),
    example: "demon 0.9 over 100",
  },
} satisfies Record<string, Piece>;
