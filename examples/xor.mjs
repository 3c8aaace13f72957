// A network learns exclusive-or: the smallest problem that a single layer cannot solve.
import { adam, createEngine, dense, mse, predict, sequential, sigmoid, tanh, train } from "thalweg";

const engine = await createEngine();
console.log(engine.reason);

const model = sequential(engine, [dense(2, 8, { init: "glorotUniform" }), tanh(), dense(8, 1), sigmoid()], { seed: 1 });
const x = [
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
];
const y = [[0], [1], [1], [0]];

const history = await train(
  model,
  { x, y },
  {
    optimizer: adam(model.parameters(), { lr: 0.05 }),
    loss: mse,
    epochs: 300,
    batchSize: 4,
    seed: 1,
  },
);

console.log(`loss ${history.epochs.at(-1).loss.toExponential(1)}`);
const outputs = predict(model, x);
for (const [i, [a, b]] of x.entries()) console.log(`${a} xor ${b} = ${outputs[i].toFixed(2)}`);
engine.dispose();
