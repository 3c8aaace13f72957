/**
 * The worked examples of the project's documents, calculated by hand or in f64: what a reader of a textbook would check
 * an optimizer against. One table; each row a run and what must come out.
 */
import { describe, expect, it } from "vitest";
import type { Engine } from "../../src/engine/engine.js";
import type { Tensor } from "../../src/engine/tensor.js";
import { adagrad } from "../../src/optim/adagrad.js";
import { adam } from "../../src/optim/adam.js";
import { adamw } from "../../src/optim/adamw.js";
import { momentum as momentumOptimizer } from "../../src/optim/momentum.js";
import { radam } from "../../src/optim/radam.js";
import { rmsprop } from "../../src/optim/rmsprop.js";
import { sgd } from "../../src/optim/sgd.js";
import { backends } from "../support/backends.js";
import {
  adamGrads,
  blame,
  busyGrads,
  corrected,
  type Example,
  f,
  gd,
  momentum,
  on,
  parabola,
  quartic,
  rates,
  ravine,
  regress,
  settled,
  shares,
  shuffled,
  sigmoidUnit,
  steep,
  trace,
  x,
} from "../support/walks.js";

const rectified = (threshold: number) => (engine: Engine) =>
  trace(engine, (params) => radam(params, { lr: 0.1, threshold }), 0, [4, -1, 3, 2, -2, 1]).map(({ update }) => update);

const examples: Example[] = [
  {
    name: "gradient descent on (x − 3)², lr 0.1: x",
    run: x(on(gd(0.1), [0], parabola, 5)),
    want: [0, 0.6, 1.08, 1.464, 1.7712, 2.01696],
    digits: 5,
  },
  {
    name: "… and its loss",
    run: f(on(gd(0.1), [0], parabola, 5)),
    want: [9, 5.76, 3.6864, 2.3593, 1.5099, 0.9664],
    digits: 4,
  },
  {
    // 3.1 steps halve it, 10.3 leave a tenth.
    name: "… and the distance, × 0.8 a step: a half between the third and fourth, a tenth between the tenth and eleventh",
    run: shares(1, 3, 4, 10, 11),
    want: [0.8, 0.512, 0.4096, 0.1074, 0.0859],
    digits: 4,
  },
  { name: "lr 0.5: there in one step", run: x(on(gd(0.5), [0], parabola, 1)), want: [0, 3], digits: 6 },
  {
    name: "lr 1.1: diverges",
    run: f(on(gd(1.1), [0], parabola, 3)),
    want: [9, 12.96, 18.6624, 26.8739],
    digits: 4,
  },
  {
    name: "lr 0.001: after 100 and 1000 steps",
    run: x(on(gd(0.001), [0], parabola, 1000), 100, 1000),
    want: [0.5443, 2.5948],
    digits: 4,
  },
  { name: "full batch: −13.5", run: (engine) => regress(engine, gd(0.01), [[1, 2, 3, 4]]), want: [1.135], digits: 3 },
  {
    name: "batches {1, 3} and {2, 4}: −7, then −18.6 at the new θ",
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
    name: "shuffled batches end at the least squares, 57/30",
    run: (engine) =>
      regress(engine, (params) => sgd(params, { lr: (t) => 0.02 / (1 + t / 10) }), shuffled(2000)).slice(-1),
    want: [1.9],
    digits: 2,
  },
  {
    name: "momentum 0.9, lr 0.01: the velocity",
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
    name: "… and θ",
    run: x(on(momentum, [0], parabola, 5)),
    want: [0, 0.06, 0.1728, 0.3309, 0.5265, 0.7521],
    digits: 4,
  },
  {
    name: "… against plain SGD",
    run: x(on(gd(0.01), [0], parabola, 5)),
    want: [0, 0.06, 0.1188, 0.1764, 0.2329, 0.2882],
    digits: 4,
  },
  {
    name: "momentum under a constant gradient: v ends at g / (1 − β)",
    run: (engine) => [trace(engine, momentum, 0, Array<number>(200).fill(2)).at(-1).momentumBuffer],
    want: [20],
    digits: 4,
  },
  {
    name: "Adam, gradients 4 −1 3: m",
    run: (engine) => trace(engine, adam, 0, adamGrads).map(({ expAvg }) => expAvg),
    want: [0.4, 0.26, 0.534],
    digits: 6,
  },
  {
    name: "… v",
    run: (engine) => trace(engine, adam, 0, adamGrads).map(({ expAvgSq }) => expAvgSq),
    want: [0.016, 0.016984, 0.02596702],
    digits: 8,
  },
  {
    name: "… m̂ and v̂",
    run: corrected,
    want: [4, 16, 1.368421, 8.496248, 1.97048, 8.664333],
    digits: 5,
  },
  {
    name: "… and the updates",
    run: (engine) => trace(engine, adam, 0, adamGrads).map(({ update }) => update),
    want: [0.001, 0.000469468, 0.000669429],
    digits: 9,
  },
  {
    name: "Adam's first step is lr, whatever the gradient's size",
    run: (engine) => [1e-3, 1, 1e6].map((grad) => trace(engine, adam, 0, [grad])[0].update),
    want: [0.001, 0.001, 0.001],
    digits: 7,
  },
  { name: "Adam with L2: 0.00125, of which decay 0.00025", run: settled(adam), want: [0.00125], digits: 6 },
  { name: "AdamW: 0.0015, of which decay 0.0005", run: settled(adamw), want: [0.0015], digits: 6 },
  // The fifth step has ρ = 4.996: adaptive by the paper's threshold, momentum alone by PyTorch's.
  {
    name: "RAdam, threshold 4: the updates",
    run: rectified(4),
    want: [0.4, 0.136842, 0.197048, 0.197906, 0.000669, 0.001076],
    digits: 6,
  },
  {
    name: "… threshold 5",
    run: rectified(5),
    want: [0.4, 0.136842, 0.197048, 0.197906, 0.10074, 0.001076],
    digits: 6,
  },
  {
    name: "ravine from (5, 5), SGD lr 0.01: f after 1 and 41 steps",
    run: f(on(gd(0.01), [5, 5], ravine, 41), 1, 41),
    want: [184.01, 4.7696],
    digits: 4,
  },
  {
    name: "… Adam lr 0.1",
    run: f(
      on((params) => adam(params, { lr: 0.1 }), [5, 5], ravine, 41),
      1,
      41,
    ),
    want: [264.11, 21.9048],
    digits: 4,
  },
  {
    name: "… lr 0.1, the limit 2/20: the steep side flips for ever",
    run: x(on(gd(0.1), [5, 5], steep(10), 100), 1, 2, 99, 100),
    want: [-5, 5, -5, 5],
    digits: 4,
  },
  {
    name: "… lr 0.095: there it zig-zags",
    run: x(on(gd(0.095), [5, 5], steep(10), 3), 1, 2, 3),
    want: [-4.5, 4.05, -3.645],
    digits: 4,
  },
  {
    name: "… while the other side crawls",
    run: x(on(gd(0.095), [5, 5], ravine, 2), 1, 2),
    want: [4.05, 3.2805],
    digits: 4,
  },
  {
    name: "x² + 15y², just below the limit 2/30, shrinks",
    run: x(on(gd(0.0666), [5, 5], steep(15), 100), 1, 100),
    want: [-4.99, 4.0928],
    digits: 3,
  },
  {
    name: "… just above it grows",
    run: x(on(gd(0.0668), [5, 5], steep(15), 100), 1, 100),
    want: [-5.02, 7.4533],
    digits: 3,
  },
  {
    name: "one sigmoid unit: ∂E/∂y, ∂E/∂x, ∂E/∂w",
    run: sigmoidUnit,
    want: [0.9, 0.081, 0.0486],
    digits: 6,
  },
  { name: "the blame that reaches a hidden unit", run: blame, want: [0.0685], digits: 6 },
  {
    name: "x⁴ − 3x² + 2 from 2, lr 0.01: √1.5",
    run: x(on(gd(0.01), [2], quartic, 100), -1),
    want: [1.224745],
    digits: 6,
  },
  { name: "… lr 0.05", run: x(on(gd(0.05), [2], quartic, 100), -1), want: [1.224745], digits: 6 },
  {
    name: "… lr 0.1: on the maximum at 0 in one step, and there it stays",
    run: x(on(gd(0.1), [2], quartic, 100), 1, 100),
    want: [0, 0],
    digits: 6,
  },
  { name: "… where f is −0.25", run: f(on(gd(0.05), [2], quartic, 100), -1), want: [-0.25], digits: 6 },
  // Gradients 3.0 2.5 2.8 3.1 at lr 0.1; the effective rate is the update over the gradient.
  {
    name: "AdaGrad: G and the effective rate",
    run: rates((params) => adagrad(params, { lr: 0.1 }), busyGrads, "sum"),
    want: [9, 0.0333, 15.25, 0.0256, 23.09, 0.0208, 32.7, 0.0175],
    digits: 4,
  },
  {
    name: "… a parameter with gradients 0 0 0 5 keeps the rate 0.02",
    run: (engine) => rates((params) => adagrad(params, { lr: 0.1 }), [0, 0, 0, 5], "sum")(engine).slice(-1),
    want: [0.02],
    digits: 6,
  },
  {
    name: "RMSProp, ρ 0.9: E and the effective rate",
    run: rates((params) => rmsprop(params, { lr: 0.1, alpha: 0.9 }), busyGrads, "squareAvg"),
    want: [0.9, 0.1054, 1.435, 0.0835, 2.0755, 0.0694, 2.829, 0.0595],
    digits: 4,
  },
  // The three variants of momentum give one path after rescaling lr.
  ...[
    {
      name: "lr inside the velocity",
      make: (params: Tensor[]) => momentumOptimizer(params, { lr: 0.01, momentum: 0.9 }),
    },
    {
      name: "as a moving average, lr × 10",
      make: (params: Tensor[]) => momentumOptimizer(params, { lr: 0.1, momentum: 0.9, variant: "ema" }),
    },
  ].map(({ name, make }) => ({
    name: `momentum ${name}`,
    run: x(on(make, [0], parabola, 5), 1, 2, 3, 4, 5),
    want: [0.06, 0.1728, 0.3309, 0.5265, 0.7521],
    digits: 4,
  })),
];

describe.each(backends)("$name", (backend) => {
  it.each(examples)("$name", async ({ run, want, digits }) => {
    using engine = await backend.create();
    const got = run(engine);
    expect(got).toHaveLength(want.length);
    for (const [i, value] of got.entries()) {
      // Half a unit of the last digit that is printed, and f32 at the size of what it was subtracted from.
      const within = 0.5 * 10 ** -digits + 2e-6 * Math.abs(want[i]);
      expect(Math.abs(value - want[i]), `value ${i}, ${value} for ${want[i]}`).toBeLessThanOrEqual(within);
    }
  });
});
