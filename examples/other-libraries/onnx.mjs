// Gradients by ONNX Runtime Web, steps by this library. A model that was exported with its gradients as outputs is one more
// function of the parameters: feed them, run it, hand the outputs to the optimizer. The model here is the least there is,
// y = x w with the gradient of half the squared error, written out below; yours comes from a file.
// npm install onnxruntime-web
import * as ort from "onnxruntime-web";
import { createEngine, nadam } from "thalweg";

const [rows, inputs] = [64, 3];
const session = await ort.InferenceSession.create(model(), { executionProviders: ["wasm"] });

// Rows of x, and y = x · (1, -2, 3).
const x = Float32Array.from({ length: rows * inputs }, (_, i) => ((i * 7919) % 101) / 50 - 1);
const y = Float32Array.from({ length: rows }, (_, r) => x[3 * r] - 2 * x[3 * r + 1] + 3 * x[3 * r + 2]);
const data = { x: new ort.Tensor("float32", x, [rows, inputs]), y: new ort.Tensor("float32", y, [rows, 1]) };

const engine = await createEngine();
const weights = engine.tensor([inputs, 1]);
const opt = nadam([weights], { lr: 0.1 });
for (let step = 0; step < 200; step++) {
  // A tensor of the runtime's own: the engine's memory may move, and the runtime may read it later.
  const { gradient } = await session.run({ ...data, w: new ort.Tensor("float32", weights.toArray(), [inputs, 1]) });
  weights.grad.set(gradient.data);
  opt.step(undefined, { gradScale: 1 / rows });
}
console.log(Array.from(weights.data, (value) => value.toFixed(2)).join(" "));
await session.release();
engine.dispose();

/** The bytes of: error = MatMul(x, w) - y; gradient = MatMul(Transpose(x), error). Field numbers are those of onnx.proto. */
function model() {
  const varint = (value) => (value > 127 ? [(value & 127) | 128, ...varint(value >> 7)] : [value]);
  const int = (field, value) => [...varint(field << 3), ...varint(value)];
  const bytes = (field, content) => [...varint((field << 3) | 2), ...varint(content.length), ...content];
  const text = (field, content) => bytes(field, [...new TextEncoder().encode(content)]);
  const node = (type, ins, out) => bytes(1, [...ins.flatMap((one) => text(1, one)), ...text(2, out), ...text(4, type)]);
  const value = (field, name, shape) => {
    const dims = shape.flatMap((d) => bytes(1, int(1, d)));
    return bytes(field, [...text(1, name), ...bytes(2, bytes(1, [...int(1, 1), ...bytes(2, dims)]))]);
  };
  const graph = [
    ...node("MatMul", ["x", "w"], "prediction"),
    ...node("Sub", ["prediction", "y"], "error"),
    ...node("Transpose", ["x"], "transposed"),
    ...node("MatMul", ["transposed", "error"], "gradient"),
    ...text(2, "leastSquares"),
    ...[...value(11, "x", [rows, inputs]), ...value(11, "y", [rows, 1]), ...value(11, "w", [inputs, 1])],
    ...value(12, "gradient", [inputs, 1]),
  ];
  return Uint8Array.from([...int(1, 7), ...bytes(7, graph), ...bytes(8, int(2, 13))]);
}
