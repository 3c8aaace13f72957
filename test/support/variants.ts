/**
 * Golden files that are not their optimizer's by name: another reference's form, reached by options of ours, or
 * hyperparameters under other names.
 */
import type { Hyper } from "./options.js";
import { named } from "./renamed.js";

export interface Special {
  optimizer: string;
  /** Which of the file's cases, where it has some of several optimizers; all by default. */
  takes?(given: Hyper): boolean;
  /** Our hyperparameters for the file's. */
  hyper(given: Hyper): Hyper;
}

/** Schedule-Free's `beta` is our momentum or betas[0]; `kind` is which of the three it is. */
const scheduleFree = ({ kind, lr, weight_decay, warmup_steps, r, weight_lr_power }: Hyper): Hyper => ({
  lr,
  weightDecay: weight_decay,
  r,
  weightLrPower: weight_lr_power,
  ...(kind !== "radam" && { warmupSteps: warmup_steps }),
});

export const specials: Record<string, Special | Special[]> = {
  schedule_free_sgd: {
    optimizer: "scheduleFreeSgd",
    hyper: (given) => ({ ...scheduleFree(given), momentum: given.beta }),
  },
  schedule_free_adamw: {
    optimizer: "scheduleFreeAdamw",
    hyper: (given) => ({ ...scheduleFree(given), betas: [given.beta ?? 0.9, given.beta2 ?? 0.999] }),
  },
  schedule_free_radam: {
    optimizer: "scheduleFreeRadam",
    hyper: ({ beta = 0.9, beta2 = 0.999, silent_sgd_phase, ...given }) => ({
      ...scheduleFree(given),
      betas: [beta, beta2],
      silentSgdPhase: silent_sgd_phase,
    }),
  },
  // The file's reference leaves clipping off by default, the authors' code and ours have it on.
  yellowfin: {
    optimizer: "yellowfin",
    hyper: ({ win = 20, mu = 0, adapt_clip = false, weight_decay = 0, ...rest }) => ({
      ...{ window: win, momentum: mu, adaptClip: adapt_clip, weightDecay: weight_decay },
      ...rest,
    }),
  },
  demon_sgd: {
    optimizer: "demonSgd",
    hyper: ({ T = 20, weight_decay = 0, ...given }) => ({ ...given, totalSteps: T, weightDecay: weight_decay }),
  },
  "sgd.ema": {
    optimizer: "momentum",
    hyper: ({ weight_decay = 0, debias = false, ...given }) => ({
      ...given,
      variant: "ema",
      biasCorrection: debias,
      weightDecay: weight_decay,
    }),
  },
  "sgd.keras": {
    optimizer: "momentum",
    hyper: ({ weight_decay = 0, momentum = 0, ...given }) => ({
      ...given,
      momentum,
      weightDecay: weight_decay,
      decoupled: true,
    }),
  },
  shampoo: {
    optimizer: "shampoo",
    hyper: ({ beta, update_freq, ...given }) => ({
      ...named(given),
      ...(beta !== undefined && { beta2: beta }),
      ...(update_freq !== undefined && { preconditionFrequency: update_freq, preconditionWarmup: 0 }),
    }),
  },
  signsgd: { optimizer: "signsgd", hyper: ({ beta = 0, ...given }) => ({ ...given, momentum: beta }) },
  soap: { optimizer: "soap", hyper: (given) => named(given, { freq: "preconditionFrequency" }) },
  // Optax names both places of ε.
  "adabelief.optax": {
    optimizer: "adabelief",
    hyper: (given) => ({ epsSquare: 1e-16, ...named(given, { eps_root: "epsSquare" }) }),
  },
  adan: {
    optimizer: "adan",
    hyper: ({ no_prox, ...given }) => ({ ...named(given), ...(no_prox !== undefined && { proximal: !no_prox }) }),
  },
  // pytorch_optimizer starts the first moment at 1e-6 too.
  yogi: { optimizer: "yogi", hyper: (given) => ({ initialMoment: 1e-6, ...named(given) }) },
  "adagrad.keras_optax": {
    optimizer: "adagrad",
    hyper: (given) => ({ epsPlacement: "square", initialAccumulatorValue: 0.1, eps: 1e-7, ...named(given) }),
  },
  "adamax.keras": {
    optimizer: "adamax",
    hyper: (given) => ({ lr: 1e-3, eps: 1e-7, epsPlacement: "denominator", decoupled: true, ...named(given) }),
  },
  "rmsprop.keras_optax": { optimizer: "rmsprop", hyper: (given) => ({ ...kerasRmsprop, ...rmspropNames(given) }) },
  "amsgrad.paper": { optimizer: "amsgrad", hyper: (given) => named(given) },
  "adam.keras": {
    optimizer: "adamw",
    hyper: (given) => ({ weightDecay: 0, eps: 1e-7, epsPlacement: "root", ...named(given) }),
  },
  "adam.optax": [
    {
      optimizer: "adamw",
      // The docstring says why there is no eps_root.
      takes: ({ nesterov, eps_root }) => !nesterov && !eps_root,
      hyper: (given) => ({
        weightDecay: 0,
        ...(given.amsgrad === true && { amsgradCorrected: true }),
        ...named(given),
      }),
    },
    {
      optimizer: "nadamw",
      takes: ({ nesterov }) => nesterov === true,
      hyper: ({ nesterov, ...given }) => ({ weightDecay: 0, ...named(given) }),
    },
  ],
  demon_adam: {
    optimizer: "demonAdam",
    hyper: ({ ema, eps_in_root, bias_correct_v, ...given }) => ({
      ...{ totalSteps: 20, variant: ema ? "ema" : "paper" },
      ...named(given, { T: "totalSteps" }),
    }),
  },
  "nadam.keras": {
    optimizer: "nadam",
    hyper: (given) => ({ lr: 1e-3, eps: 1e-7, momentumDecay: 1, decoupled: true, ...named(given) }),
  },
  // The paper has β₂v in the root.
  "nadam.dozat": {
    optimizer: "nadam",
    hyper: (given) => {
      const { lr, betas } = { lr: 2e-3, betas: [0.9, 0.999], ...given } as { lr: number; betas: number[] };
      const root = Math.sqrt(betas[1]);
      return { betas, lr: lr / root, eps: 1e-8 / root, momentumDecay: 0 };
    },
  },
  "radam.decoupled": { optimizer: "radam", hyper: (given) => named(given) },
  "radam.optax": { optimizer: "radam", hyper: (given) => ({ epsPlacement: "denominator", ...named(given) }) },
  rmsprop_tf: {
    optimizer: "rmsprop",
    hyper: (given) => ({ ...kerasRmsprop, initialAccumulatorValue: 1, ...rmspropNames(given) }),
  },
};

const kerasRmsprop: Hyper = { lr: 1e-3, alpha: 0.9, eps: 1e-7, epsPlacement: "square", lrInMomentum: true };
const rmspropNames = (given: Hyper): Hyper => named(given, { rho: "alpha", initial: "initialAccumulatorValue" });
