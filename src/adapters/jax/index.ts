/** `thalweg/jax`: the optimizers of this library for trees of jax-js arrays, in the form of Optax. */
export type { Factory } from "../factory.js";
export { type Jax, type JaxArray, JaxState, type JaxTransformation, jaxOptimizer } from "./jaxOptimizer.js";
