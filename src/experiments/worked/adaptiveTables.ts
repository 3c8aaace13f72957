/** Optimizers with a second moment, worked by hand. */

import type { Engine } from "../../engine/engine.js";
import { adagrad } from "../../optim/adagrad.js";
import { adam } from "../../optim/adam.js";
import { adamw } from "../../optim/adamw.js";
import { radam } from "../../optim/radam.js";
import { rmsprop } from "../../optim/rmsprop.js";
import type { WorkedTable } from "./table.js";
import { adamGrads, busyGrads, corrected, rates, settled, trace } from "./walks.js";

const rectified = (threshold: number) => (engine: Engine) =>
  trace(engine, (params) => radam(params, { lr: 0.1, threshold }), 0, [4, -1, 3, 2, -2, 1]).map(({ update }) => update);
export const adaptiveTables: readonly WorkedTable[] = [
  {
    title: "AdaGrad and RMSProp, gradients 3, 2.5, 2.8, 3.1, lr 0.1",
    topics: ["adagrad", "rmsprop"],
    examples: [
      // Gradients 3.0 2.5 2.8 3.1 at lr 0.1; the effective rate is the update over the gradient.
      {
        name: "AdaGrad: s and the effective rate, step by step",
        run: rates((params) => adagrad(params, { lr: 0.1 }), busyGrads, "sum"),
        want: [9, 0.0333, 15.25, 0.0256, 23.09, 0.0208, 32.7, 0.0175],
        digits: 4,
      },
      {
        name: "AdaGrad, gradients 0, 0, 0, 5: the rate at the last step",
        run: (engine) => rates((params) => adagrad(params, { lr: 0.1 }), [0, 0, 0, 5], "sum")(engine).slice(-1),
        want: [0.02],
        digits: 6,
      },
      {
        name: "RMSProp, α 0.9: s and the effective rate, step by step",
        run: rates((params) => rmsprop(params, { lr: 0.1, alpha: 0.9 }), busyGrads, "squareAvg"),
        want: [0.9, 0.1054, 1.435, 0.0835, 2.0755, 0.0694, 2.829, 0.0595],
        digits: 4,
      },
    ],
  },
  {
    title: "Adam, gradients 4, −1, 3",
    topics: ["adam"],
    examples: [
      {
        name: "m",
        run: (engine) => trace(engine, adam, 0, adamGrads).map(({ expAvg }) => expAvg),
        want: [0.4, 0.26, 0.534],
        digits: 6,
      },
      {
        name: "v",
        run: (engine) => trace(engine, adam, 0, adamGrads).map(({ expAvgSq }) => expAvgSq),
        want: [0.016, 0.016984, 0.02596702],
        digits: 8,
      },
      {
        name: "m̂ and v̂, step by step",
        run: corrected,
        want: [4, 16, 1.368421, 8.496248, 1.97048, 8.664333],
        digits: 5,
      },
      {
        name: "updates",
        run: (engine) => trace(engine, adam, 0, adamGrads).map(({ update }) => update),
        want: [0.001, 0.000469468, 0.000669429],
        digits: 9,
      },
      {
        name: "the first step is lr: gradients 0.001, 1 and 1e6",
        run: (engine) => [1e-3, 1, 1e6].map((grad) => trace(engine, adam, 0, [grad])[0].update),
        want: [0.001, 0.001, 0.001],
        digits: 7,
      },
    ],
  },
  {
    title: "L2 and decoupled decay: θ = 5, g = 2, λ = 0.1, lr 0.001, v settled at 4",
    topics: ["adam", "adamw"],
    examples: [
      { name: "Adam with L2, of which decay 0.00025: the step", run: settled(adam), want: [0.00125], digits: 6 },
      { name: "AdamW, of which decay 0.0005: the step", run: settled(adamw), want: [0.0015], digits: 6 },
    ],
    note: "Of Adam's step decay is 0.005 % of θ, of AdamW's 0.01 %: only there is it lr λ θ.",
  },
  {
    title: "RAdam, gradients 4, −1, 3, 2, −2, 1, lr 0.1",
    topics: ["radam"],
    examples: [
      // The fifth step has ρ = 4.996: adaptive by the paper's threshold, momentum alone by PyTorch's.
      {
        name: "threshold 4, the paper's: updates",
        run: rectified(4),
        want: [0.4, 0.136842, 0.197048, 0.197906, 0.000669, 0.001076],
        digits: 6,
      },
      {
        name: "threshold 5, PyTorch's: updates",
        run: rectified(5),
        want: [0.4, 0.136842, 0.197048, 0.197906, 0.10074, 0.001076],
        digits: 6,
      },
    ],
  },
];
