// An engine inside a worker thread, so that training leaves the main thread free. The file is both: the main thread starts
// it again as the worker.
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { createEngine, dense, mse, saveWeights, sequential, sgd, tanh, train } from "thalweg";

if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url), { workerData: { epochs: 200 } });
  worker.on("message", ({ epoch, loss, weights }) => {
    if (weights) console.log(`weights: ${weights.byteLength} bytes, as a safetensors file`);
    else if (epoch % 50 === 49) console.log(`epoch ${epoch + 1}: loss ${loss.toFixed(5)}`);
  });
  worker.on("error", (error) => {
    console.error(error);
    process.exitCode = 1;
  });
} else {
  const engine = await createEngine();
  const model = sequential(engine, [dense(1, 16), tanh(), dense(16, 1)], { seed: 1 });
  // One wave of a sine.
  const x = Array.from({ length: 64 }, (_, i) => [(i - 32) / 32]);
  const y = x.map(([value]) => [Math.sin(Math.PI * value)]);

  await train(
    model,
    { x, y },
    {
      optimizer: sgd(model.parameters(), { lr: 0.1, momentum: 0.9 }),
      loss: mse,
      epochs: workerData.epochs,
      batchSize: 16,
      seed: 1,
      onEpoch: ({ epoch, loss }) => parentPort.postMessage({ epoch, loss }),
    },
  );
  const weights = saveWeights(model);
  parentPort.postMessage({ weights }, [weights.buffer]);
  engine.dispose();
}
