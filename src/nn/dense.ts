import { checkBoolean, checkKeys, checkWhole } from "../check.js";
import type { Engine } from "../engine/engine.js";
import type { Tensor } from "../engine/tensor.js";
import { layerOfKind } from "./derivatives.js";
import { EPILOGUE_COLUMNS, type Epilogue, fusible } from "./fuse.js";
import { checkInit, type Init } from "./init.js";
import type { BoundLayer, Layer, Pass } from "./layer.js";

/** Options of a dense layer. */
export interface DenseOptions {
  /** Whether to add a bias to every output. Default true. */
  bias?: boolean;
  /** Initialization of weights and bias. Default "uniform", as in PyTorch. */
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
    bind(engine, [w, b], pass) {
      const layer = bound(engine, inputs, outputs, w, b, pass);
      if (b && outputs % EPILOGUE_COLUMNS === 0)
        fusible(layer, (epilogue) => bound(engine, inputs, outputs, w, b, pass, epilogue));
      return layerOfKind(layer, { kind: "dense", weight: w, bias: b });
    },
  };
}

function bound(
  engine: Engine,
  inputs: number,
  outputs: number,
  w: Tensor,
  b: Tensor | undefined,
  pass: Pass,
  epilogue?: Epilogue,
): BoundLayer {
  const { addRow, addRowSums } = engine.kernels;
  return {
    forward(x, y) {
      const rows = x.shape[0];
      engine.product(false, false, rows, outputs, inputs, x.ref, w.ref, y.ref, false);
      if (!b) return;
      if (epilogue) epilogue.forward(rows, outputs, b.ref, y.ref);
      else addRow(rows, outputs, b.ref, y.ref);
    },
    reserve(x, _, inputGrad) {
      const rows = x.shape[0];
      void w.gradient;
      engine.reserve(true, false, inputs, outputs, rows, true);
      if (inputGrad) engine.reserve(false, true, rows, inputs, outputs, false);
    },
    backward(x, y, dy, dx) {
      const rows = x.shape[0];
      if (b && epilogue)
        epilogue.backward(rows, outputs, y.ref, dy.ref, b.gradient.ref); // first, as it changes dy
      else if (b) addRowSums(rows, outputs, dy.ref, b.gradient.ref);
      pass.observer?.(w, b, x, dy);
      if (!pass.observing) engine.product(true, false, inputs, outputs, rows, x.ref, dy.ref, w.gradient.ref, true);
      if (dx) engine.product(false, true, rows, inputs, outputs, dy.ref, w.ref, dx.ref, false);
    },
  };
}
