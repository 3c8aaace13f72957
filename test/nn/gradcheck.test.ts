import { expect, test } from "vitest";
import { sequential } from "../../src/nn/sequential.js";
import { backends } from "../support/backends.js";
import { cases, layerOf, stacks, targetOf } from "../support/networks.js";
import { uniform } from "../support/numbers.js";
import { differences, forward, relativeError } from "../support/reference.js";

// Compares gradients with central differences of a network in f64 that shares no code with the library.

for (const backend of backends) {
  for (const { name, width, specs } of stacks) {
    test(`${backend.name}: ${name}, under every loss`, async () => {
      using engine = await backend.create();
      for (const rows of [1, 5]) {
        for (const lossCase of width > 30 ? cases.slice(0, 1) : cases) {
          const label = `${lossCase.name}, ${rows} rows`;
          using model = sequential(engine, specs.map(layerOf), { seed: 3 });
          const x = engine.tensor([rows, width], uniform(rows * width, 5 + rows, 2));
          // Weights of normalisations are initially 1, which would hide a missing factor.
          for (const [i, p] of model.parameters().entries())
            p.copyFrom(p.data.map((v, j) => v + 0.1 * Math.cos(i + 2 * j)));
          const prediction = model.forward(x);
          const columns = prediction.shape[1];
          const target = targetOf(engine, lossCase, rows, columns);
          if (lossCase.probabilities && specs.at(-1).kind !== "sigmoid") continue;
          const { value, grad } = lossCase.loss(columns)(prediction, target);
          const lossGrad = grad.toArray();

          const parameters = model.parameters().map((p) => Float64Array.from(p.data));
          const input = Float64Array.from(x.data);
          const t = lossCase.target(rows, columns);
          const { y, kink } = forward(specs, parameters, rows, input);
          expect(kink, "choose another seed: an input of a relu is too close to 0").toBeGreaterThan(1e-3);
          const run = () => lossCase.reference(forward(specs, parameters, rows, input).y, t, rows);

          expect(relativeError(prediction.data, y), label).toBeLessThan(1e-6);
          expect(relativeError([value], [run()]), label).toBeLessThan(1e-6);
          const byY = differences(() => lossCase.reference(y, t, rows), y);
          expect(relativeError(lossGrad, byY), `${label}: gradient of the loss`).toBeLessThan(2e-6);

          const inputGrad = model.backward(grad)!;
          expect(inputGrad.shape).toEqual([rows, width]);
          expect(relativeError(inputGrad.data, differences(run, input)), `${label}: input`).toBeLessThan(2e-6);
          for (const [i, [parameter, tensor]] of model.namedParameters().entries()) {
            const want = differences(run, parameters[i]);
            expect(relativeError(tensor.grad, want), `${label}: ${parameter}`).toBeLessThan(2e-6);
          }
        }
      }
    });
  }
}
