/** The training that every host runs. It uses nothing that the language alone does not have: no hash, text codec or fine clock. */
import { adamw, createEngine, dense, dropout, relu, sequential, softmaxCrossEntropy, tanh } from "thalweg";

const STEPS = 50;
const ROWS = 33;
const INPUTS = 7;

/** Fifty steps of AdamW with dropout; returns what the engine is, and a hash of parameters, gradients and optimizer state. */
export async function train(options) {
  const start = Date.now();
  const engine = await createEngine({ simd: "strict", ...options });
  const layers = [dense(INPUTS, 19, { init: "heNormal" }), relu(), dropout(0.2), dense(19, 13), tanh(), dense(13, 3)];
  const model = sequential(engine, layers, { seed: 42 });
  const optimizer = adamw(model.parameters(), { lr: 0.01, weightDecay: 0.05 });
  const inputs = Float32Array.from({ length: ROWS * INPUTS }, (_, i) => (((i * 7919) % 1009) / 1009) * 4 - 2);
  const labels = Int32Array.from({ length: ROWS }, (_, r) => Number(inputs[7 * r] > 0) + Number(inputs[7 * r + 3] > 1));
  const x = engine.tensor([ROWS, INPUTS], inputs);
  for (let step = 0; step < STEPS; step++) {
    const { grad } = softmaxCrossEntropy(model.forward(x), labels);
    model.backward(grad);
    optimizer.step(undefined, { zeroGrad: step < STEPS - 1 });
  }
  const hash = new Hash();
  for (const { data, grad } of model.parameters()) hash.add(data).add(grad);
  for (const group of optimizer.stateDict().groups)
    for (const slots of group.params) for (const name of Object.keys(slots).sort()) hash.add(slots[name]);
  const { backend, simd, reason, threads } = engine;
  engine.dispose();
  return { hash: hash.toString(), backend, simd, reason, threads, ms: Date.now() - start };
}

/** FNV-1a over 32-bit words, twice from different starts. */
class Hash {
  a = 0x811c9dc5;
  b = 0x9747b28c;
  add(values) {
    const copy = Float32Array.from(values);
    for (const word of new Uint32Array(copy.buffer)) {
      this.a = Math.imul(this.a ^ word, 0x01000193);
      this.b = Math.imul(this.b ^ (word >>> 16) ^ (word << 16), 0x01000193);
    }
    return this;
  }
  toString() {
    return [this.a, this.b].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("");
  }
}
