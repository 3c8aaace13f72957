/** The library itself, as its users get it: the built package. */
import * as thalweg from "../../dist/index.js";
import { type Contestant, training } from "./contestant.js";
import { batchOf, HYPER, type Rule } from "./work.js";

const { lr, momentum, alpha, beta1, beta2, eps, weightDecay, accumulator } = HYPER;
const betas = [beta1, beta2] as [number, number];
type Params = thalweg.Tensor[];

const rules: Record<Rule, (p: Params) => { step(): unknown; dispose(): void }> = {
  sgd: (p) => thalweg.sgd(p, { lr }),
  momentum: (p) => thalweg.sgd(p, { lr, momentum }),
  adagrad: (p) => thalweg.adagrad(p, { lr, eps, initialAccumulatorValue: accumulator }),
  rmsprop: (p) => thalweg.rmsprop(p, { lr, alpha, eps }),
  adam: (p) => thalweg.adam(p, { lr, betas, eps }),
  adamw: (p) => thalweg.adamw(p, { lr, betas, eps, weightDecay }),
};

export async function ours(
  threads: number,
  simd: "auto" | "strict" = "auto",
): Promise<Contestant & { threads: number; simd: string }> {
  const engine = await thalweg.createEngine({ threads, simd });
  return {
    name: "Thalweg",
    threads: engine.threads,
    simd: engine.simd,
    async product({ m, k, n, layout }, a, b) {
      const [transposeA, transposeB] = [layout === "TN", layout === "NT"];
      const A = engine.tensor(transposeA ? [k, m] : [m, k], a);
      const B = engine.tensor(transposeB ? [n, k] : [k, n], b);
      const options = { transposeA, transposeB, out: engine.tensor([m, n]) };
      return {
        run: () => engine.matmul(A, B, options),
        output: async () => options.out.toArray(),
        dispose: () => [A, B, options.out].forEach((tensor) => void tensor.dispose()),
      };
    },
    async optimizer(rule, values, gradient) {
      const p = engine.tensor(values.length, values);
      p.grad.set(gradient);
      const opt = rules[rule]([p]);
      return {
        run: () => opt.step(),
        output: async () => p.toArray(),
        dispose: () => [opt, p].forEach((one) => void one.dispose()),
      };
    },
    async training({ widths, batch }, initial, batches) {
      const { dense, relu, sequential, softmaxCrossEntropy, adam } = thalweg;
      const layers = widths.slice(1).flatMap((width, i) => {
        const layer = dense(widths[i]!, width);
        return i + 2 < widths.length ? [layer, relu()] : [layer];
      });
      const model = sequential(engine, layers, { seed: 1 });
      model.parameters().forEach((p, i) => void p.copyFrom(initial[i]!));
      const opt = adam(model.parameters(), { lr, betas, eps });
      const x = engine.tensor([batch, widths[0]!]);
      let at = 0;
      const step = (): number => {
        const { values, labels } = batchOf(batches, at++);
        x.copyFrom(values);
        const { value, grad } = softmaxCrossEntropy(model.forward(x), labels);
        model.backward(grad, { inputGrad: false });
        opt.step(undefined, { zeroGrad: true });
        return value;
      };
      return training(step, {
        async predict(values) {
          const rows = engine.tensor([values.length / widths[0]!, widths[0]!], values);
          const logits = model.forward(rows).toArray();
          rows.dispose();
          return logits;
        },
        dispose: () => [opt, model, x].forEach((one) => void one.dispose()),
      });
    },
    close: () => engine.dispose(),
  };
}
