import { checkBoolean, checkKeys, checkWhole } from "../check.js";
import type { Engine } from "../engine/engine.js";
import type { Tensor } from "../engine/tensor.js";
import { checkInit, type Init } from "./init.js";
import type { BoundLayer, Layer } from "./layer.js";

/** A dense layer beyond its widths. */
export interface DenseOptions {
  /** Add a bias to every output. Default true. */
  bias?: boolean;
  /** How weights and bias start; "uniform", PyTorch's way, by default. */
  init?: Init;
}

/**
 * A fully connected layer: y = x·W + b, for x [rows, inputs], W [inputs, outputs], b [outputs], y [rows, outputs].
 *
 * Backward: ∂W += xᵀ·∂y, ∂b += column sums of ∂y, ∂x = ∂y·Wᵀ (Rumelhart, Hinton & Williams, Nature 323, 1986, eq. 6–7).
 * @throws RangeError for widths below 1 or an unknown init
 * @example
 * const model = sequential(engine, [dense(64, 32), relu(), dense(32, 10)], { seed: 1 });
 */
export function dense(inputs: number, outputs: number, options: DenseOptions = {}): Layer {
  checkWhole("inputs", inputs);
  checkWhole("outputs", outputs);
  checkKeys("dense", options, ["bias", "init"]);
  const { bias = true, init = "uniform" } = options;
  checkBoolean("bias", bias);
  checkInit(init);
  const fan = [inputs, outputs] as const;
  const weight = { name: "weight", shape: [inputs, outputs], init, fan };
  return {
    name: "dense",
    inputs,
    outputs,
    parameters: bias ? [weight, { name: "bias", shape: [outputs], init, fan }] : [weight],
    inPlace: false,
    backwardReads: "input",
    bind: (engine, [w, b]) => bound(engine, inputs, outputs, w!, b),
  };
}

function bound(engine: Engine, inputs: number, outputs: number, w: Tensor, b: Tensor | undefined): BoundLayer {
  const { addRow, addRowSums } = engine.kernels;
  return {
    forward(x, y) {
      const rows = x.shape[0]!;
      engine.product(false, false, rows, outputs, inputs, x.ref, w.ref, y.ref, false);
      if (b) addRow(rows, outputs, b.ref, y.ref);
    },
    reserve(x, _, inputGrad) {
      const rows = x.shape[0]!;
      void w.gradient;
      engine.reserve(true, false, inputs, outputs, rows, true);
      if (inputGrad) engine.reserve(false, true, rows, inputs, outputs, false);
    },
    backward(x, _, dy, dx) {
      const rows = x.shape[0]!;
      engine.product(true, false, inputs, outputs, rows, x.ref, dy.ref, w.gradient.ref, true);
      if (b) addRowSums(rows, outputs, dy.ref, b.gradient.ref);
      if (dx) engine.product(false, true, rows, inputs, outputs, dy.ref, w.ref, dx.ref, false);
    },
  };
}
