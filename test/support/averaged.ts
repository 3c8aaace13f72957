/** What the tests of checkpoints train on, and state of their own that a checkpoint holds. */
import type { Averages, Data, Model } from "../../src/index.js";

/** 22 points of two classes that no line divides. */
export const x = Array.from({ length: 22 }, (_, i) => [(i % 5) - 2, ((i * 7) % 11) / 5 - 1, Math.sin(i)]);
export const data: Data = { x, y: Int32Array.from(x, ([a, b]) => Number(a * b > 0)) };

/** A running mean of the parameters, of the test's own: what \`averages\` must provide. */
export function meanOf(model: Model): Averages {
  let count = 0;
  let held: Float32Array[] = model.parameters().map((tensor) => new Float32Array(tensor.size));
  const swap = () => {
    model.parameters().forEach((tensor, i) => {
      const own = tensor.toArray();
      tensor.copyFrom(held[i]);
      held[i] = own;
    });
  };
  return {
    update() {
      count++;
      model.parameters().forEach((tensor, i) => {
        tensor.data.forEach((value, j) => {
          held[i][j] += (value - held[i][j]) / count;
        });
      });
    },
    swapIn: swap,
    swapOut: swap,
    stateDict: () => ({ count, held: held.map((array) => array.slice()) }),
    loadStateDict(state) {
      count = state.count;
      held = state.held.map((array: Float32Array) => array.slice());
    },
  };
}
