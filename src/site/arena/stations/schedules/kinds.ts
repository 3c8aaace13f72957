/** The schedules of the library over a run, each as a function, as code, and as `thalweg schedule` reads it. */
import type { Schedule } from "../../../../index.js";
import * as schedules from "../../../../schedule/index.js";

/** A run: its highest rate, its steps, and where it ends. */
export interface Run {
  readonly peak: number;
  readonly steps: number;
  readonly to: number;
}

export interface Kind {
  readonly name: string;
  /** Arguments after the first, as the library takes them. */
  options(run: Run): object;
  /** As the command has it, without its steps; absent where the command has none. */
  words?(run: Run): string;
  /** Whether it ends at a value of its choice. */
  readonly ends?: boolean;
  /** Whether it comes near that value without ending there: as a share of the peak, as the lower end of cycles. */
  readonly nears?: boolean;
  /** Rises by itself: a warm-up before it would be a second one. */
  readonly rises?: boolean;
  readonly source: string;
  /** Made and written otherwise than by a first value and options. */
  own?(run: Run): { readonly schedule: Schedule; readonly code: string };
}

const third = ({ steps }: Run): number => Math.max(1, Math.ceil(steps / 3));
const share = ({ peak, to }: Run): number => (to > 0 && to < peak ? to / peak : 0.01);
const to = (run: Run): string => (run.to > 0 ? ` to ${run.to}` : "");

/** A loss that falls fast at first, then by nothing, as an epoch each of fifty sees it. */
const EPOCHS = 50;
const lossOf = (epoch: number): number => 1 / (1 + Math.min(epoch, 12));

/** The values that reduceOnPlateau has come to in each epoch of such a loss. */
function plateau({ peak, steps }: Run): Schedule {
  const reduced = schedules.reduceOnPlateau(peak, { gamma: 0.3, patience: 5 });
  const text = `${reduced}, told the losses of ${EPOCHS} epochs`; // before it is told: later it names where it is
  const values = Array.from({ length: EPOCHS }, (_, epoch) => {
    const value = reduced(0);
    reduced.step(lossOf(epoch));
    return value;
  });
  const at = (step: number): number => values[Math.min(EPOCHS - 1, Math.floor((step / steps) * EPOCHS))];
  return Object.defineProperty(at, "toString", { value: () => text });
}

/** The scale with which the highest rate is that of the run. */
function noam({ peak, steps }: Run): { schedule: Schedule; code: string } {
  const options = { warmup: Math.max(1, Math.ceil(steps / 10)), dModel: 512 };
  const plain = schedules.noam(options);
  const scale = Number((peak / Math.max(plain(options.warmup - 1), plain(options.warmup))).toPrecision(4));
  return {
    schedule: schedules.noam({ ...options, scale }),
    code: `schedules.noam({ warmup: ${options.warmup}, dModel: 512, scale: ${scale} })`,
  };
}

export const KINDS: readonly Kind[] = [
  {
    name: "constant",
    options: () => ({}),
    words: () => "",
    own: ({ peak }) => ({ schedule: schedules.constant(peak), code: `schedules.constant(${peak})` }),
    source: "no schedule",
  },
  {
    name: "stepDecay",
    options: (run) => ({ steps: third(run), gamma: 0.1 }),
    words: (run) => ` every ${third(run)} gamma 0.1`,
    source: "He et al., CVPR 2016",
  },
  {
    name: "multiStep",
    options: ({ steps }) => ({ milestones: [Math.ceil(steps / 2), Math.ceil(steps * 0.75)], gamma: 0.1 }),
    source: "He et al., CVPR 2016: a tenth at half and at three quarters",
  },
  {
    name: "exponential",
    options: (run) => ({ gamma: share(run), steps: run.steps }),
    nears: true,
    source: "textbooks",
  },
  { name: "linear", options: (run) => ({ steps: run.steps, to: run.to }), words: to, ends: true, source: "textbooks" },
  {
    name: "polynomial",
    options: (run) => ({ steps: run.steps, to: run.to, power: 2 }),
    words: (run) => `${to(run)} power 2`,
    ends: true,
    source: "textbooks, here with power 2",
  },
  {
    name: "cosine",
    options: (run) => ({ steps: run.steps, to: run.to }),
    words: to,
    ends: true,
    source: "Loshchilov & Hutter, SGDR, ICLR 2017",
  },
  {
    name: "cosineRestarts",
    options: (run) => ({ steps: third(run), to: run.to }),
    words: (run) => ` every ${third(run)}${to(run)}`,
    ends: true,
    source: "Loshchilov & Hutter, SGDR, ICLR 2017",
  },
  { name: "inverseTime", options: ({ steps }) => ({ rate: 9, steps }), source: "textbooks" },
  {
    name: "inverseSqrt",
    options: ({ steps }) => ({ warmup: Math.max(1, Math.ceil(steps / 10)) }),
    rises: true,
    source: "Vaswani et al., NeurIPS 2017",
  },
  {
    name: "wsd",
    options: ({ steps, to: end }) => {
      const [warmup, decay] = [Math.ceil(steps / 10), Math.ceil(steps / 5)];
      return { warmup, stable: Math.max(0, steps - warmup - decay), decay, to: end };
    },
    ends: true,
    rises: true,
    source: "Hu et al., MiniCPM, 2024",
  },
  { name: "oneCycle", options: ({ steps }) => ({ steps }), rises: true, source: "Smith & Topin, 2017" },
  {
    name: "cyclic",
    options: (run) => ({ peak: run.peak, stepsUp: Math.max(1, Math.ceil(run.steps / 6)) }),
    rises: true,
    nears: true,
    source: "Smith, Cyclical learning rates, 2017",
  },
  {
    name: "demon",
    options: ({ steps }) => ({ steps }),
    source: "Chen et al., Demon, 2022: for momentum, here on the rate",
  },
  {
    name: "noam",
    options: () => ({}),
    rises: true,
    own: noam,
    source: "Vaswani et al., NeurIPS 2017: its peak follows the width of the model, here by a scale",
  },
  {
    name: "reduceOnPlateau",
    options: () => ({}),
    own: (run) => ({
      schedule: plateau(run),
      code: `schedules.reduceOnPlateau(${run.peak}, { gamma: 0.3, patience: 5 })`,
    }),
    source: "PyTorch’s ReduceLROnPlateau: it follows a loss, here one that stops falling after 12 of 50 epochs",
  },
];

export const KIND_NAMES = KINDS.map(({ name }) => name);
export const kindOf = (name: string): Kind => KINDS.find((each) => each.name === name)!;

type Factory = (first: number, options: object) => Schedule;

/** The first argument: of a cycle the lower end. */
const firstOf = (kind: Kind, { peak, to: end }: Run): number =>
  kind.name === "cyclic" ? (end > 0 ? end : peak / 10) : peak;

export function made(kind: Kind, run: Run): Schedule {
  if (kind.own) return kind.own(run).schedule;
  return (schedules as unknown as Record<string, Factory>)[kind.name](firstOf(kind, run), kind.options(run));
}

export function codeOf(kind: Kind, run: Run): string {
  if (kind.own) return kind.own(run).code;
  const options = JSON.stringify(kind.options(run))
    .replace(/"(\w+)":/g, " $1: ")
    .replaceAll(",", ", ")
    .replace(/ {2,}/g, " ")
    .replace(/\}$/, " }");
  return `schedules.${kind.name}(${firstOf(kind, run)}, ${options})`;
}
