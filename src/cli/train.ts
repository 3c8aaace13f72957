import { readCsv } from "../data/csv.js";
import { type Examples, type Prepared, prepare } from "../data/dataset.js";
import { createEngine } from "../engine/create.js";
import type { Engine } from "../engine/engine.js";
import { relu, sigmoid, tanh } from "../nn/activation.js";
import { dense } from "../nn/dense.js";
import { type Loss, mse, softmaxCrossEntropy } from "../nn/loss.js";
import { type Model, sequential } from "../nn/sequential.js";
import type { Data } from "../train/dataset.js";
import { evaluate } from "../train/evaluate.js";
import { train as trainModel } from "../train/train.js";
import { sha256 } from "./hash.js";
import { interruptible } from "./interrupt.js";
import { progressOf } from "./progress.js";
import { json, type Result, report } from "./report.js";
import { HELP, type TrainCommand, trainOptions } from "./trainOptions.js";

/** `thalweg train`: reads a CSV file, trains a network on it, says how well it went. */
export async function train(args: string[]): Promise<void> {
  const command = trainOptions(args);
  if (command === undefined) {
    process.stdout.write(HELP);
    return;
  }
  const { file, test, header, target, task, backend, simd } = command;
  const table = readCsv(file, { header });
  const prepared = prepare(table, { target, task, test: test === undefined ? undefined : readCsv(test, { header }) });
  using engine = await createEngine({ backend, simd });
  const result = await interruptible((signal) => run(engine, command, prepared, signal));
  const text = command.json
    ? JSON.stringify(json(engine, command, result))
    : report(engine, command, { prepared, header: table.names !== undefined, result });
  process.stdout.write(`${text}\n`);
}

async function run(engine: Engine, command: TrainCommand, prepared: Prepared, signal: AbortSignal): Promise<Result> {
  const { epochs, batchSize, seed, clipNorm } = command;
  const { task, unit } = prepared;
  using model = network(engine, command, prepared);
  const data = dataOf(engine, prepared.train, prepared.features);
  const loss: Loss = task === "classification" ? softmaxCrossEntropy : mse;
  // The target of a regression is standardised; squared errors are told in its own units.
  const scale = task === "classification" ? 1 : unit * unit;
  using optimizer = command.optimizer(model.parameters(), command.hyper);
  const steps = epochs * Math.ceil(prepared.train.rows / Math.min(batchSize, prepared.train.rows));
  const progress = progressOf(steps, epochs, command.json);
  const start = performance.now();
  let samples = 0;
  const speed = () => (samples * 1000) / (performance.now() - start);
  const losses: number[] = [];
  try {
    await trainModel(model, data, {
      optimizer,
      loss,
      epochs,
      batchSize,
      seed,
      signal,
      ...(clipNorm !== undefined && { clipNorm }),
      onStep: (step) => {
        samples += step.rows;
        progress.step(step.step, step.epoch + 1, step.loss * scale, speed());
      },
      onEpoch: ({ epoch, loss }) => {
        if (!Number.isFinite(loss)) {
          throw new Error(
            `training diverged: the loss of epoch ${epoch + 1} is ${loss}; try a smaller --lr or --clip 1`,
          );
        }
        losses.push(loss * scale);
        progress.epoch(epoch + 1, loss * scale, speed());
      },
    });
  } finally {
    progress.stop();
  }
  const seconds = (performance.now() - start) / 1000;
  optimizer.eval();
  const measured = (examples: Data) => {
    const { loss: value, accuracy = null } = evaluate(model, examples, { loss });
    return { loss: value * scale, accuracy };
  };
  return {
    losses,
    seconds,
    samples,
    train: measured(data),
    test: prepared.test ? measured(dataOf(engine, prepared.test, prepared.features)) : null,
    parametersSha256: sha256(model.parameters()),
  };
}

/** Dense layers with the activation between them; He's initialization under relu, Glorot's elsewhere. */
function network(engine: Engine, { hidden, activation, seed }: TrainCommand, { features, classes }: Prepared): Model {
  const activations = { relu, sigmoid, tanh };
  const init = activation === "relu" ? "heUniform" : "glorotUniform";
  const widths = [features, ...hidden];
  const layers = hidden.flatMap((width, i) => [dense(widths[i]!, width, { init }), activations[activation]()]);
  const output = dense(widths.at(-1)!, classes?.length ?? 1, { init: "glorotUniform" });
  return sequential(engine, [...layers, output], { seed });
}

function dataOf(engine: Engine, { rows, x, y }: Examples, features: number): Data {
  return {
    x: engine.tensor([rows, features], x),
    y: y instanceof Int32Array ? y : engine.tensor([rows, 1], y),
  };
}
