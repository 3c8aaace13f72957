/**
 * Arguments that are missing, null or of another kind, at every public function: each is refused by a TypeError or a
 * RangeError that names the argument, what was expected and what came, never by an error of JavaScript's own.
 */
import { expect, it } from "vitest";
import * as t from "../../src/index.js";
import { seal } from "../../src/train/sealedFile.js";

// biome-ignore lint/suspicious/noExplicitAny: called as no type allows
const any: any = t;
const engine = await t.createEngine({ backend: "js" });
const model = t.sequential(engine, [t.dense(2, 3), t.relu(), t.dense(3, 1)], { seed: 1 });
// biome-ignore lint/suspicious/noExplicitAny: likewise
const [e, m]: any[] = [engine, model];
const data = { x: [[1, 2]], y: [[1]] };
const params = model.parameters();
const layer = () => t.dense(1, 1);
const checkpoint = (state: string) => seal("checkpoint", {}, { state });

const calls: Record<string, () => unknown> = {
  "engine.tensor()": () => e.tensor(),
  "engine.tensor(2, null)": () => e.tensor(2, null),
  "engine.attach()": () => e.attach(),
  "engine.attach([null], null)": () => e.attach([null], null),
  "engine.attach(array, null)": () => e.attach(new Float32Array(1), null),
  "engine.matmul()": () => e.matmul(),
  "engine.matmul(a, b, null)": () => e.matmul(e.tensor([1, 1]), e.tensor([1, 1]), null),
  "tensor.copyFrom()": () => e.tensor(1).copyFrom(),
  "elu(null)": () => any.elu(null),
  "leakyRelu(null)": () => any.leakyRelu(null),
  "gelu(null)": () => any.gelu(null),
  "softplus(null)": () => any.softplus(null),
  "dropout(null)": () => any.dropout(null),
  "layerNorm()": () => any.layerNorm(),
  "layerNorm(2, null)": () => any.layerNorm(2, null),
  "dense()": () => any.dense(),
  "dense(2, 3, null)": () => any.dense(2, 3, null),
  "concat()": () => any.concat(),
  "concat([1])": () => any.concat([1]),
  "concat(branches, null)": () => any.concat([[layer()]], null),
  "sequential()": () => any.sequential(),
  "sequential(engine)": () => any.sequential(engine),
  "sequential(engine, [1])": () => any.sequential(engine, [1]),
  "sequential(engine, layers, null)": () => any.sequential(engine, [layer()], null),
  "model.forward()": () => m.forward(),
  "model.backward()": () => m.backward(),
  "model.backward(grad, null)": () => {
    m.forward(e.tensor([1, 2]));
    m.backward(e.tensor([1, 1]), null);
  },
  "mse()": () => any.mse(),
  "halfMse()": () => any.halfMse(),
  "l1()": () => any.l1(),
  "huber()": () => any.huber(),
  "binaryCrossEntropyWithLogits()": () => any.binaryCrossEntropyWithLogits(),
  "softmaxCrossEntropy()": () => any.softmaxCrossEntropy(),
  "softmaxCrossEntropy(prediction)": () => any.softmaxCrossEntropy(e.tensor([1, 2])),
  "gradcheck()": () => any.gradcheck(),
  "gradcheck(model, null, null, null)": () => any.gradcheck(model, null, null, null),
  "batches()": () => any.batches(),
  "batches(engine)": () => any.batches(engine),
  "batches(engine, data, null)": () => any.batches(engine, data, null),
  "batches.take() past the end": () => {
    const loader = t.batches(engine, data, { batchSize: 1, seed: 1 });
    for (let i = 0; i < 3; i++) loader.take();
  },
  "evaluate()": () => any.evaluate(),
  "predict()": () => any.predict(),
  "train()": () => any.train(),
  "train(model, data)": () => any.train(model, data),
  "createEngine(null)": () => any.createEngine(null),
  "saveWeights()": () => any.saveWeights(),
  "saveWeights(model, null)": () => any.saveWeights(model, null),
  "loadWeights(model)": () => any.loadWeights(model),
  "loadWeights(model, bytes, null)": () => any.loadWeights(model, new Uint8Array(3), null),
  "encodeSafetensors()": () => any.encodeSafetensors(),
  "encodeSafetensors({ a: null })": () => any.encodeSafetensors({ a: null }),
  "encodeSafetensors without a shape": () => any.encodeSafetensors({ a: { data: new Float32Array(1) } }),
  "encodeSafetensors({}, null)": () => any.encodeSafetensors({}, null),
  "encodeSafetensors with a number for text": () => any.encodeSafetensors({}, { a: 1 }),
  "decodeSafetensors()": () => any.decodeSafetensors(),
  "saveCheckpoint()": () => any.saveCheckpoint(),
  "loadCheckpoint()": () => any.loadCheckpoint(),
  "readCheckpoint()": () => any.readCheckpoint(),
  "a checkpoint with the state null": () => t.readCheckpoint(checkpoint("null")),
  "a checkpoint with the state {": () => t.readCheckpoint(checkpoint("{")),
  "a checkpoint with the state 1": () => t.readCheckpoint(checkpoint("1")),
  "a checkpoint with the state {}": () => t.readCheckpoint(checkpoint("{}")),
  "a checkpoint with the state []": () => t.readCheckpoint(checkpoint("[]")),
  "a checkpoint with a tensor that is not there": () => t.readCheckpoint(checkpoint('{"extra":{"$tensor":"a"}}')),
  "clipGradNorm()": () => any.clipGradNorm(),
  "clipGradNorm(params, 1, null)": () => any.clipGradNorm(params, 1, null),
  "clipGradValue()": () => any.clipGradValue(),
  "adaptiveClipGrad()": () => any.adaptiveClipGrad(),
  "centralizeGrads()": () => any.centralizeGrads(),
  "decayGroups()": () => any.decayGroups(),
  "layerGroups()": () => any.layerGroups(),
  "ema()": () => any.ema(),
  "ema(params, null)": () => any.ema(params, null),
  "swa(params, null)": () => any.swa(params, null),
  "lookahead()": () => any.lookahead(),
  "lookahead(opt, null)": () => any.lookahead(t.adam(params), null),
  "sam()": () => any.sam(),
  "sam(opt, null)": () => any.sam(t.adam(params), null),
  "accumulate()": () => any.accumulate(),
  "adam()": () => any.adam(),
  "adam(params, null)": () => any.adam(params, null),
  "adam([null])": () => any.adam([null]),
  "adam([{}])": () => any.adam([{}]),
  "opt.step(undefined, null)": () => t.adam(params).step(undefined, null as never),
  "opt.loadStateDict(null)": () => t.adam(params).loadStateDict(null as never),
  "opt.addParamGroup()": () => any.adam(params).addParamGroup(),
  "opt.state()": () => any.adam(params).state(),
  ...Object.fromEntries(Object.keys(t.schedules).map((name) => [`schedules.${name}()`, () => any.schedules[name]()])),
};

it.each(Object.entries(calls))("%s", async (_, call) => {
  let error: unknown;
  try {
    await call();
  } catch (thrown) {
    error = thrown;
  }
  expect(error instanceof TypeError || error instanceof RangeError).toBe(true);
  const { message } = error as Error;
  expect(message).toMatch(/^[\w.[\]]+(\(\))?: .*expected .+, got .+$/s);
});
