import type { RunShape } from "../schedule/run.js";

/** One recipe: what its source used, as plain data. */
export interface RecipeRow {
  name: string;
  situation: string;
  /** The name of the optimizer in `thalweg`. */
  optimizer: string;
  /** The peak learning rate. */
  lr: number;
  lrRange: readonly [number, number];
  schedule: {
    shape: RunShape;
    /** Length of the warm-up, as a fraction of the run. */
    warmup?: number;
    /** Final learning rate, as a fraction of the peak. */
    to?: number;
  };
  weightDecay: number;
  weightDecayRange: readonly [number, number];
  /** Further hyperparameters that differ from the optimizer's defaults. */
  hyper: Readonly<Record<string, unknown>>;
  /** Whether biases and the gains of normalisations are excluded from weight decay. */
  excludesBiases: boolean;
  source: string;
  /** Further advice. */
  note?: string;
  /**
   * The least test accuracy on the UCI digits (3,823 to train on, 1,797 by other writers to test on) after so many
   * epochs, with one hidden layer of 64 relu units and batches of 32: half a per cent below the worst of five seeds.
   */
  digits?: { epochs: number; accuracy: number };
}

const row = (
  name: string,
  rest: Omit<RecipeRow, "name" | "hyper" | "excludesBiases"> & Partial<Pick<RecipeRow, "hyper" | "excludesBiases">>,
): RecipeRow => ({
  name,
  hyper: {},
  excludesBiases: false,
  ...rest,
});

const table: RecipeRow[] = [
  row("language-model", {
    situation: "language-model pre-training",
    optimizer: "adamw",
    lr: 6e-4,
    lrRange: [3e-4, 1e-3],
    schedule: { shape: "cosine", warmup: 0.01, to: 0.1 },
    weightDecay: 0.1,
    weightDecayRange: [0.01, 0.1],
    hyper: { betas: [0.9, 0.95] },
    excludesBiases: true,
    source: "Brown et al., Language models are few-shot learners, 2020, appendix B; Shoeybi et al., Megatron-LM, 2019",
    note: "clip gradients at norm 1; the larger the model, the smaller the learning rate",
  }),
  row("fine-tuning", {
    situation: "transformer fine-tuning",
    optimizer: "adamw",
    lr: 2e-5,
    lrRange: [1e-5, 5e-5],
    schedule: { shape: "linear", warmup: 0.1 },
    weightDecay: 0.01,
    weightDecayRange: [0.01, 0.01],
    excludesBiases: true,
    source: "Devlin et al., BERT: pre-training of deep bidirectional transformers, 2019, appendix A.3",
    note: "2 to 4 epochs; clip gradients at norm 1",
  }),
  row("convnet", {
    situation: "vision, ResNet or ConvNet",
    optimizer: "sgd",
    lr: 0.1,
    lrRange: [0.1, 0.1],
    schedule: { shape: "cosine" },
    weightDecay: 1e-4,
    weightDecayRange: [1e-4, 1e-4],
    hyper: { momentum: 0.9, nesterov: true },
    source: "He et al., Deep residual learning, 2016; Loshchilov & Hutter, SGDR, 2017 (cosine); Sutskever et al. 2013",
    note: "for batches of 256; scale the learning rate with the batch. The weight decay is L2",
    digits: { epochs: 20, accuracy: 0.955 },
  }),
  row("vision-transformer", {
    situation: "vision transformer",
    optimizer: "adamw",
    lr: 1e-3,
    lrRange: [1e-3, 1e-3],
    schedule: { shape: "cosine", warmup: 0.05 },
    weightDecay: 0.05,
    weightDecayRange: [0.05, 0.3],
    excludesBiases: true,
    source: "Touvron et al., Training data-efficient image transformers, 2021, table 9; Dosovitskiy et al. 2021",
    digits: { epochs: 20, accuracy: 0.95 },
  }),
  row("gan", {
    situation: "generative adversarial network",
    optimizer: "adam",
    lr: 2e-4,
    lrRange: [1e-4, 2e-4],
    schedule: { shape: "constant" },
    weightDecay: 0,
    weightDecayRange: [0, 0],
    hyper: { betas: [0.5, 0.999] },
    source: "Radford et al., Unsupervised representation learning with DCGAN, 2016, section 4",
  }),
  row("diffusion", {
    situation: "diffusion model",
    optimizer: "adamw",
    lr: 1e-4,
    lrRange: [1e-4, 1e-4],
    schedule: { shape: "constant" },
    weightDecay: 0.01,
    weightDecayRange: [0.01, 0.01],
    source: "Rombach et al., High-resolution image synthesis with latent diffusion models, 2022; Peebles & Xie 2023",
    note: "sample from an exponential moving average of the weights",
  }),
  row("reinforcement", {
    situation: "reinforcement learning (PPO, SAC)",
    optimizer: "adam",
    lr: 3e-4,
    lrRange: [3e-4, 3e-4],
    schedule: { shape: "linear" },
    weightDecay: 0,
    weightDecayRange: [0, 0],
    source:
      "Schulman et al., Proximal policy optimization algorithms, 2017, appendix A; Haarnoja et al. 2018 (constant)",
  }),
  row("memory-bound", {
    situation: "memory-bound language model",
    optimizer: "lion",
    lr: 1e-4,
    lrRange: [3e-5, 3e-4],
    schedule: { shape: "cosine", warmup: 0.01, to: 0.1 },
    weightDecay: 0.5,
    weightDecayRange: [0.1, 1],
    excludesBiases: true,
    source: "Chen et al., Symbolic discovery of optimization algorithms, 2023, section 5",
    note: "a third to a tenth of AdamW's learning rate, and as many times its weight decay; half its state",
  }),
  row("large-batch", {
    situation: "large-batch distributed training",
    optimizer: "lamb",
    lr: 5e-3,
    lrRange: [6e-4, 5e-3],
    schedule: { shape: "linear", warmup: 0.2 },
    weightDecay: 0.01,
    weightDecayRange: [0.01, 0.01],
    excludesBiases: true,
    source: "You et al., Large batch optimization for deep learning: training BERT in 76 minutes, 2020, section 4",
    note: "for batches of 32,768, the low end for 512: scale the learning rate with the batch. The decay is polynomial of power 1",
  }),
  row("sparse", {
    situation: "sparse features, online, convex",
    optimizer: "adagrad",
    lr: 0.01,
    lrRange: [0.01, 0.1],
    schedule: { shape: "constant" },
    weightDecay: 0,
    weightDecayRange: [0, 0],
    source: "Duchi et al., Adaptive subgradient methods for online learning, 2011",
  }),
  row("recurrent", {
    situation: "recurrent network",
    optimizer: "rmsprop",
    lr: 1e-3,
    lrRange: [1e-4, 1e-3],
    schedule: { shape: "constant" },
    weightDecay: 0,
    weightDecayRange: [0, 0],
    source: "Tieleman & Hinton, Lecture 6.5, 2012; Graves, Generating sequences with recurrent neural networks, 2013",
    note: "clip gradients",
  }),
  row("baseline", {
    situation: "debugging, the simplest baseline",
    optimizer: "sgd",
    lr: 0.01,
    lrRange: [1e-3, 0.1],
    schedule: { shape: "constant" },
    weightDecay: 0,
    weightDecayRange: [0, 0],
    source: "Robbins & Monro, A stochastic approximation method, 1951",
  }),
  row("schedule-free", {
    situation: "unknown length, no schedule wanted",
    optimizer: "scheduleFreeAdamw",
    lr: 2.5e-3,
    lrRange: [2.5e-3, 2.5e-3],
    schedule: { shape: "constant" },
    weightDecay: 0.01,
    weightDecayRange: [0.01, 0.01],
    source: "Defazio et al., The road less scheduled, 2024",
    note: "call optimizer.eval() before the model is evaluated, and train() before it is trained on",
    digits: { epochs: 20, accuracy: 0.955 },
  }),
];

export const rows: Readonly<Record<string, RecipeRow>> = /* @__PURE__ */ Object.fromEntries(
  table.map((one) => [one.name, one]),
);
