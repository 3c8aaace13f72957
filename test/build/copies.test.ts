/**
 * Two copies of the package in one process: what `import` loads and what `require` loads share nothing, and neither can use
 * the other's tensors. Such a tensor is refused by what it is: "got a Tensor" alone would deny the obvious.
 */
import { createRequire } from "node:module";
import { expect, test } from "vitest";
import { built } from "../support/built.js";

type Library = typeof import("../../src/index.js");

test("things of another copy of the package are refused as such", async () => {
  const esm: Library = await import(built("bundled/index.js").href);
  const cjs: Library = createRequire(import.meta.url)(built("cjs/index.js").pathname);
  const engine = await cjs.createEngine({ backend: "js" });
  const p = engine.tensor([2], [1, 2]);
  const attached = engine.attach(new Float32Array(2), { grad: new Float32Array(2) });
  const model = cjs.sequential(engine, [cjs.dense(2, 2)]);
  const own = await esm.createEngine({ backend: "js" });

  const copy = "of another copy of thalweg: import it or require it, not both";
  const rows: [() => unknown, string][] = [
    [() => esm.adam([p]), `params[0]: expected a tensor, or a group { params: [tensors] }, got a Tensor ${copy}`],
    [() => esm.adam([{ params: [p] }]), `groups[0].params[0]: expected a tensor, got a Tensor ${copy}`],
    [() => esm.adam([own.tensor(2), p] as never), `params[1]: expected a tensor, got a Tensor ${copy}`],
    [
      () => esm.sgd([attached]),
      `params[0]: expected a tensor, or a group { params: [tensors] }, got an AttachedTensor ${copy}`,
    ],
    [() => own.matmul(p, p), `a: expected a tensor, got a Tensor ${copy}`],
    [() => esm.mse(p, p), `prediction: expected a tensor, got a Tensor ${copy}`],
    [() => esm.sequential(engine, [esm.dense(2, 2)]), `engine: expected an engine, got an Engine ${copy}`],
    [() => esm.lookahead(cjs.sgd([p]) as never), `opt: expected an optimizer, got a RuleOptimizer ${copy}`],
    [() => esm.saveWeights(model), `model: expected a model made by sequential(), got a Model ${copy}`],
  ];
  for (const [use, message] of rows) expect(use).toThrow(expect.objectContaining({ name: "TypeError", message }));

  // A tensor of another library, and a thing that is none.
  expect(() => esm.adam([{ shape: [2], dtype: "float32", dataSync() {} }] as never)).toThrow(/got an Object$/);
});
