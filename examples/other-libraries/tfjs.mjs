// A model of TensorFlow.js, trained by AdamW of this library.
// npm install @tensorflow/tfjs-core @tensorflow/tfjs-layers @tensorflow/tfjs-backend-wasm
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import "@tensorflow/tfjs-backend-wasm";
import { adamw, schedules } from "thalweg";
import { tfOptimizer } from "thalweg/tfjs";

await tf.setBackend("wasm");

// XOR.
const x = tf.tensor2d([0, 0, 0, 1, 1, 0, 1, 1], [4, 2]);
const y = tf.tensor2d([0, 1, 1, 0], [4, 1]);
const model = tfl.sequential();
const kernelInitializer = tfl.initializers.glorotUniform({ seed: 3 });
model.add(tfl.layers.dense({ units: 8, activation: "tanh", inputShape: [2], kernelInitializer }));
model.add(tfl.layers.dense({ units: 1, activation: "sigmoid", kernelInitializer }));

const optimizer = await tfOptimizer(tf, adamw, { lr: schedules.cosine(0.1, { steps: 200 }), weightDecay: 0.001 });
model.compile({ optimizer, loss: "binaryCrossentropy" });
await model.fit(x, y, { epochs: 200, batchSize: 4, verbose: 0 });

console.log(`the variables are stepped ${optimizer.memory}`);
console.log(Array.from(model.predict(x).dataSync(), (value) => value.toFixed(1)).join(" "));
optimizer.dispose();
