/**
 * Golden files that are not their optimizer's by name: another reference's form, reached by options of ours, or
 * hyperparameters under other names.
 */
import type { Hyper } from "./options.js";

interface Special {
  optimizer: string;
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

export const specials: Record<string, Special> = {
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
};
