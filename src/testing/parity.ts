/** One long run of an optimizer over every kind of parameter, recorded to the bit. */
import type { Engine } from "../engine/engine.js";
import type { Tensor } from "../engine/tensor.js";
import { tanh } from "../nn/activation.js";
import { dense } from "../nn/dense.js";
import { sequential } from "../nn/sequential.js";
import { awkward, numbers, uniform } from "./numbers.js";
import type { AnyFactory, AnyOptimizer, Hyper } from "./types.js";

/** Enough to pass two sweeps against subnormals, at steps 64 and 128; one where a run is held to clipping. */
export const STEPS = { wild: 128, clipped: 66 };
const SIZES = Array.from({ length: 67 }, (_, i) => i + 1);
/** On wasm a copy of the array is stepped on, padded as any tensor is; on js the array itself, without lanes: few sizes say all. */
const ATTACHED = [...SIZES.slice(0, 17), 31, 32, 33, 67];

export interface Run {
  /** All parameters after each step, end to end. */
  steps: Float32Array[];
  /** All state after the last. */
  slots: (Float32Array | Float64Array)[];
  scalars: unknown;
}

interface Scene {
  /** Tensors of every size from 1 to 67; attached arrays of some; the parameters of a model, in a slab. */
  own: Tensor[];
  attached: Tensor[];
  slab: readonly Tensor[];
}

function scene(engine: Engine, wild: boolean): Scene {
  const start = (n: number, seed: number) => (wild && seed % 2 ? awkward(n, seed) : uniform(n, seed));
  return {
    own: SIZES.map((n) => engine.tensor(n, start(n, n))),
    // Every other array has a gradient of the caller's too.
    attached: ATTACHED.map((n) => engine.attach(start(n, n + 1), n % 2 ? { grad: new Float32Array(n) } : {})),
    slab: sequential(engine, [dense(3, 5), tanh(), dense(5, 2), tanh(), dense(2, 1, { bias: false })]).parameters(),
  };
}

const drawn = new Map<string, Float32Array[]>();

/** Gradients of step t, drawn once: calm ones (some all zero, but not at first: with eps 0 that is 0/0), ones over the whole range of f32, and, in a wild run, ones with special values. */
function gradients(sizes: readonly number[], t: number, wild: boolean): Float32Array[] {
  const key = `${t} ${wild}`;
  const known = drawn.get(key);
  if (known) return known;
  const made = sizes.map((size, i) => {
    const seed = 1000 * t + i;
    const next = numbers(seed);
    if (wild && i % 3 === 0) return awkward(size, seed);
    if (wild && i % 3 === 1)
      return Float32Array.from({ length: size }, () => (next() < 0.5 ? -1 : 1) * 2 ** (270 * next() - 145));
    return t > 1 && (t + i) % 7 === 3 ? new Float32Array(size) : uniform(size, seed);
  });
  drawn.set(key, made);
  return made;
}

/** How a run goes. */
export interface RunOptions {
  /** Clip by the global norm; the numbers are then calm ones. Otherwise they are wild: with special values. */
  clip: boolean;
  /** Called before each step, t = 1, 2 …, for rules that are given more than gradients. */
  before?: (opt: AnyOptimizer, t: number, tensors: readonly Tensor[], wild: boolean) => void;
}

export function run(engine: Engine, factory: AnyFactory, hyper: Hyper, o: RunOptions): Run {
  const wild = !o.clip;
  const { own, attached, slab } = scene(engine, wild);
  const tensors = [...own, ...attached, ...slab];
  const sizes = tensors.map(({ size }) => size);
  const groups = [{ params: [...own, ...attached.slice(0, 11)] }, { params: attached.slice(11), lr: 0.02 }];
  const opt = factory([...groups, { params: slab, maximize: true }], hyper);

  // A rule that calls the closure itself finds here the gradients that are there already, and cannot clip them.
  const clips = o.clip && factory.rule.closure !== "required";
  const steps: Float32Array[] = [];
  const last = o.clip ? STEPS.clipped : STEPS.wild;
  for (let t = 1; t <= last; t++) {
    const grads = gradients(sizes, t, wild);
    for (const [i, tensor] of tensors.entries()) tensor.grad.set(grads[i]);
    const gradScale = t % 5 === 0 ? 0.1 : t % 5 === 1 ? -3 : 1;
    o.before?.(opt, t, tensors, wild);
    opt.step(() => 0, { gradScale, ...(clips && t % 2 && { clipNorm: 0.7 }) });
    steps.push(concat(tensors.map(({ data }) => data)));
    if (t === last >> 1) grow(engine, own[0]);
  }
  const { groups: saved } = opt.stateDict();
  return {
    steps,
    slots: saved.flatMap(({ params }) => params.flatMap((slots) => Object.values(slots))),
    scalars: saved.map(({ scalars }) => scalars),
  };
}

/** The kernels that an option set runs; the first step may take another one than those after it. */
export function reached(engine: Engine, factory: AnyFactory, hyper: Hyper): Set<string> {
  const found = new Set<string>();
  const { implementation: memory } = engine;
  const make = memory.update.bind(memory);
  memory.update = (name, twin, binaries) => {
    const update = make(name, twin, binaries);
    return (...args) => {
      found.add(name);
      update(...args);
    };
  };
  const x = engine.tensor(5, uniform(5, 1));
  x.grad.fill(1);
  const matrix = engine.tensor([2, 3], uniform(6, 2));
  matrix.grad.fill(1);
  const opt = factory([x, matrix], hyper);
  for (let t = 0; t < 8; t++) opt.step(() => 0);
  opt.eval();
  return found;
}

/** Takes memory until the heap has had to grow, which on wasm leaves every earlier view without its buffer. */
function grow(engine: Engine, witness: Tensor): void {
  const view = witness.data;
  while (engine.backend === "wasm" && view.length > 0) engine.tensor(1 << 18);
}

function concat(arrays: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(arrays.reduce((length, array) => length + array.length, 0));
  let at = 0;
  for (const array of arrays) {
    whole.set(array, at);
    at += array.length;
  }
  return whole;
}
