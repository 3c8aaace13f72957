/** thalweg/jax beside the formulas of Optax, and its refusals. */
import { pathToFileURL } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { type Jax, jaxOptimizer } from "../../src/adapters/jax/index.js";
import { createEngine } from "../../src/engine/create.js";
import { adam } from "../../src/optim/adam.js";
import { nag } from "../../src/optim/nag.js";
import { sgd } from "../../src/optim/sgd.js";
import { lookahead } from "../../src/optim/wrappers/lookahead.js";
import { difference, uniform } from "../support/numbers.js";
import { driven, setsOf } from "../support/options.js";
import { PATIENCE, requireOf } from "../support/peers.js";

// biome-ignore lint/suspicious/noExplicitAny: its types are not installed here
let jax: any;
beforeAll(async () => {
  // The module itself: required, it is another copy for whom imports it.
  const path = requireOf("jax")
    .resolve("@jax-js/jax")
    .replace(/index\.cjs$/, "index.js");
  jax = await import(pathToFileURL(path).href);
  await jax.init("wasm");
  jax.defaultDevice("wasm");
}, PATIENCE);

const make = () => ({
  w: jax.numpy.array(uniform(15, 1), { shape: [5, 3] }),
  rest: [jax.numpy.array(uniform(3, 2)), jax.numpy.array(0.5)],
});
const flat = (tree: unknown): number[] =>
  jax.tree.leaves(jax.tree.ref(tree)).flatMap((leaf: { dataSync(): Float32Array }) => [...leaf.dataSync()]);

interface Sum {
  add(other: Sum): Sum;
}

/** Σ tanh²(x) over all leaves, and its gradients, under jit. */
const gradients = (params: unknown) => {
  const { numpy: np, jit, valueAndGrad } = jax;
  const loss = (tree: unknown) => {
    const squares: Sum[] = jax.tree.leaves(tree).map((x: unknown) => np.sum(np.square(np.tanh(x))));
    return squares.reduce((sum, one) => sum.add(one));
  };
  const [value, found] = jit(valueAndGrad(loss))(jax.tree.ref(params));
  value.dispose();
  return found;
};

/** The formulas of Optax on arrays of f64. */
const formulas = {
  adam: (lr: number) => {
    let t = 0;
    const moments: [m: number, v: number][] = [];
    return (params: number[], grads: number[]) => {
      t++;
      return params.map((x, i) => {
        const [m, v] = moments[i] ?? [0, 0];
        const next: [number, number] = [0.9 * m + 0.1 * grads[i], 0.999 * v + 0.001 * grads[i] ** 2];
        moments[i] = next;
        return x - (lr * (next[0] / (1 - 0.9 ** t))) / (Math.sqrt(next[1] / (1 - 0.999 ** t)) + 1e-8);
      });
    };
  },
  sgd: (lr: number) => (params: number[], grads: number[]) => params.map((x, i) => x - lr * grads[i]),
};

describe.each(["update", "step"] as const)("%s", (way) => {
  it.each([
    ["adam", adam, 0.01],
    ["sgd", sgd, 0.1],
  ] as const)("follows Optax' %s to 1e-6, on a tree", async (name, factory, lr) => {
    const { init, update, step } = await jaxOptimizer(jax as Jax, factory as typeof adam, { lr });
    const formula = formulas[name](lr);
    let params = make();
    let state = init(jax.tree.ref(params));
    let want = flat(params);
    for (let t = 0; t < 30; t++) {
      const found = gradients(params);
      want = formula(want, flat(found));
      if (way === "step") [params, state] = step(found, state, params);
      else {
        const [updates, next] = update(found, state, jax.tree.ref(params));
        state = next;
        params = jax.tree.map((p: { add(u: unknown): unknown }, u: unknown) => p.add(u), params, updates);
      }
      expect(state.count).toBe(t + 1);
      for (const [i, x] of flat(params).entries()) expect(Math.abs(x - want[i])).toBeLessThan(1e-6);
    }
    state.dispose();
    jax.tree.dispose(params);
  });
});

it("takes the steps of every optimizer of THE TABLE, bit for bit as without jax-js", async () => {
  const engine = await createEngine();
  for (const [name, factory] of driven) {
    if (name.startsWith("sophia") || factory.rule.closure === "required") continue; // refused, below
    const [hyper] = setsOf(factory.rule);
    const tensor = engine.tensor([5, 3], uniform(15, 1));
    const direct = factory([tensor], hyper);
    const { init, step } = await jaxOptimizer(jax, factory, hyper, { engine });
    let [params] = [jax.numpy.array(uniform(15, 1), { shape: [5, 3] })];
    let state = init(params.ref);
    for (let t = 0; t < 5; t++) {
      tensor.grad.set(uniform(15, 10 + t));
      direct.step();
      [params, state] = step(jax.numpy.array(uniform(15, 10 + t), { shape: [5, 3] }), state, params);
      expect(difference(params.ref.dataSync(), tensor.data), `${name}, step ${t}`).toBeUndefined();
    }
    state.dispose();
    direct.dispose();
    params.dispose();
  }
  engine.dispose();
});

it("takes a wrapper, gives its state as plain data, and frees its memory", async () => {
  const engine = await createEngine();
  const before = engine.bytesInUse;
  const factory = (params: never, hyper: object) => lookahead(sgd(params, hyper), { k: 2 });
  const { init, step } = await jaxOptimizer(jax, factory as unknown as typeof sgd, { lr: 0.1 }, { engine });
  let params = make();
  let state = init(jax.tree.ref(params));
  for (let t = 0; t < 4; t++) [params, state] = step(gradients(params), state, params);
  expect(state.optimizer.stateDict()).toMatchObject({ optimizer: "lookahead" });
  state.dispose();
  state.dispose();
  expect(engine.bytesInUse).toBe(before);
  engine.dispose();
  jax.tree.dispose(params);
});

it("refuses what it cannot step", async () => {
  const any = jaxOptimizer as (...given: unknown[]) => Promise<never>;
  await expect(any({}, adam)).rejects.toThrow("jax: expected the namespace of jax-js");
  await expect(any(jax, nag)).rejects.toThrow(
    'factory: expected an optimizer that steps by gradients alone, got "nag"',
  );
  await expect(any(jax, adam, { lr: -1 })).rejects.toThrow("lr: expected a finite number ≥ 0, got -1");
  await expect(any(jax, adam, {}, { engin: 1 })).rejects.toThrow('expected options among engine, got "engin"');
  const { init, step } = await jaxOptimizer(jax, sgd);
  const params = make();
  const state = init(jax.tree.ref(params));
  const small = jax.numpy.array([1]);
  expect(() => step([small], state, [small] as unknown[])).toThrow(
    "params: expected 3 arrays, as init() was given, got 1",
  );
  expect(() => step(gradients(params), state, undefined as never)).toThrow("params: expected the parameters that");
  const [next, later] = step(gradients(params), state, params);
  expect(() => step(gradients(next), state, next)).toThrow("state: expected the state that the last step returned");
  expect(() => jax.jit((x: unknown) => step(x, later, x)[0])(jax.tree.ref(next))).toThrow("call this outside of jit");
  later.dispose();
  for (const one of [next, small]) jax.tree.dispose(one);
});
