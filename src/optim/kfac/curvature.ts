import { rangeError } from "../../check.js";
import type { EngineCore } from "../../engine/core.js";
import type { Tensor } from "../../engine/tensor.js";
import { Scratch } from "../core/scratch.js";
import { FactoredLayer } from "./factoredLayer.js";
import { drawnGradient, exactGradient, exactPasses, type FisherLoss } from "./fisherLabels.js";

/** What {@link Curvature} needs of a model. */
interface Observed {
  readonly engine: EngineCore;
  parameters(): readonly Tensor[];
  observe(observer: ((weight: Tensor, bias: Tensor | undefined, x: Tensor, dy: Tensor) => void) | undefined): void;
  readonly propagated: Tensor | undefined;
  observedBackward(gradOut: Tensor): void;
}

/** Which labels the statistics are of. */
interface Labels {
  fisher: "sampled" | "exact" | "empirical";
  loss: FisherLoss;
  seed: number;
}

/** The dense layers of a model as its backward passes show them, and the statistics of the gradients at their outputs. */
export class Curvature {
  readonly #model: Observed;
  readonly #scratch: Scratch;
  readonly #layers = new Map<Tensor, FactoredLayer>();
  /** The same in an array, in the order of the backward pass. */
  readonly layers: FactoredLayer[] = [];
  /** Parameters whose gradients a further backward pass adds to, all but the weights of dense layers. */
  readonly #others: readonly Tensor[];
  #observing = false;

  constructor(model: Observed) {
    this.#model = model;
    this.#scratch = new Scratch(model.engine);
    this.#others = model.parameters().filter(({ shape }) => shape.length !== 2);
  }

  observe(): void {
    this.#model.observe((weight, bias, x, dy) => {
      const layer = this.#layers.get(weight);
      if (layer) {
        layer.x = x;
        layer.dy = dy;
        return;
      }
      const made = new FactoredLayer(this.layers.length, weight, bias, x, dy, this.#scratch);
      this.#layers.set(weight, made);
      this.layers.push(made);
    });
    this.#observing = true;
  }

  /**
   * Allocates all that the next step needs. Throws, and changes nothing, without a backward pass or memory, and for labels of
   * a softmax over one output, whose Fisher matrix is 0.
   */
  reserve({ fisher, loss }: Labels): void {
    const { propagated } = this.#model;
    if (propagated === undefined || this.layers.length === 0)
      throw new TypeError("kfac: expected a forward and a backward pass of its model before the step, got none");
    if (loss === "softmaxCrossEntropy" && fisher !== "empirical" && propagated.shape[1] === 1)
      throw rangeError("loss", '"mse", or fisher "empirical", for a model with one output, whose softmax is 1', loss);
    for (const { x } of this.layers) x.alive("kfac, the input of the last forward pass");
    void propagated.gradient;
    for (const layer of this.layers) layer.reserve(propagated.shape[0]);
    for (const i of this.#others.keys()) this.#kept(i);
  }

  /** Sums up δᵀδ / rows of each layer, for labels as the hyperparameters have it. */
  gather({ fisher, loss, seed }: Labels, step: number): void {
    const output = this.#model.propagated!;
    const rows = output.shape[0];
    const grad = output.gradient;
    for (const layer of this.layers) layer.clearSum();
    if (fisher === "empirical") {
      // δ of a loss that is a mean over the rows is rows times its gradient.
      for (const layer of this.layers) layer.addSum(rows);
      return;
    }
    const { copy } = this.#model.engine.kernels;
    for (const [i, p] of this.#others.entries())
      if (p.hasGradient) copy(p.place.length, p.gradient.ref, this.#kept(i).ref);
    const passes = fisher === "sampled" ? 1 : exactPasses(output);
    for (let pass = 0; pass < passes; pass++) {
      if (fisher === "sampled") drawnGradient(loss, output, grad, { seed, step });
      else exactGradient(loss, output, grad, pass);
      this.#model.observedBackward(grad);
      for (const layer of this.layers) layer.addSum(1 / rows);
    }
    for (const [i, p] of this.#others.entries())
      if (p.hasGradient) copy(p.place.length, this.#kept(i).ref, p.gradient.ref);
  }

  dispose(): void {
    if (!this.#observing) return;
    this.#observing = false;
    this.#model.observe(undefined);
    this.#scratch.dispose();
  }

  #kept(i: number): Tensor {
    return this.#scratch.floats(`kept ${i}`, this.#others[i].shape);
  }
}
