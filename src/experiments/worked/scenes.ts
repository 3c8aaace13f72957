/** The worked example that each optimizer is shown on: where it starts, what it is given, and with which hyperparameters. */
import { parabola, ravine, type Surface } from "./walks.js";

/** A parameter, and the gradients or the function that move it. */
export interface Scene {
  /** What it is, after "on": "the gradients 4, -1, 3". */
  about: string;
  shape: readonly number[];
  start: readonly number[];
  /** The gradient at each step, where they are given. */
  gradients?: readonly (readonly number[])[];
  /** Otherwise the function that they are of, and how many steps are taken on it. */
  surface?: Surface;
  steps?: number;
  /** Hyperparameters in which it differs from the defaults. */
  hyper?: Readonly<Record<string, unknown>>;
  /** The estimate of the Hessian's diagonal that it is given before each step. */
  hessian?: readonly number[];
}

const scalar = (gradients: readonly number[], more: Partial<Scene> = {}): Scene => ({
  about: `the gradients ${gradients.join(", ")}`,
  shape: [1],
  start: [0],
  gradients: gradients.map((g) => [g]),
  ...more,
});

/** (x - 3)² from 0. */
const valley = (hyper: Scene["hyper"] = {}, steps = 5): Scene => ({
  about: "(θ - 3)², whose gradient is 2 (θ - 3)",
  shape: [1],
  start: [0],
  surface: parabola,
  steps,
  hyper,
});

/** Gradients of norm ½ for a vector of norm 5: along it, across it, and neither. */
const vector = (hyper: Scene["hyper"] = {}): Scene => ({
  about: "a vector of norm 5, with gradients of norm 0.5 along it, across it, and aslant",
  shape: [2],
  start: [3, 4],
  gradients: [
    [0.3, 0.4],
    [0.4, -0.3],
    [0, 0.5],
  ],
  hyper,
});

const matrix = (hyper: Scene["hyper"] = {}): Scene => ({
  about: "a matrix of two rows and two columns",
  shape: [2, 2],
  start: [1, 2, 3, 4],
  gradients: [
    [4, -1, 3, 2],
    [1, 2, -1, 0],
    [2, 0, 1, -1],
  ],
  hyper,
});

/** The first example of Adam, and of every optimizer that has none of its own. */
const ADAM = [4, -1, 3];
const BUSY = [3, 2.5, 2.8, 3.1];

export const SCENES: Readonly<Record<string, Scene>> = {
  adafactor: matrix(),
  adagrad: scalar(BUSY, { hyper: { lr: 0.1 } }),
  adamp: vector({ lr: 0.1 }),
  adamw: scalar(ADAM, { start: [5] }),
  asgd: scalar(ADAM, { hyper: { t0: 0 } }),
  dadaptAdam: valley(),
  dadaptSgd: valley(),
  demonAdam: scalar(BUSY, { hyper: { totalSteps: 4 } }),
  demonSgd: scalar([1, 1, 1, 1], { hyper: { lr: 0.1, totalSteps: 4 } }),
  fromage: vector(),
  lamb: vector(),
  larc: vector(),
  lars: vector({ lr: 1 }),
  lbfgs: {
    about: "x² + 10y²",
    shape: [2],
    start: [5, 5],
    surface: ravine,
    steps: 3,
    hyper: { maxIter: 1, historySize: 2 },
  },
  mars: matrix(),
  momentum: valley(),
  muon: matrix({ lr: 0.02 }),
  nag: valley(),
  novograd: vector(),
  prodigy: valley(),
  radam: scalar([4, -1, 3, 2, -2, 1], { hyper: { lr: 0.1 } }),
  rmsprop: scalar(BUSY, { hyper: { lr: 0.1, alpha: 0.9 } }),
  rprop: valley({ lr: 1 }),
  scheduleFreeAdamw: valley({ lr: 0.1 }),
  scheduleFreeRadam: valley({ lr: 0.1 }, 8),
  scheduleFreeSgd: valley({ lr: 0.1 }),
  sgd: valley({ lr: 0.1 }),
  sgdp: vector({ momentum: 0.9 }),
  sgdw: scalar(ADAM, { start: [5], hyper: { lr: 0.01, weightDecay: 0.1 } }),
  shampoo: matrix(),
  sm3: matrix(),
  soap: matrix(),
  sophiaG: scalar(ADAM, { hessian: [2] }),
  sophiaH: scalar(ADAM, { hessian: [2] }),
  yellowfin: valley({ lr: 0.1 }),
};

/** The example of an optimizer. */
export const sceneOf = (name: string): Scene => SCENES[name] ?? scalar(ADAM);
