/**
 * jax-js on its WebAssembly backend, which has one thread in Node and one for each core in a page that finds workers.
 * Everything is under jit. Its optimizers are a package apart; these are their formulas.
 */
import { blockUntilReady, defaultDevice, init, jit, nn, numpy as np, valueAndGrad } from "@jax-js/jax";
import { type Contestant, training } from "./contestant.js";
import { batchOf, type Floats, HYPER, type Rule } from "./work.js";

const { lr, momentum, beta1, beta2, eps } = HYPER;
type Arr = np.Array;

/** A state of one parameter; arrays go where they are passed, `.ref` keeps one for another use. */
type Slots = { p: Arr; m: Arr; v: Arr; c1: Arr; c2: Arr };

function adam({ p, m, v }: Pick<Slots, "p" | "m" | "v">, g: Arr, c1: Arr, c2: Arr) {
  const mean = m.mul(beta1).add(g.ref.mul(1 - beta1));
  const square = v.mul(beta2).add(g.ref.mul(g).mul(1 - beta2));
  const denominator = np.sqrt(square.ref.div(np.array(1).sub(c2))).add(eps);
  const next = p.sub(mean.ref.div(np.array(1).sub(c1)).mul(lr).div(denominator));
  return { p: next, m: mean, v: square };
}

const rules: Partial<Record<Rule, (s: Slots, g: Arr) => Slots>> = {
  sgd: ({ p, ...rest }, g) => ({ p: p.sub(g.mul(lr)), ...rest }),
  momentum({ p, m, ...rest }, g) {
    const next = m.mul(momentum).add(g);
    return { p: p.sub(next.ref.mul(lr)), m: next, ...rest };
  },
  adam({ p, m, v, c1, c2 }, g) {
    const [power1, power2] = [c1.mul(beta1), c2.mul(beta2)];
    return { ...adam({ p, m, v }, g, power1.ref, power2.ref), c1: power1, c2: power2 };
  },
};

const array = (values: Floats, shape: number[]): Arr => np.array(values).reshape(shape);

export async function jax(threads = 1): Promise<Contestant> {
  if (!(await init("wasm")).includes("wasm")) throw new Error("jax-js has no wasm backend here");
  defaultDevice("wasm");
  return {
    name: "jax-js",
    async product({ m, k, n, layout }, a, b) {
      const A = array(a, layout === "TN" ? [k, m] : [m, k]);
      const B = array(b, layout === "NT" ? [n, k] : [k, n]);
      const multiply = jit((x: Arr, y: Arr) =>
        np.matmul(layout === "TN" ? np.transpose(x) : x, layout === "NT" ? np.transpose(y) : y),
      );
      return {
        async run() {
          const c = multiply(A.ref, B.ref);
          await blockUntilReady(c);
          c.dispose();
        },
        output: async () => (await multiply(A.ref, B.ref).data()) as Float32Array,
        dispose() {
          A.dispose();
          B.dispose();
          multiply.dispose();
        },
      };
    },
    async optimizer(rule, values, gradient) {
      const update = rules[rule];
      if (!update) return undefined;
      const n = values.length;
      const step = jit(update);
      const g = np.array(gradient);
      const moments = rule === "sgd" ? [0, 0] : rule === "momentum" ? [n, 0] : [n, n]; // what is not used is of no size
      let state: Slots = {
        ...{ p: np.array(values), m: np.zeros([moments[0]! || 1]), v: np.zeros([moments[1]! || 1]) },
        ...{ c1: np.array(1), c2: np.array(1) },
      };
      return {
        async run() {
          state = step(state, g.ref) as Slots;
          await blockUntilReady(state);
        },
        output: async () => (await state.p.ref.data()) as Float32Array,
        dispose() {
          for (const one of Object.values(state)) one.dispose();
          g.dispose();
          step.dispose();
        },
      };
    },
    async training({ widths, batch }, initial, batches) {
      const count = initial.length;
      const classes = widths.at(-1)!;
      const zeros = () => initial.map((values, i) => np.zeros(shapeOf(widths, i, values)));
      let state = {
        p: initial.map((values, i) => array(values, shapeOf(widths, i, values))),
        ...{ m: zeros(), v: zeros(), c1: np.array(1) as Arr, c2: np.array(1) as Arr },
      };
      const forward = (p: Arr[], x: Arr): Arr => {
        let y = x;
        for (let i = 0; i < count; i += 2) {
          y = np.matmul(y, p[i]!).add(p[i + 1]!);
          if (i + 2 < count) y = nn.relu(y);
        }
        return y;
      };
      const loss = (p: Arr[], x: Arr, target: Arr): Arr =>
        nn
          .logSoftmax(forward(p, x))
          .mul(target)
          .sum()
          .mul(-1 / batch);
      const step = jit((s: typeof state, x: Arr, labels: Arr) => {
        const [value, gradients] = valueAndGrad(loss)(
          s.p.map((p) => p.ref),
          x,
          nn.oneHot(labels, classes),
        ) as [Arr, Arr[]];
        const [c1, c2] = [s.c1.mul(beta1), s.c2.mul(beta2)];
        const next = s.p.map((p, i) => adam({ p, m: s.m[i]!, v: s.v[i]! }, gradients[i]!, c1.ref, c2.ref));
        return {
          value,
          state: { p: next.map(({ p }) => p), m: next.map(({ m }) => m), v: next.map(({ v }) => v), c1, c2 },
        };
      });
      let at = 0;
      const advance = (): Arr => {
        const { values, labels } = batchOf(batches, at++);
        const found = step(state, array(values, [batch, widths[0]!]), np.array(labels, { dtype: np.int32 })) as {
          value: Arr;
          state: typeof state;
        };
        state = found.state;
        return found.value;
      };
      // What is read at once is computed at once, by one thread; what is waited for, by its workers.
      const run = threads === 1 ? () => advance().dataSync()[0]! : async () => (await advance().data())[0]!;
      return training(run, {
        predict: async (values) =>
          (await forward(
            state.p.map((p) => p.ref),
            array(values, [values.length / widths[0]!, widths[0]!]),
          ).data()) as Float32Array,
        dispose() {
          for (const one of [...state.p, ...state.m, ...state.v, state.c1, state.c2]) one.dispose();
          step.dispose();
        },
      });
    },
  };
}

const shapeOf = (widths: readonly number[], i: number, values: Floats): number[] =>
  i % 2 ? [values.length] : [widths[i >> 1]!, widths[(i >> 1) + 1]!];
