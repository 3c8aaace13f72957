import { hyperparameters, rateOf } from "../optimizer.js";
import type { Settings } from "../settings.js";
import { type Rung, rungsOf } from "./halving.js";

/**
 * What is swept, in order. The first four are the documents' order of tuning. The next three belong to the network and the
 * loss; then the learning rate again, which the best of all others depends on, and the length of the run.
 */
export const STAGES = [
  "lr",
  "weightDecay",
  "batch",
  "schedule",
  "hidden",
  "dropout",
  "labelSmoothing",
  "lrAgain",
  "epochs",
] as const;
export type StageName = (typeof STAGES)[number];

/** How settings to try differ from the best ones of the stages before: {} are those themselves. */
export interface Change {
  set?: Partial<Settings>;
  /** Factors of the best settings' own values. */
  times?: { lr?: number; epochs?: number };
}

/** One stage of a plan. */
export interface Stage {
  name: StageName;
  /** The first is {}. Of equally good ones the earlier wins. */
  candidates: Change[];
  rungs: Rung[];
}

/** What decides which stages make sense. */
export interface StageContext {
  /** The settings that are given, and therefore not swept. */
  given: Partial<Settings>;
  /** All settings to start from. */
  base: Settings;
  classes: boolean;
  /** Rows trained on. */
  rows: number;
}

/** The stage of a name; undefined where there is nothing to sweep. */
export function stageOf(name: StageName, context: StageContext): Stage | undefined {
  const changes = CHANGES[name](context);
  if (changes.length === 0) return undefined;
  const candidates = [{}, ...changes];
  return { name, candidates, rungs: rungsOf(candidates.length) };
}

/** The changes of each stage, those that change nothing left out; none for settings that are given. */
const CHANGES: { readonly [Name in StageName]: (context: StageContext) => Change[] } = {
  lr: ({ given, base }) => {
    const rate = rateOf(base);
    return given.lr !== undefined || !rate ? [] : logGrid(rate).map((lr) => ({ set: { lr } }));
  },
  weightDecay: ({ given, base }) => {
    const usual = hyperparameters(base).weightDecay;
    return given.weightDecay !== undefined || usual === undefined
      ? []
      : [0, 0.01, 0.1].filter((x) => x !== usual).map((weightDecay) => ({ set: { weightDecay } }));
  },
  // The learning rate is scaled linearly with the batch (Goyal et al. 2017, section 2.1).
  batch: ({ given, base, rows }) =>
    given.batch !== undefined
      ? []
      : [16, 32, 64, 128]
          .filter((batch) => batch !== base.batch && batch <= rows / 4)
          .map((batch) => ({
            set: { batch },
            ...(given.lr === undefined && rateOf(base) && { times: { lr: batch / base.batch } }),
          })),
  schedule: ({ given, base }) =>
    (given.schedule ?? given.warmup) !== undefined || !rateOf(base)
      ? []
      : [
          { set: { schedule: "linear" } },
          { set: { schedule: "cosine" } },
          ...["1%", "5%", "10%"].map((warmup): Change => ({ set: { schedule: "cosine", warmup } })),
        ],
  hidden: ({ given, base }) =>
    given.hidden !== undefined
      ? []
      : [[32], [128], [256], [64, 64], [128, 128]]
          .filter((hidden) => String(hidden) !== String(base.hidden))
          .map((hidden) => ({ set: { hidden } })),
  dropout: ({ given, base }) =>
    given.dropout !== undefined || base.hidden.length === 0
      ? []
      : [0.1, 0.3, 0.5].map((dropout) => ({ set: { dropout } })),
  labelSmoothing: ({ given, classes }) =>
    given.labelSmoothing !== undefined || !classes ? [] : [{ set: { labelSmoothing: 0.1 } }],
  lrAgain: ({ given, base }) =>
    given.lr !== undefined || !rateOf(base) ? [] : [{ times: { lr: 0.5 } }, { times: { lr: 2 } }],
  epochs: ({ given }) => (given.epochs !== undefined ? [] : [{ times: { epochs: 2 } }]),
};

/** Rates a factor of some 3 apart, up to two powers of ten below and above a rate, which itself is left out. */
function logGrid(rate: number): number[] {
  const steps = ["1e-2", "3e-2", "1e-1", "3e-1", "3e0", "1e1", "3e1", "1e2"];
  return steps.map((factor) => rounded(rate * Number(factor)));
}

/** The settings that a change of others gives. */
export function changed(best: Settings, { set, times }: Change): Settings {
  const settings = { ...best, ...set };
  if (times?.lr !== undefined) settings.lr = rounded(rateOf(settings)! * times.lr);
  if (times?.epochs !== undefined) settings.epochs = Math.ceil(settings.epochs * times.epochs);
  return settings;
}

/** To three digits, so that a command shows the rate that was tried. */
const rounded = (x: number): number => Number(x.toPrecision(3));
