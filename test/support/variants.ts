/**
 * Golden files that are not their optimizer's by name: another reference's form, reached by options of ours, or
 * hyperparameters under other names.
 */
import type { StepOptions } from "../../src/optim/core/optimizer.js";
import type { Hyper } from "./options.js";
import { camel, named } from "./renamed.js";

/** When a run takes the estimate of a step, before that step or after it, and what the diagonal is. */
export interface Curvature {
  every: number;
  when: "before" | "after";
  diagonal(row: readonly number[]): number[];
}

export interface Special {
  optimizer: string;
  /** Which of the file's cases, where it has some of several optimizers; all by default. */
  takes?(given: Hyper): boolean;
  /** Our hyperparameters for the file's. */
  hyper(given: Hyper): Hyper;
  /** How the runs use the Hessian's diagonals of the file, if it has any. */
  curvature?(given: Hyper): Curvature;
  /** What a step does besides, where the file has that among its hyperparameters. */
  step?(given: Hyper): StepOptions;
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
  sophia_h: {
    optimizer: "sophiaH",
    hyper: ({ k, ...given }) => named(given),
    curvature: ({ k = 10 }) => ({ every: k as number, when: "before", diagonal: (row) => [...row] }),
  },
  // Its rows are gradients of drawn labels; the authors multiply their squares by the batch size `bs` at the step.
  sophia_g: {
    optimizer: "sophiaG",
    hyper: ({ k, bs, ...given }) => named(given),
    curvature: ({ k = 10, bs = 5120 }) => ({
      every: k as number,
      when: "after",
      diagonal: (row) => row.map((g) => (bs as number) * g * g),
    }),
  },
  // Optax divides by the average as it is before the refresh of the same step.
  "sophia.optax": {
    optimizer: "sophiaH",
    hyper: ({ k, ...given }) => ({ eps: 1e-8, weightDecay: 1e-4, biasCorrection: true, ...named(given) }),
    curvature: ({ k = 10 }) => ({ every: k as number, when: "after", diagonal: (row) => [...row] }),
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
  "adafactor.paper": {
    optimizer: "adafactor",
    hyper: ({ eps1 = null, eps2 = 1e-3, decay = 0.8, ...given }) => ({
      ...{ variant: "paper", eps: [eps1, eps2], beta2Decay: -(decay as number) },
      ...named(given, { rho_max: "lr" }),
    }),
  },
  "adafactor.optax": {
    optimizer: "adafactor",
    hyper: ({ eps = null, decay_rate = 0.8, momentum, ...given }) => ({
      ...{ variant: "paper", relativeStep: false, fixedDecay: true, eps: [eps, 1e-3] },
      ...{ beta2Decay: -(decay_rate as number), momentum: momentum ?? 0 },
      ...named(given, { weight_decay_rate: "weightDecay" }),
    }),
  },
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
  muon: {
    optimizer: "muon",
    hyper: ({ adjust, ...given }) => ({
      ...named(given),
      ...(adjust !== undefined && { adjustLrFn: camel(`${adjust}`) }),
    }),
  },
  lars: { optimizer: "lars", hyper: (given) => named(given, { eta: "trustCoefficient" }) },
  "lars.optax": {
    optimizer: "lars",
    hyper: (given) => ({ normAfterDecay: true, ...named(given) }),
  },
  "lars.timm": {
    optimizer: "lars",
    hyper: ({ always_adapt = false, ...given }) => ({
      ...{ momentum: 0, eps: 1e-8, lrInMomentum: false },
      layerAdaptation: always_adapt === true || (given.weight_decay ?? 0) !== 0,
      ...named(given, { trust_coeff: "trustCoefficient" }),
    }),
  },
  larc: {
    optimizer: "larc",
    hyper: ({ always_adapt = false, ...given }) => ({
      ...{ momentum: 0, trustCoefficient: 1e-3 },
      layerAdaptation: always_adapt === true || (given.weight_decay ?? 0) !== 0,
      ...named(given, { trust_coeff: "trustCoefficient" }),
    }),
  },
  "lamb.keras": {
    optimizer: "lamb",
    hyper: ({ decoupled_keras, ...given }) => ({ eps: 1e-7, decoupled: decoupled_keras, ...named(given) }),
  },
  // timm clips by the global norm in its step, as `clipNorm` does, and takes no ratio without weight decay.
  "lamb.timm": {
    optimizer: "lamb",
    hyper: ({ max_grad_norm: _norm, only_decayed: _only, always_adapt = false, ...given }) => ({
      layerAdaptation: always_adapt === true || (given.weight_decay ?? 0) !== 0,
      ...named(given),
    }),
    step: ({ max_grad_norm = 1 }) => (max_grad_norm === null ? {} : { clipNorm: max_grad_norm as number }),
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
