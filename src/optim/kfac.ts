import {
  checkBoolean,
  checkNonNegative,
  checkNumber,
  checkOneOf,
  checkPositive,
  checkRate,
  checkWhole,
  rangeError,
  typeError,
} from "../check.js";
import type { EngineCore } from "../engine/core.js";
import type { Shape, Tensor } from "../engine/tensor.js";
import type { Common } from "./core/hyperparameters.js";
import type { Counted, Member, Rule, Scheduled, StepContext } from "./core/rule.js";
import { RuleOptimizer } from "./core/ruleOptimizer.js";
import { Curvature } from "./kfac/curvature.js";
import type { FisherLoss } from "./kfac/fisherLabels.js";

/** Hyperparameters of {@link kfac}, with their defaults. */
export interface KfacHyper {
  /** Learning rate. Default 0.03. */
  lr: number;
  /** γ, which makes the factors invertible, and steps along directions of little curvature shorter. Above 0. Default 0.1. */
  damping: number;
  /** Splits the damping between the factors of a layer by π, the root of the ratio of their mean eigenvalues; otherwise π = 1. Default true. */
  piDamping: boolean;
  /** "factored": (A + π√γ I)⁻¹ and (G + √γ/π I)⁻¹; "eigen": γ is added to each product of eigenvalues. Default "factored". */
  inverse: "factored" | "eigen";
  /** Decay rate of the averages A and G. Default 0.95. */
  statDecay: number;
  /** "first": averages start at the first statistics, with decay rates 1 - 1/k until that is above statDecay; "identity": at I. Default "first". */
  statStart: "first" | "identity";
  /** Steps between two inversions, once as many steps have had one each. Default 1. */
  preconditionFrequency: number;
  /** Whose gradients make G: of labels "sampled" from the model, of all labels ("exact", a backward pass for each), or of the data ("empirical"). Default "sampled". */
  fisher: "sampled" | "exact" | "empirical";
  /** The name of the loss that labels are drawn for: "softmaxCrossEntropy", or "mse" for any regression. Not checked against the loss in use. Default "softmaxCrossEntropy". */
  loss: FisherLoss;
  /** κ: steps are scaled so that lr² Σ u·g is at most this. null for no limit. Default 1e-3. */
  klClip: number | null;
  /** Heavy ball, of the preconditioned gradient. Default 0.9. */
  momentum: number;
  /** Decoupled: θ is multiplied by 1 - lr λ before the step. Default 0. */
  weightDecay: number;
  /** Seed of the labels that are drawn. Default 0. */
  seed: number;
}

/** What a step of {@link kfac} hands to the next; part of the saved state. */
export interface KfacState extends Counted {
  /** How often the damping of a layer was raised, as a factor was not positive definite without. */
  damped: number;
  /**
   * Statistics that were not finite and left out, factors that no damping made invertible (the layer keeps its last
   * inverses), and products with the gradient that overflow (the layer's weights take no step).
   */
  failed: number;
}

/** A model as {@link kfac} takes it: one of `sequential`. */
export interface FactoredModel {
  readonly engine: EngineCore;
  parameters(): readonly Tensor[];
  /** @internal */
  observe(observer: ((weight: Tensor, bias: Tensor | undefined, x: Tensor, dy: Tensor) => void) | undefined): void;
  /** @internal */
  readonly propagated: Tensor | undefined;
  /** @internal */
  observedBackward(gradOut: Tensor): void;
}

const DEFAULTS: KfacHyper = {
  lr: 0.03,
  damping: 0.1,
  piDamping: true,
  inverse: "factored",
  statDecay: 0.95,
  statStart: "first",
  preconditionFrequency: 1,
  fisher: "sampled",
  loss: "softmaxCrossEntropy",
  klClip: 1e-3,
  momentum: 0.9,
  weightDecay: 0,
  seed: 0,
};

/** Natural gradients by Kronecker factors, of one model. Made by {@link kfac}. */
export class Kfac extends RuleOptimizer<KfacHyper, KfacState> {
  readonly #curvature: Curvature;

  /** @internal */
  constructor(model: FactoredModel, hyper: Partial<Scheduled<KfacHyper> & Common>) {
    const curvature = new Curvature(model);
    super(ruleOf(curvature), model.parameters(), hyper);
    this.#curvature = curvature;
    curvature.observe();
  }

  /** @internal */
  override checkedGroup(group: Parameters<RuleOptimizer<KfacHyper, KfacState>["checkedGroup"]>[0]): () => void {
    if (this.groups.length > 0)
      throw new TypeError("addParamGroup: expected the parameters of the model alone, got more for kfac");
    return super.checkedGroup(group);
  }

  /** @internal */
  override reserve(): void {
    this.#curvature.reserve(this.groups[0]);
    super.reserve();
  }

  override dispose(): void {
    super.dispose();
    this.#curvature.dispose();
  }
}

/**
 * K-FAC: the natural gradient, with the Fisher matrix of each dense layer as a Kronecker product of two small ones.
 *
 * ```
 * A = E[ā āᵀ]                        ā: a layer's input, with a 1 for the bias
 * G = E[δ δᵀ]                        δ: the gradient of one example's loss at the layer's output
 * π = √((tr A / dim A) / (tr G / dim G))
 * U = (A + π√γ I)⁻¹ ∇W (G + √γ/π I)⁻¹            ∇W [in + 1, out], the gradient of weights and bias
 * ν = min(1, √(κ / Σ lr² U·∇W))      over all layers
 * v = μ v + ν U
 * θ = θ - lr λ θ - lr v
 * ```
 * E is the mean over a batch, and A and G are running averages of it: with decay rates 1 - 1/k at step k, until that is above
 * `statDecay`. Labels for δ are drawn from the model by default, as the Fisher matrix has it: those of the data
 * ("empirical") give another matrix.
 *
 * Take steps as with any optimizer, after a forward and a backward pass of the model, whose loss is a mean over the rows: the
 * optimizer observes its dense layers. Unless the Fisher matrix is empirical, `step` propagates further gradients back, which
 * leaves those of the parameters as they are and overwrites the `grad` of the output. After gradient accumulation, statistics
 * are those of the last micro-batch. Parameters of other layers take the step of SGD with the same rate and momentum.
 *
 * Statistics and inverses are f64. A factor that is not positive definite is damped more, ten times at a time: `opt.report.damped`
 * counts how often. `opt.report.failed` counts statistics that are not finite, which are left out, and factors that no
 * damping makes invertible, whose layer keeps its last inverses. Throws a TypeError for a step without a backward pass before it, and for a model that another K-FAC observes.
 *
 * Martens & Grosse, Optimizing neural networks with Kronecker-factored approximate curvature, ICML 2015; averages that start
 * at I, the eigenbasis, the KL clip and momentum as in alecwangcq's KFAC-Pytorch.
 *
 * @param model a model of `sequential`
 * @example
 * const opt = kfac(model, { lr: 0.03, damping: 0.1, klClip: 1e-3 });
 */
export function kfac(model: FactoredModel, hyper: Partial<Scheduled<KfacHyper> & Common> = {}): Kfac {
  if (typeof model?.parameters !== "function" || typeof model.observe !== "function")
    throw typeError("model", "a model of sequential", model);
  if (!model.parameters().some(isMatrix)) throw rangeError("model", "a model with a dense layer", "one without");
  // A function would be taken for a schedule.
  if (typeof hyper?.loss === "function") throw typeError("loss", 'the name "softmaxCrossEntropy" or "mse"', hyper.loss);
  return new Kfac(model, hyper);
}

const isMatrix = ({ shape }: { shape: Shape }): boolean => shape.length === 2;

/** The rule of one model: its slots stand with the weights of each layer. */
function ruleOf(curvature: Curvature): Rule<KfacHyper, KfacState> {
  return {
    name: "kfac",
    paper: "Martens & Grosse 2015",
    follows: "paper",
    hyper: DEFAULTS,
    check,
    slots: (h, shape) => ({
      ...(h.momentum !== 0 && { momentumBuffer: shape }),
      ...(isMatrix({ shape }) && inverses(h, shape)),
    }),
    doubles: (h, shape) => {
      if (!isMatrix({ shape })) return {};
      const [n, m] = sides(shape);
      const values = h.inverse === "eigen" && { inputValues: [n], outputValues: [m] };
      return { inputFactor: [n, n], outputFactor: [m, m], ...values };
    },
    averages: (h) => (h.momentum === 0 ? [] : ["momentumBuffer"]),
    state: () => ({ steps: 0, damped: 0, failed: 0 }),
    report: ({ damped, failed }) => ({ damped, failed }),
    kernels: {},
    stepAll([c]) {
      step(c, curvature);
      return undefined;
    },
  };
}

/** Room for the row of a bias, which a layer may be without: a shape does not say. */
const sides = (shape: Shape): [number, number] => [shape[0] + 1, shape[1]];

function inverses(h: KfacHyper, shape: Shape): Record<string, Shape> {
  const [n, m] = sides(shape);
  return h.inverse === "eigen"
    ? { inputBasis: [n, n], outputBasis: [m, m] }
    : { inputInverse: [n, n], outputInverse: [m, m] };
}

function check(h: KfacHyper): void {
  checkNonNegative("lr", h.lr);
  checkPositive("damping", h.damping);
  checkBoolean("piDamping", h.piDamping);
  checkOneOf("inverse", h.inverse, ["factored", "eigen"]);
  checkRate("statDecay", h.statDecay);
  checkOneOf("statStart", h.statStart, ["first", "identity"]);
  checkWhole("preconditionFrequency", h.preconditionFrequency);
  checkOneOf("fisher", h.fisher, ["sampled", "exact", "empirical"]);
  checkOneOf("loss", h.loss, ["softmaxCrossEntropy", "mse"]);
  if (h.klClip !== null) checkPositive("klClip", h.klClip);
  checkRate("momentum", h.momentum);
  checkNonNegative("weightDecay", h.weightDecay);
  checkNumber("seed", h.seed, "a whole number", Number.isSafeInteger);
}

function step(c: StepContext<KfacHyper, KfacState>, curvature: Curvature): void {
  const { hyper: h, state: s, gradScale } = c;
  const k = ++s.steps;
  const members = new Map(c.tensors.map((member): [Tensor, Member] => [member.p, member]));
  curvature.gather(h, s.steps);
  const fresh = k <= h.preconditionFrequency || k % h.preconditionFrequency === 0;
  let along = 0;
  const layers = curvature.layers.filter(({ weight }) => members.has(weight));
  for (const layer of layers) {
    const member = members.get(layer.weight)!;
    const isNew = layer.isNew(member);
    if (isNew && h.statStart === "identity") layer.start(member);
    const first = h.statStart === "first" && isNew;
    const decay = first ? 0 : h.statStart === "first" ? Math.min(1 - 1 / k, h.statDecay) : h.statDecay;
    if (!layer.average(member, decay)) s.failed++;
    if (fresh || isNew) {
      const damped = layer.refresh(member, h);
      if (damped < 0) s.failed++;
      else s.damped += damped;
    }
    const own = layer.precondition(member, gradScale, h);
    if (Number.isFinite(own)) along += own;
    else s.failed++;
  }
  const squares = h.lr * h.lr * along;
  const clip = h.klClip !== null && squares > h.klClip ? Math.sqrt(h.klClip / squares) : 1;
  for (const layer of layers) {
    move(c, members.get(layer.weight)!, layer.update, clip);
    members.delete(layer.weight);
    const bias = layer.bias && members.get(layer.bias);
    if (!bias) continue;
    move(c, bias, layer.biasUpdate, clip);
    members.delete(bias.p);
  }
  for (const member of members.values()) move(c, member, member.g, gradScale);
}

/** v = μ v + factor u; θ = (1 - lr λ) θ - lr v. What a tensor has behind its elements may be read and written. */
function move(
  { engine, hyper: h }: StepContext<KfacHyper, KfacState>,
  { p, slots }: Member,
  u: Tensor,
  factor: number,
): void {
  const { axpy, scale } = engine.kernels;
  const { length } = p.place;
  if (h.weightDecay !== 0) scale(length, p.ref, 1 - h.lr * h.weightDecay);
  const buffer = slots.momentumBuffer;
  if (!buffer) {
    axpy(length, u.ref, p.ref, -h.lr * factor);
    return;
  }
  scale(length, buffer.ref, h.momentum);
  axpy(length, u.ref, buffer.ref, factor);
  axpy(length, buffer.ref, p.ref, -h.lr);
}
