/** When to use each optimizer, and which ones to look at beside it: what `thalweg explain` says, and docs/optimizers.md. */
import type { optimizers } from "../../optim/table.js";

/** Advice on an optimizer. */
export interface Advice {
  /** When it is the one to take, and when it is not. */
  use: string;
  /** Optimizers that differ from it in one thing. */
  related: readonly string[];
}

const of = (use: string, ...related: string[]): Advice => ({ use, related });

/** By the names of THE TABLE, and kfac and muonWith, which are made from a model. */
export const ADVICE = {
  adabelief: of(
    "Where Adam is too cautious on gradients that are large and steady. Its ε matters more than Adam's: try that first when it is unstable.",
    ...["adam", "yogi"],
  ),
  adadelta: of(
    "To train without choosing a rate, on small problems. It starts slowly, as its first steps have the size of √ε.",
    ...["rmsprop", "prodigy"],
  ),
  adafactor: of(
    "When memory is short: a matrix costs a number for each row and column. Large embeddings and transformers; Adam is steadier where it fits.",
    ...["sm3", "adam"],
  ),
  adagrad: of(
    "For sparse features, such as words, where rare ones should keep a high rate. Long runs stall, as rates only ever fall.",
    ...["rmsprop", "sm3", "adam"],
  ),
  adam: of(
    "The usual first choice when there is no weight decay; it forgives a rate that is ten times off. With weight decay take adamw.",
    ...["adamw", "amsgrad", "nadam", "radam"],
  ),
  adamax: of(
    "Like Adam where single gradients are huge: it divides by the largest of late, so that one outlier cannot make a long step.",
    ...["adam", "amsgrad"],
  ),
  adamp: of(
    "For networks whose weights stand before a normalization, when their norms grow and steps shrink with it. Elsewhere it is adamw.",
    ...["adamw", "sgdp"],
  ),
  adamw: of(
    "Start here: transformers, MLPs, anything with weight decay. Give it a warm-up and a cosine before trying another optimizer.",
    ...["adam", "nadamw", "lion", "soap"],
  ),
  adan: of(
    "For vision and transformers with large rates and a warm-up, where Nesterov's look-ahead pays and four buffers fit.",
    ...["nadam", "adamw"],
  ),
  ademamix: of(
    "For runs of tens of thousands of steps, where gradients from long ago still help. Put alpha and the third β on a rise.",
    ...["adamw", "aggmo"],
  ),
  adopt: of(
    "Where Adam does not converge with the β₂ in use: ADOPT does with any. It takes no step at the first gradient.",
    ...["adam", "amsgrad", "laprop"],
  ),
  aggmo: of(
    "Where one momentum is too slow or oscillates: it averages several, and allows 0.99 and more with little tuning.",
    ...["momentum", "qhm", "ademamix"],
  ),
  amsgrad: of(
    "When Adam comes back up late in a run: its rates never grow. It is seldom better where Adam converges.",
    ...["adam", "adamax", "adopt"],
  ),
  asgd: of(
    "For convex problems and a constant rate: evaluate at the average, which settles where the iterate still wanders.",
    ...["sgd", "scheduleFreeSgd"],
  ),
  dadaptAdam: of(
    "To have Adam without choosing a rate: leave lr at 1. prodigy, its successor, lets the estimate grow faster.",
    ...["prodigy", "dadaptSgd", "adam"],
  ),
  dadaptSgd: of(
    "To have SGD without choosing a rate: leave lr at 1. Best on convex problems.",
    ...["dadaptAdam", "prodigy", "sgd"],
  ),
  demonAdam: of(
    "For a run of known length, as an alternative to a falling rate: momentum falls to 0 by totalSteps.",
    ...["adam", "demonSgd"],
  ),
  demonSgd: of(
    "For a run of known length with momentum: momentum falls to 0 by totalSteps, and the rate may stay constant.",
    ...["sgd", "demonAdam"],
  ),
  fromage: of(
    "Deep networks with little tuning: every tensor turns by about the same angle a step. It takes weights that start at a sensible norm.",
    ...["lars", "lamb"],
  ),
  lamb: of(
    "Batches of thousands of rows with Adam: each tensor's step is scaled to its norm. Group biases and norms apart with layerGroups.",
    ...["lars", "adamw", "novograd"],
  ),
  laprop: of(
    "In place of Adam where β₂ is small beside β₁: normalizing before averaging keeps the step bounded.",
    ...["adam", "adopt"],
  ),
  larc: of(
    "Like lars, but never above the given rate, so that it needs no warm-up. Group biases and norms apart with layerGroups.",
    ...["lars", "lamb"],
  ),
  lars: of(
    "Convolutional networks on batches of thousands of rows, with a warm-up. Group biases and norms apart with layerGroups.",
    ...["larc", "lamb", "sgd"],
  ),
  lbfgs: of(
    "Small and smooth problems on the full batch, where each step may cost several evaluations. Not for mini-batches: noise spoils its pairs.",
    ...["shampoo", "nag"],
  ),
  lion: of(
    "In place of adamw with half the state: take a rate 3 to 10 times lower and as much more weight decay. Large batches.",
    ...["tiger", "signsgd", "adamw"],
  ),
  madgrad: of(
    "For vision, and for sparse gradients where Adam falls behind SGD. It wants rates and weight decay of its own: sweep both.",
    ...["adagrad", "adam"],
  ),
  mars: of(
    "For language models with large batches: it damps the noise of gradients by their change since the step before.",
    ...["adamw", "adan"],
  ),
  momentum: of(
    "Ravines, and the textbooks' notation. A velocity of β raises the rate to lr / (1 - β): lower lr when turning it on.",
    ...["sgd", "nag", "qhm"],
  ),
  muon: of(
    "Hidden matrices of a network, at batches large enough to pay for its products. Biases, norms and embeddings go to adamw: muonWith does that.",
    ...["muonWith", "shampoo", "soap"],
  ),
  nadam: of(
    "In place of Adam where a little more speed is wanted early on; tune its rate anew.",
    ...["adam", "nadamw", "nag"],
  ),
  nadamw: of("nadam with decoupled weight decay: in place of adamw, with the same rate.", ...["adamw", "nadam"]),
  nag: of(
    "Smooth problems where a closure is at hand: the gradient is taken where momentum leads, so it brakes before a wall.",
    ...["momentum", "sgd"],
  ),
  novograd: of(
    "Speech and vision with large batches and little memory: one second moment a tensor, and no warm-up in most runs.",
    ...["lamb", "adam"],
  ),
  prodigy: of(
    "When there is no time to search a rate: leave lr at 1, and put a cosine on it. It takes twice Adam's memory.",
    ...["dadaptAdam", "adamw"],
  ),
  qhadam: of(
    "Adam with the share of momentum as one more number to tune: ν₁ near 0.7 with β₁ near 0.995.",
    ...["adam", "qhm"],
  ),
  qhm: of(
    "Momentum that stays stable at β = 0.999, as a share of each gradient acts at once. Its rate is momentum's over (1 - β).",
    ...["momentum", "qhadam", "aggmo"],
  ),
  radam: of(
    "Adam without a warm-up: its first steps are those of momentum, until the second moment can be trusted.",
    ...["adam", "scheduleFreeRadam"],
  ),
  rmsprop: of(
    "Recurrent networks, reinforcement learning, and recipes that name it; gradients whose scale changes. Otherwise Adam.",
    ...["adagrad", "adam", "adadelta"],
  ),
  rprop: of(
    "The full batch alone: it goes by signs, which noise would flip. There it needs no rate and little tuning.",
    ...["signsgd", "lbfgs"],
  ),
  scheduleFreeAdamw: of(
    "When the length of the run is not known: no schedule is needed. Call opt.eval() before evaluating, opt.train() after.",
    ...["adamw", "scheduleFreeRadam", "scheduleFreeSgd"],
  ),
  scheduleFreeRadam: of(
    "scheduleFreeAdamw without a warm-up to choose. Call opt.eval() before evaluating, opt.train() after.",
    ...["scheduleFreeAdamw", "radam"],
  ),
  scheduleFreeSgd: of(
    "SGD when the length of the run is not known; its rates are 10 to 50 times those of momentum. Call opt.eval() before evaluating.",
    ...["sgd", "asgd", "scheduleFreeAdamw"],
  ),
  sgd: of(
    "Convolutional networks with momentum 0.9 and a schedule, and as the yardstick for all others. The rate has to be found.",
    ...["momentum", "sgdw", "nag"],
  ),
  sgdp: of(
    "sgd for networks whose weights stand before a normalization, when their norms grow. Elsewhere it is sgd.",
    ...["sgd", "adamp"],
  ),
  sgdw: of(
    "sgd where weight decay should not depend on momentum, so that rate and decay can be tuned apart.",
    ...["sgd", "adamw"],
  ),
  shampoo: of(
    "The fewest steps on networks of matrices up to some hundred rows, where a step may cost a root of each. Spread that with preconditionFrequency.",
    ...["soap", "muon", "kfac"],
  ),
  signsgd: of(
    "When only signs can be sent between machines, or as the plainest form of lion. Steps never shrink by themselves: put a schedule on lr.",
    ...["lion", "rprop"],
  ),
  sm3: of(
    "Sparse gradients and large embeddings with little memory: AdaGrad with a number for each row and column.",
    ...["adagrad", "adafactor"],
  ),
  soap: of(
    "Few steps, with Adam's hyperparameters: nearly Shampoo's progress for fewer decompositions. Needs matrices that are not too large.",
    ...["shampoo", "adamw", "muon"],
  ),
  sophiaG: of(
    "Language models in a loop of your own that estimates the Hessian from sampled labels every ten steps.",
    ...["sophiaH", "adamw", "lion"],
  ),
  sophiaH: of(
    "Any loss, in a loop of your own that estimates the Hessian with hutchinson every ten steps.",
    ...["sophiaG", "adamw"],
  ),
  tiger: of(
    "lion with one β: half of Adam's memory, for large batches and accumulated gradients.",
    ...["lion", "signsgd"],
  ),
  yellowfin: of(
    "SGD with momentum that tunes both, where a sweep is too dear. A few hundred steps pass before its estimates settle.",
    ...["sgd", "prodigy"],
  ),
  yogi: of(
    "Where gradients are sparse or change their size, and Adam's rate jumps: its second moment falls no faster than it rises.",
    ...["adam", "adabelief"],
  ),
  kfac: of(
    'Regression with loss "mse" above all, on networks of dense layers: natural gradients in few steps. In a program: kfac(model).',
    ...["shampoo", "soap"],
  ),
  muonWith: of(
    "Muon for a whole model: hidden matrices go to muon, the rest to adamw. In a program: muonWith(model.namedParameters()).",
    ...["muon", "adamw"],
  ),
} satisfies Record<keyof typeof optimizers | "kfac" | "muonWith", Advice>;
