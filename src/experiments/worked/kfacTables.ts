/** K-FAC worked by hand, where its factors are numbers: a line through the origin. */
import type { Engine } from "../../engine/engine.js";
import { dense } from "../../nn/dense.js";
import { sequential } from "../../nn/sequential.js";
import { mse } from "../../nn/squaredError.js";
import { kfac } from "../../optim/kfac.js";
import type { WorkedTable } from "./table.js";

/**
 * w after each step on y = wx at x = 0 and 4, both targets 0, from w = 1. A is the mean of x², 8. The labels that the model
 * draws have the variance ½, so the gradient of one's squared error at the output, 2 (wx - y), has G = 4 · ½ = 2. The
 * gradient is 16w: undamped, a step of w / 1 would be Newton's.
 */
const line =
  (steps: number, options: Parameters<typeof kfac>[1] = {}) =>
  (engine: Engine): number[] => {
    using model = sequential(engine, [dense(1, 1, { bias: false })], { seed: 1 });
    using x = engine.tensor([2, 1], [0, 4]);
    using target = engine.tensor([2, 1], [0, 0]);
    const [w] = model.parameters();
    w.data.set([1]);
    const given = { lr: 1, damping: 0.01, loss: "mse", fisher: "exact", momentum: 0, klClip: null } as const;
    using optimizer = kfac(model, { ...given, ...options });
    return Array.from({ length: steps }, () => {
      model.backward(mse(model.forward(x), target).grad);
      optimizer.step(undefined, { zeroGrad: true });
      return w.data[0];
    });
  };

export const kfacTables: readonly WorkedTable[] = [
  {
    title: "K-FAC on y = wx, x 0 and 4, targets 0, from w = 1: A = 8, G = 2, ∇W = 16w, lr 1, γ 0.01, without momentum",
    topics: ["kfac"],
    examples: [
      {
        name: "π = √(8/2) = 2, U = 16w / ((8 + 0.2)(2 + 0.05)): w",
        run: line(2),
        want: [0.048186, 0.002322],
        digits: 6,
      },
      {
        name: "without π, U = 16w / ((8 + 0.1)(2 + 0.1)): w",
        run: line(2, { piDamping: false }),
        want: [0.059377, 0.003526],
        digits: 6,
      },
      {
        name: 'inverse "eigen", U = 16w / (16 + 0.01): w',
        run: line(1, { inverse: "eigen" }),
        want: [0.000625],
        digits: 6,
      },
      {
        name: "klClip 1e-3, ν = √(0.001 / (16 · 0.951814)) = 0.008103: w",
        run: line(1, { klClip: 1e-3 }),
        want: [0.992287],
        digits: 6,
      },
    ],
  },
];
