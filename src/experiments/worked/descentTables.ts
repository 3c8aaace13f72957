/** Gradient descent and momentum, worked by hand. */

import { adam } from "../../optim/adam.js";
import { momentum as momentumOptimizer } from "../../optim/momentum.js";
import { sgd } from "../../optim/sgd.js";
import type { WorkedTable } from "./table.js";
import { f, gd, momentum, on, parabola, quartic, ravine, regress, shares, shuffled, steep, trace, x } from "./walks.js";

export const descentTables: readonly WorkedTable[] = [
  {
    title: "Gradient descent on (x − 3)² from 0",
    topics: ["sgd"],
    examples: [
      {
        name: "lr 0.1: x",
        run: x(on(gd(0.1), [0], parabola, 5)),
        want: [0, 0.6, 1.08, 1.464, 1.7712, 2.01696],
        digits: 5,
      },
      {
        name: "lr 0.1: the loss",
        run: f(on(gd(0.1), [0], parabola, 5)),
        want: [9, 5.76, 3.6864, 2.3593, 1.5099, 0.9664],
        digits: 4,
      },
      {
        name: "lr 0.1: the share of the distance that is left after 1, 3, 4, 10 and 11 steps",
        run: shares(1, 3, 4, 10, 11),
        want: [0.8, 0.512, 0.4096, 0.1074, 0.0859],
        digits: 4,
      },
      { name: "lr 0.5, there in one step: x", run: x(on(gd(0.5), [0], parabola, 1)), want: [0, 3], digits: 6 },
      {
        name: "lr 1.1, diverges: the loss",
        run: f(on(gd(1.1), [0], parabola, 3)),
        want: [9, 12.96, 18.6624, 26.8739],
        digits: 4,
      },
      {
        name: "lr 0.001: x after 100 and 1000 steps",
        run: x(on(gd(0.001), [0], parabola, 1000), 100, 1000),
        want: [0.5443, 2.5948],
        digits: 4,
      },
    ],
    note: "The distance halves in 3.1 steps at lr 0.1 and falls to a tenth in 10.3; 11 and 33 are printed too, which is wrong. After 1000 steps at lr 0.001 x is 2.5948, not 2.97.",
  },
  {
    title: "Mini-batches of y = θx, points (1, 2) (2, 4) (3, 5) (4, 8), from θ = 1, lr 0.01",
    topics: ["sgd"],
    examples: [
      {
        name: "full batch, gradient −13.5: θ",
        run: (engine) => regress(engine, gd(0.01), [[1, 2, 3, 4]]),
        want: [1.135],
        digits: 3,
      },
      {
        name: "batches {1, 3} and {2, 4}, gradients −7 and −18.6: θ",
        run: (engine) =>
          regress(engine, gd(0.01), [
            [1, 3],
            [2, 4],
          ]),
        want: [1.07, 1.256],
        digits: 3,
      },
      {
        // The rate must fall: at a constant one θ keeps wandering around the least squares.
        name: "shuffled batches with a falling rate end at the least squares, 57/30",
        run: (engine) =>
          regress(engine, (params) => sgd(params, { lr: (t) => 0.02 / (1 + t / 10) }), shuffled(2000)).slice(-1),
        want: [1.9],
        digits: 2,
      },
    ],
    note: "The second batch has its gradient at 1.07. With the one at θ = 1, −20, θ would be 1.27, which is not SGD.",
  },
  {
    title: "Momentum on (x − 3)² from 0",
    topics: ["momentum", "sgd"],
    examples: [
      {
        name: "β 0.9, lr 0.01: v, of v ← βv + g",
        run: (engine) => {
          const theta = engine.tensor(1);
          const opt = momentum([theta]);
          return Array.from({ length: 5 }, () => {
            theta.grad.set(parabola.gradient([theta.data[0]]));
            opt.step();
            return opt.state(theta).momentumBuffer.data[0];
          });
        },
        want: [-6, -11.28, -15.8064, -19.564, -22.5546],
        digits: 4,
      },
      {
        name: "β 0.9, lr 0.01: θ",
        run: x(on(momentum, [0], parabola, 5)),
        want: [0, 0.06, 0.1728, 0.3309, 0.5265, 0.7521],
        digits: 4,
      },
      {
        name: "plain SGD, lr 0.01: θ",
        run: x(on(gd(0.01), [0], parabola, 5)),
        want: [0, 0.06, 0.1188, 0.1764, 0.2329, 0.2882],
        digits: 4,
      },
      {
        name: "under a constant gradient of 2, v ends at g / (1 − β)",
        run: (engine) => [trace(engine, momentum, 0, Array<number>(200).fill(2)).at(-1)!.momentumBuffer],
        want: [20],
        digits: 4,
      },
      // The variants of momentum give one path after rescaling lr.
      {
        name: "v ← βv + lr g, the same path: θ",
        run: x(
          on((params) => momentumOptimizer(params, { lr: 0.01 }), [0], parabola, 5),
          1,
          2,
          3,
          4,
          5,
        ),
        want: [0.06, 0.1728, 0.3309, 0.5265, 0.7521],
        digits: 4,
      },
      {
        name: "v ← βv + (1 − β) g with ten times the lr, the same path: θ",
        run: x(
          on((params) => momentumOptimizer(params, { lr: 0.1, variant: "ema" }), [0], parabola, 5),
          1,
          2,
          3,
          4,
          5,
        ),
        want: [0.06, 0.1728, 0.3309, 0.5265, 0.7521],
        digits: 4,
      },
    ],
  },
  {
    title: "Rates on a ravine, x² + 10y² and x² + 15y²",
    topics: ["sgd", "adam", "ravine", "ravine15"],
    examples: [
      {
        name: "x² + 10y² from (5, 5), SGD at lr 0.01: f after 1 and 41 steps",
        run: f(on(gd(0.01), [5, 5], ravine, 41), 1, 41),
        want: [184.01, 4.7696],
        digits: 4,
      },
      {
        name: "x² + 10y² from (5, 5), Adam at lr 0.1: f after 1 and 41 steps",
        run: f(
          on((params) => adam(params, { lr: 0.1 }), [5, 5], ravine, 41),
          1,
          41,
        ),
        want: [264.11, 21.9048],
        digits: 4,
      },
      {
        name: "SGD at lr 0.1, the limit 2/20, flips for ever: y after 1, 2, 99 and 100 steps",
        run: x(on(gd(0.1), [5, 5], steep(10), 100), 1, 2, 99, 100),
        want: [-5, 5, -5, 5],
        digits: 4,
      },
      {
        name: "SGD at lr 0.095 zig-zags: y",
        run: x(on(gd(0.095), [5, 5], steep(10), 3), 1, 2, 3),
        want: [-4.5, 4.05, -3.645],
        digits: 4,
      },
      {
        name: "SGD at lr 0.095 crawls in x: x",
        run: x(on(gd(0.095), [5, 5], ravine, 2), 1, 2),
        want: [4.05, 3.2805],
        digits: 4,
      },
      {
        name: "x² + 15y² at lr 0.0666, below the limit 2/30: y after 1 and 100 steps",
        run: x(on(gd(0.0666), [5, 5], steep(15), 100), 1, 100),
        want: [-4.99, 4.0928],
        digits: 3,
      },
      {
        name: "x² + 15y² at lr 0.0668, above it: y after 1 and 100 steps",
        run: x(on(gd(0.0668), [5, 5], steep(15), 100), 1, 100),
        want: [-5.02, 7.4533],
        digits: 3,
      },
    ],
  },
  {
    title: "x⁴ − 3x² + 2 from 2, 100 steps of gradient descent",
    topics: ["sgd", "quartic"],
    examples: [
      {
        name: "lr 0.01 ends at √1.5: x",
        run: x(on(gd(0.01), [2], quartic, 100), -1),
        want: [1.224745],
        digits: 6,
      },
      { name: "lr 0.05 too: x", run: x(on(gd(0.05), [2], quartic, 100), -1), want: [1.224745], digits: 6 },
      {
        name: "lr 0.1 lands on the maximum at 0, and stays: x after 1 and 100 steps",
        run: x(on(gd(0.1), [2], quartic, 100), 1, 100),
        want: [0, 0],
        digits: 6,
      },
      { name: "the loss at √1.5", run: f(on(gd(0.05), [2], quartic, 100), -1), want: [-0.25], digits: 6 },
    ],
  },
];
