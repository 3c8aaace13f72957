import type { Tensor } from "../../engine/tensor.js";
import { relu, sigmoid } from "../../nn/activation.js";
import { softmaxCrossEntropy } from "../../nn/crossEntropy.js";
import type { Init } from "../../nn/init.js";
import type { Layer } from "../../nn/layer.js";
import type { LossResult } from "../../nn/loss.js";
import { halfMse } from "../../nn/squaredError.js";
import { adamw } from "../../optim/adamw.js";
import type { Optimizer } from "../../optim/core/optimizer.js";
import { momentum } from "../../optim/momentum.js";
import { cosine } from "../../schedule/cosine.js";

/** How the network of the family trees is made and trained. */
export interface Settings {
  /** What they are, in a few words. */
  readonly title: string;
  /** What they consist of, in a line. */
  readonly words: string;
  /** Sweeps over the questions, each of which is one step. */
  readonly sweeps: number;
  readonly activation: () => Layer;
  /** Of weights and biases in front of an activation, and of those of the outputs. */
  readonly init: readonly [hidden: Init, output: Init];
  /** What follows the last weights. */
  readonly last: readonly Layer[];
  /** Whether the outputs are logits, of a softmax over the people. */
  readonly logits: boolean;
  /** The error of outputs [questions, 24], where each question divides 1 among its answers. May overwrite `target`. */
  error(output: Tensor, target: Tensor, shares: Float32Array): LossResult;
  optimizer(parameters: readonly Tensor[], sweeps: number): Optimizer;
}

/** Outputs beyond these count as what they should be: they cause no error, so that weights need not grow for ever. */
const ON = 0.8;
const OFF = 0.2;

/** Half the squared error, with a target that an output has reached where it lies beyond it. */
function errorWithMargin(output: Tensor, target: Tensor, shares: Float32Array): LossResult {
  const y = output.data;
  const t = target.data;
  for (let i = 0; i < t.length; i++) t[i] = shares[i] > 0 ? Math.max(y[i], ON) : Math.min(y[i], OFF);
  return halfMse(output, target);
}

/** Sweeps after which the paper's learning rate and momentum rise. */
const GENTLE = 20;

/**
 * The paper's rule, Δw(t) = -ε ∂E/∂w + α Δw(t - 1) after each sweep, with weights that shrink by `decay` at each change:
 * sigmoid units, half the squared error over all questions.
 */
const paper = (times: number, decay: number, start: number): Omit<Settings, "title" | "words" | "sweeps"> => ({
  activation: sigmoid,
  init: [{ uniform: start }, { uniform: start }],
  last: [sigmoid()],
  logits: false,
  error: errorWithMargin,
  optimizer(parameters) {
    const lr = (sweep: number) => times * (sweep < GENTLE ? 0.005 : 0.01);
    return momentum(parameters, {
      lr,
      momentum: (sweep) => (sweep < GENTLE ? 0.5 : 0.9),
      weightDecay: (sweep) => decay / lr(sweep), // by the rate that it is multiplied by
      decoupled: true,
    });
  },
});

/**
 * The settings by name. Those printed in Nature learn nothing; what the paper shows takes ten times the rates. How often
 * each succeeds is in docs/family-trees.md.
 */
export const SETTINGS = {
  printed: {
    title: "the paper's settings as printed",
    words: "ε 0.005 then 0.01, α 0.5 then 0.9, decay 0.2\u00a0%, start ±0.3, sigmoid",
    sweeps: 1500,
    ...paper(1, 0.002, 0.3),
  },
  paper: {
    title: "the paper's rule, rates × 10",
    words: "ε 0.05 then 0.1, α 0.5 then 0.9, decay 0.1\u00a0%, start ±1, sigmoid",
    sweeps: 5000,
    ...paper(10, 0.001, 1),
  },
  today: {
    title: "today's choices",
    words: "relu, softmax cross-entropy, AdamW, lr 0.01 cosine, weight decay 0.5",
    sweeps: 3000,
    activation: relu,
    init: ["heUniform", "glorotUniform"],
    last: [],
    logits: true,
    error: (output, target) => softmaxCrossEntropy(output, target),
    optimizer: (parameters, sweeps) => adamw(parameters, { lr: cosine(0.01, { steps: sweeps }), weightDecay: 0.5 }),
  },
} as const satisfies Record<string, Settings>;

export type SettingsName = keyof typeof SETTINGS;
