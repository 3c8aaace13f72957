// A least-squares fit: loss and gradients by jax-js, steps by Lion of this library.
// npm install @jax-js/jax
import * as jax from "@jax-js/jax";
import { lion } from "thalweg";
import { jaxOptimizer } from "thalweg/jax";

const { jit, numpy: np, tree, valueAndGrad } = jax;
await jax.init("wasm");
jax.defaultDevice("wasm");

// y = 2x - 1
const x = np.array([0, 1, 2, 3]);
const y = np.array([-1, 1, 3, 5]);
const loss = ({ slope, offset }) => np.mean(np.square(slope.mul(x.ref).add(offset).sub(y.ref)));
const evaluate = jit(valueAndGrad(loss));

const { init, update } = await jaxOptimizer(jax, lion, { lr: (step) => 0.05 / (1 + step / 50) });
let params = { slope: np.array(0), offset: np.array(0) };
let state = init(tree.ref(params));
for (let step = 0; step < 1000; step++) {
  const [value, gradients] = evaluate(tree.ref(params));
  value.dispose();
  const [updates, next] = update(gradients, state, tree.ref(params));
  state = next;
  params = tree.map((p, u) => p.add(u), params, updates);
}
console.log(`y = ${params.slope.js().toFixed(1)} x + ${params.offset.js().toFixed(1)}`);
state.dispose();
