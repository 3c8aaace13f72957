/** The tasks of the bench as code for Node, which prints their rates. */
export const codeOf = (simd: string): string => `import {
  adam, createEngine, dense, relu, sequential, softmaxCrossEntropy,
} from "thalweg";

// The median milliseconds of a call, after a warm-up.
function timeOf(task) {
  for (const end = performance.now() + 600; performance.now() < end; )
    task();
  const times = Array.from({ length: 5 }, () => {
    const start = performance.now();
    task();
    return performance.now() - start;
  });
  return times.sort((a, b) => a - b)[2];
}
const filled = (size) =>
  Float32Array.from({ length: size }, (_, i) => ((i * 37) % 101) / 101);

for (const backend of ["wasm", "js"]) {
  const engine = await createEngine({ backend, simd: "${simd}" });
  const p = engine.tensor(1e6, new Float32Array(1e6).fill(1));
  p.grad.fill(0.01);
  const alone = adam([p]);
  console.log(backend, "adam", 1000 / timeOf(() => alone.step()));

  const square = [256, 256];
  const [a, b] = [1, 2].map(() => engine.tensor(square, filled(256 ** 2)));
  const out = engine.tensor(square);
  const product = () => engine.matmul(a, b, { out });
  console.log(backend, "product", (2 * 256 ** 3) / 1e6 / timeOf(product));

  const first = dense(64, 64, { init: "heUniform" });
  const model = sequential(engine, [first, relu(), dense(64, 10)], { seed: 1 });
  const optimizer = adam(model.parameters());
  const x = engine.tensor([128, 64], filled(128 * 64));
  const labels = Int32Array.from({ length: 128 }, (_, i) => i % 10);
  const step = () => {
    const { grad } = softmaxCrossEntropy(model.forward(x), labels);
    model.backward(grad, { inputGrad: false });
    optimizer.step();
    optimizer.zeroGrad();
  };
  console.log(backend, "training", 1000 / timeOf(step));
}`;
