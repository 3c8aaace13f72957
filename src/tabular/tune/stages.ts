import { hyperparameters, rateOf } from "../optimizer.js";
import type { Settings } from "../settings.js";
import { rungsOf, type TuneRung } from "./halving.js";

/** What can be swept. */
export const STAGES = [
  "lr",
  "weightDecay",
  "batch",
  "schedule",
  "labelSmoothing",
  "network",
  "lrAgain",
  "epochs",
] as const;
export type TuneStageName = (typeof STAGES)[number];

/**
 * The stages of a plan by default. The first four are the documents' order of tuning. Those of the network and the loss
 * follow; then what depends on them: the learning rate, and a schedule, which pays when overfitting is checked.
 */
export const USUAL_STAGES: readonly TuneStageName[] = [...STAGES.slice(0, -1), "schedule", "epochs"];

/** How settings to try differ from the best ones of the stages before: {} are those themselves. */
export interface TuneChange {
  set?: Partial<Settings>;
  /** Factors of the best settings' own values. */
  times?: { lr?: number; epochs?: number };
  /** The learning rate is scaled linearly with the batch (Goyal et al. 2017, section 2.1). */
  lrWithBatch?: true;
}

/** One stage of a plan. */
export interface TuneStage {
  name: TuneStageName;
  /** What is tried beside the best settings of the stages before. Of equally good ones those win, then the earlier. */
  candidates: TuneChange[];
  rungs: TuneRung[];
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
export function stageOf(name: TuneStageName, context: StageContext): TuneStage | undefined {
  const candidates = CHANGES[name](context);
  return candidates.length === 0 ? undefined : { name, candidates, rungs: rungsOf(candidates.length) };
}

/**
 * The changes of each stage; none for settings that are given. One that happens to be what the best settings have already
 * is left out when they are known.
 */
const CHANGES: { readonly [Name in TuneStageName]: (context: StageContext) => TuneChange[] } = {
  lr: ({ given, base }) => {
    const rate = rateOf(base);
    return given.lr !== undefined || !rate ? [] : logGrid(rate).map((lr) => ({ set: { lr } }));
  },
  weightDecay: ({ given, base }) =>
    given.weightDecay !== undefined || hyperparameters(base).weightDecay === undefined
      ? []
      : [0, 0.01, 0.1].map((weightDecay) => ({ set: { weightDecay } })),
  batch: ({ given, rows }) =>
    given.batch !== undefined
      ? []
      : [16, 32, 64, 128]
          .filter((batch) => batch <= rows / 4)
          .map((batch) => ({ set: { batch }, ...(given.lr === undefined && { lrWithBatch: true }) })),
  schedule: ({ given, base }) =>
    (given.schedule ?? given.warmup) !== undefined || !rateOf(base)
      ? []
      : [
          { set: { schedule: "constant" } },
          { set: { schedule: "linear" } },
          { set: { schedule: "cosine" } },
          ...["1%", "5%", "10%"].map((warmup): TuneChange => ({ set: { schedule: "cosine", warmup } })),
        ],
  labelSmoothing: ({ given, classes }) =>
    given.labelSmoothing !== undefined || !classes
      ? []
      : [0, 0.1].map((labelSmoothing) => ({ set: { labelSmoothing } })),
  // Together: a wide network pays with dropout, and dropout with a wide network.
  network: ({ given, base }) => {
    if (base.hidden.length === 0) return [];
    const widths = given.hidden === undefined ? [[64], [128], [256], [128, 128]] : [given.hidden];
    const rates = given.dropout === undefined ? [0, 0.2, 0.4] : [given.dropout];
    if (widths.length * rates.length === 1) return [];
    return widths.flatMap((hidden) => rates.map((dropout) => ({ set: { hidden, dropout } })));
  },
  lrAgain: ({ given, base }) =>
    given.lr !== undefined || !rateOf(base) ? [] : [{}, { times: { lr: 0.5 } }, { times: { lr: 2 } }],
  epochs: ({ given }) => (given.epochs !== undefined ? [] : [{}, { times: { epochs: 2 } }]),
};

/** Rates a factor of some 3 apart, two powers of ten below and above a rate. */
function logGrid(rate: number): number[] {
  const steps = ["1e-2", "3e-2", "1e-1", "3e-1", "1e0", "3e0", "1e1", "3e1", "1e2"];
  return steps.map((factor) => rounded(rate * Number(factor)));
}

/** The settings that a change of others gives. What says the same as a default is left out: it must count as the same. */
export function changed(best: Settings, { set, times, lrWithBatch }: TuneChange): Settings {
  const settings: Settings = { ...best, ...set };
  if (set?.schedule !== undefined && set.warmup === undefined) delete settings.warmup;
  const usual = hyperparameters(settings);
  const rate = rateOf(settings);
  const factor = (times?.lr ?? 1) * (lrWithBatch ? settings.batch / best.batch : 1);
  if (rate && factor !== 1) settings.lr = rounded(rate * factor);
  if (times?.epochs !== undefined) settings.epochs = Math.ceil(settings.epochs * times.epochs);
  const same: Partial<Settings> = {
    lr: usual.lr as number,
    weightDecay: usual.weightDecay as number,
    dropout: 0,
    labelSmoothing: 0,
    ...(settings.warmup === undefined && { schedule: "constant" }),
  };
  for (const name of Object.keys(same) as (keyof Settings)[]) {
    if (settings[name] === same[name]) delete settings[name];
  }
  return settings;
}

/** The settings to try in a stage: the best so far first, none twice. */
export function settingsOf({ candidates }: TuneStage, best: Settings): { change: TuneChange; settings: Settings }[] {
  const seen = new Set<string>();
  return [{}, ...candidates]
    .map((change) => ({ change, settings: changed(best, change) }))
    .filter(({ settings }) => {
      const key = keyOf(settings);
      return !seen.has(key) && seen.add(key);
    });
}

/** The same text for the same settings. */
export const keyOf = (settings: Settings): string =>
  JSON.stringify(Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1)));

/** To three digits, so that a command shows the rate that was tried. */
const rounded = (x: number): number => Number(x.toPrecision(3));
