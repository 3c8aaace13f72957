/** K-FAC on the trajectories of kfac.json, from the paper's formulas in f64, on every backend. */
import { describe, expect, it } from "vitest";
import { tanh } from "../../src/nn/activation.js";
import { softmaxCrossEntropy } from "../../src/nn/crossEntropy.js";
import { dense } from "../../src/nn/dense.js";
import { sequential } from "../../src/nn/sequential.js";
import { type KfacHyper, kfac } from "../../src/optim/kfac.js";
import { backends, shared } from "../support/backends.js";
import { expectClose, flat, readGolden } from "../support/golden.js";

type Matrix = number[][];
interface Golden {
  W0: Matrix[];
  X: Matrix;
  classes: number[];
  cases: {
    hyper: { fisher: string; pi: boolean | "eigen"; [key: string]: unknown };
    W: Matrix[][];
    loss_before_step: number[];
    A_end: Matrix[];
    G_end: Matrix[];
  }[];
}
const file = readGolden("kfac") as Golden;

/** The file's weights [out, in + 1], the bias last, as ours: [in, out] and [out], layer by layer. */
const ours = (layers: readonly Matrix[]): number[] =>
  layers.flatMap((w) => {
    const columns = w[0].map((_, j) => w.map((row) => row[j]));
    return columns.flat();
  });

const hyperOf = ({ lr, damping, stat_decay, fisher, pi, momentum = 0, kl_clip = null }: Golden["cases"][0]["hyper"]) =>
  ({
    ...{ lr, damping, momentum, fisher, statDecay: stat_decay, klClip: kl_clip },
    ...(pi === "eigen" ? { inverse: "eigen", statStart: "identity" } : { piDamping: pi }),
  }) as Partial<KfacHyper>;

describe.each(backends)("$name", (backend) => {
  const own = shared(backend);

  it.each(file.cases.map((row) => [JSON.stringify(row.hyper), row] as const))("follows kfac.json: %s", (_, row) => {
    const engine = own();
    using model = sequential(engine, [dense(4, 6), tanh(), dense(6, 3)]);
    const start = ours(file.W0);
    for (const p of model.parameters()) p.copyFrom(start.splice(0, p.size));
    const x = engine.tensor([8, 4], file.X.flat());
    const labels = Int32Array.from(file.classes);
    using opt = kfac(model, hyperOf(row.hyper));
    for (const [t, want] of row.W.entries()) {
      const { value, grad } = softmaxCrossEntropy(model.forward(x), labels);
      expect(Math.abs(value - row.loss_before_step[t])).toBeLessThan(2e-6);
      model.backward(grad);
      opt.step(undefined, { zeroGrad: true });
      const parameters = ours(want);
      const most = Math.max(...parameters.map(Math.abs));
      // Measured 0.7e-7 to 3.4e-7.
      expectClose(flat(model.parameters()), parameters, 1e-6 * most, `step ${t + 1}`);
    }
    const { params } = opt.stateDict().groups[0];
    for (const [l, i] of [0, 2].entries()) {
      expectClose([...params[i].inputFactor], row.A_end[l].flat(), 1e-5, "A");
      expectClose([...params[i].outputFactor], row.G_end[l].flat(), 1e-5, "G");
    }
  });
});
