import { expect, test } from "vitest";
import type { Engine } from "../../src/engine/engine.js";
import { relu, tanh } from "../../src/nn/activation.js";
import { dense } from "../../src/nn/dense.js";
import { dropout } from "../../src/nn/dropout.js";
import type { Layer } from "../../src/nn/layer.js";
import { sequential } from "../../src/nn/sequential.js";
import { backends, threaded } from "../support/backends.js";
import { difference, uniform } from "../support/numbers.js";

// A dense layer and the relu after it run as one. The same relu wrapped in another layer is not recognised and runs by
// itself: both must give the same bits.

const wrapped = (layer: Layer): Layer => ({ ...layer, bind: (...args) => ({ ...layer.bind(...args) }) });
const asItIs = (layer: Layer): Layer => layer;
type Dress = typeof asItIs;

const NETS: Record<string, (dress: Dress) => Layer[]> = {
  "two of them, the last layer among them": (r) => [dense(7, 48), r(relu()), dense(48, 16), r(relu())],
  "widths of whole lines, and more": (r) => [dense(8, 32), r(relu()), dense(32, 37), r(relu()), dense(37, 3)],
  "dropout between and after": (r) => [dense(7, 16), dropout(0.3), r(relu()), dense(16, 18), r(relu()), dropout(0.5)],
  "no bias, or a relu first": (r) => [r(relu()), dense(7, 16, { bias: false }), r(relu()), dense(16, 4), tanh()],
};

/** Records the names of the kernels, among those that layers bind, that an engine runs from now on. */
function listen(engine: Engine): Set<string> {
  const names = new Set<string>();
  const { implementation: memory } = engine;
  const { kernel } = memory;
  memory.kernel = ((name: string, ...rest: unknown[]) => {
    const run = (kernel as (...args: unknown[]) => (...args: unknown[]) => unknown).call(memory, name, ...rest);
    return (...args: unknown[]) => {
      names.add(name);
      return run(...args);
    };
  }) as never;
  return names;
}

/** Runs two passes of a network; returns copies of everything that they leave. */
function passes(engine: Engine, layers: Layer[], rows: number, keepSecond = false) {
  using model = sequential(engine, layers, { seed: 3 });
  const x = engine.tensor([rows, model.inputs!], uniform(rows * model.inputs!, rows));
  const found: Record<string, Float32Array> = {};
  for (const pass of [1, 2]) {
    model.keepActivations = keepSecond && pass === 2;
    const y = model.forward(x);
    found[`${pass} output`] = y.toArray();
    const values = uniform(y.size, 99).map((v) => v - 0.5);
    using gradOut = engine.tensor(y.shape, values);
    found[`${pass} input gradient`] = model.backward(gradOut)!.toArray();
    expect(difference(gradOut.data, values)).toBeUndefined(); // the caller's
    for (const [name, { grad }] of model.namedParameters()) found[`${pass} ${name}`] = grad.slice();
    for (const { name, output, gradient } of model.inspect()) {
      if (output) found[`${pass} ${name} output`] = output.toArray();
      if (gradient) found[`${pass} ${name} gradient`] = gradient.toArray();
    }
  }
  x.dispose();
  return found;
}

for (const [backend, batches] of [...backends.map((b) => [b, [1, 3, 32]] as const), [threaded(2), [9]] as const]) {
  test.each(Object.entries(NETS))(`${backend.name}: fused or apart, the same bits: %s`, async (_, net) => {
    using engine = await backend.create();
    for (const rows of batches) {
      for (const keepSecond of [false, true]) {
        const [fused, apart] = [net(asItIs), net(wrapped)].map((layers) => passes(engine, layers, rows, keepSecond));
        expect(Object.keys(fused)).toEqual(Object.keys(apart));
        for (const [what, values] of Object.entries(fused)) {
          const wrong = difference(values, apart[what]);
          if (wrong) expect.fail(`${rows} rows, ${what}: ${wrong}`);
        }
      }
    }
  });

  test(`${backend.name}: which layers are fused, and which are not`, async () => {
    using engine = await backend.create();
    const names = listen(engine);
    const ran = (layers: Layer[], keepAll = false) => {
      names.clear();
      using model = sequential(engine, layers);
      model.keepActivations = keepAll;
      using x = engine.tensor([8, 4]);
      using gradOut = engine.tensor(model.forward(x).shape);
      model.backward(gradOut);
      return names.has("relu") ? (names.has("addRowRelu") ? "both" : "apart") : "fused";
    };
    expect(ran([dense(4, 16), relu(), dense(16, 2)])).toBe("fused");
    expect(ran([dense(4, 16), relu()])).toBe("fused");
    expect(ran([dense(4, 16), relu(), relu()])).toBe("both");
    expect(ran([dense(4, 16), relu()], true)).toBe("apart");
    expect(ran([dense(4, 16, { bias: false }), relu()])).toBe("apart");
    expect(ran([dense(4, 16), dropout(0.5), relu()])).toBe("apart");
    expect(ran([dense(4, 24), relu()])).toBe("apart"); // no multiple of a cache line
    expect(ran([dense(4, 16), wrapped(relu())])).toBe("apart");
    expect(ran([wrapped(dense(4, 16)), relu()])).toBe("apart");
  });
}
