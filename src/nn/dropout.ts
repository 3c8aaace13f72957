import { checkRate } from "../check.js";
import binary from "../engine/wasm/binaries/nn/dropout.js";
import { lt, mul, select, uniform } from "../math/f32.js";
import { counterKey } from "../math/random.js";
import { layerOfKind } from "./derivatives.js";
import type { BoundLayer, Layer } from "./layer.js";

// The twin of assembly/nn/dropout.ts.
function dropout_(
  n: number,
  x: Float32Array,
  y: Float32Array,
  first: number,
  key0: number,
  key1: number,
  p: number,
  scale: number,
): void {
  const P = Math.fround(p);
  const S = Math.fround(scale);
  for (let i = 0; i < n; i++) y[i] = select(lt(uniform((first + i) | 0, key0, key1), P), 0, mul(S, x[i]));
}

export const dropoutKernels = { dropout: dropout_ };

const SALTS = [0x243f6a88, 0x13198a2e] as const; // digits of pi

/**
 * In training, sets each value to 0 with probability p and divides the others by 1 − p; does nothing after
 * `model.eval()`. Srivastava et al., JMLR 15, 2014; scaled in training ("inverted"), as in PyTorch.
 *
 * The mask is a function of the model's seed, the number of the pass (`model.generatorState`), the layer and the
 * position, the same on every backend. It is not stored: the backward pass computes it again.
 * @param p in [0, 1); default 0.5
 * @throws RangeError for another p
 * @example
 * sequential(engine, [dense(64, 128), relu(), dropout(0.3), dense(128, 10)], { seed: 1 });
 */
export function dropout(p = 0.5): Layer {
  checkRate("p", p);
  return {
    name: "dropout",
    parameters: [],
    inPlace: true,
    backwardReads: "nothing",
    bind(engine, _, pass) {
      const run = engine.implementation.kernel(
        "dropout",
        dropout_,
        ["elements", "array", "array", "counter"],
        [binary],
      );
      const { copy } = engine.kernels;
      const layer = pass.drawers++;
      const scale = 1 / (1 - p);
      const now = { on: false, key0: 0, key1: 0 }; // of the last forward pass
      const bound: BoundLayer = {
        forward(x, y) {
          now.on = pass.training && p > 0;
          if (now.on) {
            now.key0 = counterKey(pass, layer, SALTS[0]);
            now.key1 = counterKey(pass, layer, SALTS[1]);
            run(y.place.length, x.ref, y.ref, 0, now.key0, now.key1, p, scale);
          } else if (x.ref !== y.ref) copy(y.place.length, x.ref, y.ref);
        },
        backward(_, y, dy) {
          if (now.on) run(y.place.length, dy.ref, dy.ref, 0, now.key0, now.key1, p, scale);
        },
      };
      return layerOfKind(bound, { kind: "elementwise" });
    },
  };
}
