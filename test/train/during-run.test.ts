/** What the callbacks of a run may do to what it trains: a clear error or a right result, and no memory lost. */
import { expect, it } from "vitest";
import * as t from "../../src/index.js";

const data = { x: [[0], [1], [2], [3]], y: [[1], [3], [5], [7]] };
const made = async () => {
  const engine = await t.createEngine({ backend: "js" });
  const model = t.sequential(engine, [t.dense(1, 4), t.relu(), t.dropout(0.2), t.dense(4, 1)], { seed: 1 });
  const opt = t.adam(model.parameters(), { lr: 0.01 });
  const run = (more: object) =>
    t.train(model, data, { optimizer: opt, loss: t.mse, epochs: 3, batchSize: 2, seed: 1, ...more });
  return { engine, model, opt, run };
};
type Made = Awaited<ReturnType<typeof made>>;
const callbacks = ["onStep", "onEpoch"] as const;

const ends: Record<string, [act: (m: Made) => void, message: RegExp]> = {
  "the model's disposal": [({ model }) => model.dispose(), /^model: expected a live model, got one .* disposed$/],
  "the optimizer's disposal": [({ opt }) => opt.dispose(), /^adam: expected a live optimizer, got one .* disposed$/],
  "the engine's disposal": [({ engine }) => engine.dispose(), /^engine: expected a live engine, got one .* disposed$/],
};
for (const callback of callbacks) {
  it.each(Object.entries(ends))(
    `${callback}: %s ends the run with a clear error and leaves no memory`,
    async (_, row) => {
      const found = await made();
      const [act, message] = row;
      await expect(found.run({ [callback]: () => act(found) })).rejects.toThrow(message);
      found.opt.dispose();
      found.model.dispose();
      expect(found.engine.bytesInUse).toBe(0);
    },
  );

  it(`${callback}: an evaluation, a prediction and a saved state change nothing and are right`, async () => {
    const [alone, watched] = [await made(), await made()];
    await alone.run({});
    const { model, opt } = watched;
    await watched.run({
      [callback]: () => {
        const { loss } = t.evaluate(model, data, { loss: t.mse, batchSize: 3 });
        const outputs = t.predict(model, data.x, { batchSize: 1 });
        const mean = outputs.reduce((total, y, i) => total + (y - data.y[i][0]) ** 2, 0) / 4;
        expect(Math.abs(loss - mean)).toBeLessThanOrEqual(1e-5 * mean);
        expect(model.training).toBe(true);
        opt.loadStateDict(opt.stateDict());
      },
    });
    const numbers = ({ model }: Made) => model.parameters().map((p) => [...p.data]);
    expect(numbers(watched)).toEqual(numbers(alone));
  });
}

it("the loss may not dispose of the model: the run ends, and nothing of it is left", async () => {
  const { engine, model, opt, run } = await made();
  const loss: t.Loss = (y, target) => {
    const result = t.mse(y, target as t.Tensor);
    model.dispose();
    return result;
  };
  await expect(run({ loss })).rejects.toThrow(/^model: expected a live model/);
  opt.dispose();
  expect(engine.bytesInUse).toBe(0);
});
