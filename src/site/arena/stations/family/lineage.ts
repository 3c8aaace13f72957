/** Who comes from whom, and what each changed: the one part of the family tree that is not in THE TABLE. */
import type { OptimizerName } from "../../../../optim/table.js";

export interface Line {
  /** The optimizer that it changes; undefined at a root. */
  readonly from: OptimizerName | undefined;
  readonly changed: string;
}

const of = (from: OptimizerName | undefined, changed: string): Line => ({ from, changed });

export const LINEAGE: Readonly<Record<OptimizerName, Line>> = {
  sgd: of(undefined, "A step against the gradient of a few examples, in place of the whole sum."),
  asgd: of("sgd", "Keeps an average of the parameters beside them, and evaluates there."),
  sgdw: of("sgd", "Weight decay apart from the gradient, so that momentum does not touch it."),
  sgdp: of("sgd", "Takes out the part of the step that only lengthens weights before a normalization."),
  fromage: of("sgd", "Each tensor moves by a share of its own norm."),
  dadaptSgd: of("sgd", "Estimates the distance to the minimum, and the rate from it."),
  scheduleFreeSgd: of("asgd", "Takes gradients between the iterate and its average: no schedule is needed."),
  momentum: of("sgd", "Adds up gradients in a velocity: what they agree on grows."),
  nag: of("momentum", "Takes the gradient where momentum leads, not where it stands."),
  lars: of("momentum", "Scales the step of each layer by the norm of its weights over that of its gradient."),
  larc: of("lars", "Caps the layer’s rate at the given one."),
  qhm: of("momentum", "Steps by a mix of the velocity and the gradient of now."),
  aggmo: of("momentum", "Several velocities with different β, averaged."),
  yellowfin: of("momentum", "Measures curvature and noise, and sets rate and momentum from them."),
  demonSgd: of("momentum", "Lets momentum fall to 0 over the run."),
  muon: of("nag", "Replaces the velocity of a matrix by the nearest orthogonal one."),
  rprop: of("sgd", "Goes by signs alone; each parameter has a step size that grows and shrinks."),
  signsgd: of("rprop", "One rate for all: signs that fit mini-batches and one bit a gradient."),
  lion: of("signsgd", "The sign of a blend of gradient and momentum, with decoupled decay."),
  tiger: of("lion", "One β for both means of Lion."),
  lbfgs: of(undefined, "Curvature from the last steps and gradients, with a line search: Newton without the Hessian."),
  adagrad: of("sgd", "Divides by the root of the sum of squared gradients: each parameter has its own rate."),
  shampoo: of("adagrad", "A matrix for each side of the gradient, in place of one number for each element."),
  soap: of("shampoo", "Runs Adam in the directions that Shampoo finds."),
  sm3: of("adagrad", "One number a row and a column, in place of one for each element."),
  madgrad: of("adagrad", "Dual averaging with a cube root in place of the square root."),
  rmsprop: of("adagrad", "A running mean of squares in place of their sum: the rate can rise again."),
  adadelta: of("rmsprop", "The size of past updates in place of a rate: steps have the unit of the parameters."),
  adam: of("rmsprop", "A running mean of the gradient too, and both corrected for their start at 0."),
  adamax: of("adam", "Divides by the largest gradient of late, in place of a mean square."),
  nadam: of("adam", "Nesterov’s look-ahead in the first moment."),
  amsgrad: of("adam", "Divides by the largest second moment so far: rates never grow."),
  adafactor: of("adam", "Keeps the second moment of a matrix as sums of its rows and columns."),
  yogi: of("adam", "The second moment moves by a bounded amount: it cannot collapse at once."),
  novograd: of("adam", "One second moment for a whole layer."),
  qhadam: of("adam", "Quasi-hyperbolic means: a share of the gradient of now in both moments."),
  adamw: of("adam", "Weight decay apart from the gradient, so that it is not divided by its size."),
  radam: of("adam", "Steps like momentum until the second moment can be trusted: no warm-up."),
  lamb: of("adam", "Scales the step of each layer by the norm of its weights, for batches of thousands."),
  laprop: of("adam", "Divides first, then averages."),
  adabelief: of("adam", "Divides by how far gradients stray from their mean, not by how large they are."),
  demonAdam: of("adam", "Lets β₁ fall to 0 over the run."),
  dadaptAdam: of("adam", "Estimates the distance to the minimum, and the rate from it."),
  adopt: of("adam", "Divides by the second moment of before this gradient: converges for any β₂."),
  nadamw: of("nadam", "Decoupled weight decay."),
  adamp: of("adamw", "Takes out the part of the step that only lengthens weights before a normalization."),
  adan: of("adamw", "A third mean, of the change of the gradient: Nesterov’s look-ahead without a second pass."),
  sophiaG: of("adamw", "Divides by the Hessian’s diagonal, from sampled labels, and clips each element."),
  sophiaH: of("adamw", "The same with Hutchinson’s estimate, which any loss allows."),
  scheduleFreeAdamw: of("adamw", "Averages in place of a schedule."),
  scheduleFreeRadam: of("scheduleFreeAdamw", "RAdam’s start, so that there is no warm-up to choose."),
  mars: of("adamw", "Corrects the gradient by its change since the step before, which damps its noise."),
  ademamix: of("adamw", "A second, much slower mean of the gradient."),
  prodigy: of("dadaptAdam", "Lets the estimate of the distance grow faster."),
};

const NAMES = Object.keys(LINEAGE) as OptimizerName[];

export const childrenOf = (name: OptimizerName | undefined): OptimizerName[] =>
  NAMES.filter((each) => LINEAGE[each].from === name);

/** The line from its root to an optimizer, both included. */
export function descent(name: OptimizerName): OptimizerName[] {
  const { from } = LINEAGE[name];
  return from === undefined ? [name] : [...descent(from), name];
}

/** The year of a citation: that of its first paper. */
export const yearOf = (paper: string): number => Number(/\b(19|20)\d\d\b/.exec(paper)?.[0]);
