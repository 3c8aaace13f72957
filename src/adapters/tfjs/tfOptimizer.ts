import { checkKeys, checkPositive, rangeError, typeError } from "../../check.js";
import { createEngine } from "../../engine/create.js";
import type { Engine } from "../../engine/engine.js";
import type { Tensor } from "../../engine/tensor.js";
import type { Common } from "../../optim/core/hyperparameters.js";
import type { Optimizer } from "../../optim/core/optimizer.js";
import type { Scheduled } from "../../optim/core/rule.js";
import type { Schedule } from "../../schedule/schedule.js";
import { checkFactory, checkHyper, type Factory } from "../factory.js";
import { copyingStore } from "./copies.js";
import { engineIn, inPlaceStore, memoryOf } from "./inPlace.js";
import { Stepper } from "./stepper.js";
import type { Store } from "./store.js";
import type { TensorFlow, TfNamedTensor, TfTensor, TfVariable, TfWasmBackend } from "./types.js";
import { doublesOf, pack, type StateArray, textOf, unpack, wordsOf, wordsOfDoubles } from "./weights.js";

/** Options of {@link tfOptimizer} besides the hyperparameters. */
export interface TfOptions {
  /** The engine to compute with. By default one in the memory of TensorFlow.js, or where that cannot be had, one of its own. */
  engine?: Engine;
  /** Scales the gradients of a step together so that their norm is at most this. */
  clipNorm?: number;
}

/** What an optimizer of {@link tfOptimizer} has beyond a tf.Optimizer. */
export interface ThalwegTfOptimizer {
  /** The learning rate of the next step, or a schedule of the step from then on. */
  get learningRate(): number;
  set learningRate(value: number | Schedule);
  /** The optimizer of this library behind it; undefined until the first step, when the variables become known. */
  readonly thalweg: Optimizer | undefined;
  /** How variables are reached: "in place", in the memory of TensorFlow.js, or by "copies". */
  readonly memory: "in place" | "copies";
  /** Moves the variables to the point where gradients are taken, and to the one to evaluate the model at (Schedule-Free). */
  train(): void;
  eval(): void;
}

const engines = new WeakMap<object, Promise<Engine>>();

/**
 * An optimizer of this library as a `tf.Optimizer`, for `minimize`, `applyGradients` and `model.compile`.
 *
 * On the WebAssembly backend of TensorFlow.js it works in the memory of that backend, where a step copies the gradients
 * alone. Elsewhere a step copies the gradients in and the parameters out, which on a GPU is a read-back each. Make it after
 * `tf.setBackend`. The class is registered, so `tf.loadLayersModel` finds it in a model that was saved with its optimizer;
 * make one before you load. A schedule is not saved: the loaded optimizer has the rate of the last step.
 *
 * @param tf the namespace of `@tensorflow/tfjs` or `@tensorflow/tfjs-core`
 * @param factory an optimizer by its factory, `adamw`, or a function that makes one of groups of parameters
 * @param hyper its hyperparameters, schedules included
 * @throws TypeError or RangeError for what is none of these, for bad hyperparameters, and for the rules that are given a
 *   Hessian (`sophiaG`, `sophiaH`)
 * @example
 * const optimizer = await tfOptimizer(tf, adamw, { lr: 1e-3, weightDecay: 0.01 });
 * model.compile({ optimizer, loss: "categoricalCrossentropy", metrics: ["accuracy"] });
 */
export async function tfOptimizer<T extends TensorFlow, H extends object>(
  tf: T,
  factory: Factory<H>,
  hyper: Partial<Scheduled<H> & Common> = {},
  options: TfOptions = {},
): Promise<InstanceType<T["Optimizer"]> & ThalwegTfOptimizer> {
  checkArguments(tf, factory, hyper, options);
  const { engine, clipNorm } = options;
  const store = await storeOf(tf, engine);
  checkHyper(store.engine, factory, hyper);
  const Class = classOf(tf, factory, store, clipNorm === undefined ? {} : { clipNorm });
  tf.serialization.registerClass(Class);
  return new Class(hyper) as InstanceType<T["Optimizer"]> & ThalwegTfOptimizer;
}

function checkArguments(tf: unknown, factory: unknown, hyper: unknown, options: TfOptions): void {
  const { Optimizer: Base, engine } = (tf ?? {}) as Partial<TensorFlow>;
  if (typeof Base !== "function" || typeof engine !== "function")
    throw typeError("tf", "the namespace of TensorFlow.js: import * as tf from …", tf);
  checkKeys("tfOptimizer", options, ["engine", "clipNorm"]);
  checkFactory(factory, hyper, options.engine, true);
  if (options.clipNorm !== undefined) checkPositive("clipNorm", options.clipNorm);
}

async function storeOf(tf: TensorFlow, engine: Engine | undefined): Promise<Store & { memory: "in place" | "copies" }> {
  if (engine) return { ...copyingStore(tf, engine), memory: "copies" };
  const backend = tf.engine().backend as TfWasmBackend;
  const host = tf.getBackend() === "wasm" ? memoryOf(backend) : undefined;
  if (host) {
    try {
      return { ...inPlaceStore(tf, backend, host, await engineIn(backend, host)), memory: "in place" };
    } catch {
      // A host without SIMD.
    }
  }
  const key = tf.engine() as object;
  let made = engines.get(key);
  if (!made) {
    made = createEngine();
    engines.set(key, made);
  }
  return { ...copyingStore(tf, await made), memory: "copies" };
}

/** The class of the optimizers of a factory: TensorFlow.js saves its name, and makes instances from what was saved. */
function classOf<H extends object>(
  tf: TensorFlow,
  factory: Factory<H>,
  store: Store & { memory: "in place" | "copies" },
  stepOptions: { clipNorm?: number },
) {
  const name = factory.rule?.name ?? factory.name;
  const backendName = tf.getBackend();

  return class extends tf.Optimizer implements ThalwegTfOptimizer {
    static readonly className = `Thalweg${name.charAt(0).toUpperCase()}${name.slice(1)}`;
    static fromConfig(Class: new (config: object) => unknown, config: object): unknown {
      const { customObjects: _, ...hyper } = config as { customObjects?: unknown }; // which TensorFlow.js adds
      return new Class(hyper);
    }
    readonly memory = store.memory;
    readonly #stepper: Stepper;
    #hyper: Record<string, unknown>;

    constructor(hyper: object) {
      super();
      this.#hyper = { ...hyper };
      const make = (groups: { params: Tensor[] }[]) => factory(groups, this.#hyper as Partial<Scheduled<H> & Common>);
      this.#stepper = new Stepper(tf, store, make, stepOptions);
    }

    get thalweg(): Optimizer | undefined {
      return this.#stepper.optimizer;
    }
    get learningRate(): number {
      const lr = this.#now().lr;
      return typeof lr === "function" ? lr(0) : (lr as number);
    }
    set learningRate(value: number | Schedule) {
      const groups = this.thalweg?.groups ?? [];
      for (const group of groups) Object.assign(group, { lr: value });
      if (groups.length === 0)
        checkHyper(store.engine, factory, { ...this.#hyper, lr: value } as unknown as Partial<Scheduled<H> & Common>);
      this.#hyper.lr = value;
    }

    minimize(f: () => TfTensor, returnCost = false, varList?: TfVariable[]): unknown {
      // Of a function that makes an optimizer nothing is known before: a step by evaluation suits every one.
      const searching = this.thalweg?.needsClosure ?? (!factory.rule || factory.rule.closure === "required");
      if (!searching) return super.minimize(f, returnCost, varList);
      checkBackend(tf, store, backendName);
      const loss = this.#stepper.search(() => {
        const { value, grads } = this.computeGradients(f, varList) as {
          value: TfTensor;
          grads: Record<string, TfTensor>;
        };
        const [cost] = Array.from(value.dataSync()) as [number];
        value.dispose();
        return { loss: cost, gradients: named(grads) };
      });
      this.incrementIterations();
      return returnCost ? tf.tensor(loss, []) : null;
    }

    applyGradients(given: Record<string, TfTensor> | TfNamedTensor[]): void {
      checkBackend(tf, store, backendName);
      this.#stepper.step(Array.isArray(given) ? given : named(given));
      this.incrementIterations();
    }

    train(): void {
      this.#stepper.mode("train");
    }
    eval(): void {
      this.#stepper.mode("eval");
    }

    dispose(): void {
      this.#stepper.dispose();
    }

    getConfig(): Record<string, unknown> {
      return Object.fromEntries(Object.entries(this.#now()).filter(([, value]) => isPlain(value)));
    }

    async getWeights(): Promise<TfNamedTensor[]> {
      const iterations = (await this.saveIterations()) as TfNamedTensor;
      const state = this.#stepper.state();
      if (!state) return [iterations];
      const { text, arrays } = pack(state);
      const words = wordsOf(text);
      return [
        iterations,
        { name: "thalweg/state", tensor: tf.tensor(words, [words.length], "int32") },
        ...arrays.map(({ path, values }) => ({ name: `thalweg/${path}`, tensor: tensorOf(tf, values) })),
      ];
    }

    async setWeights(weights: TfNamedTensor[]): Promise<void> {
      const [words, ...arrays] = (await this.extractIterations(weights)) as { tensor: TfTensor }[];
      if (!words) return; // saved before the first step
      const values = await Promise.all(arrays.map(async ({ tensor }) => arrayOf(tensor.dtype, await tensor.data())));
      this.#stepper.restore(unpack(textOf(await words.tensor.data()), values) as never);
    }

    /** The hyperparameters as given, with those of the first group once there is one. */
    #now(): Record<string, unknown> {
      const defaults = { ...factory.rule?.hyper, ...this.#hyper } as Record<string, unknown>;
      const live = this.thalweg?.groups[0] as Record<string, unknown> | undefined;
      return Object.fromEntries(Object.entries(defaults).map(([key, value]) => [key, live?.[key] ?? value]));
    }
  };
}

const named = (gradients: Record<string, TfTensor>): TfNamedTensor[] =>
  Object.entries(gradients).map(([name, tensor]) => ({ name, tensor }));

const isPlain = (value: unknown): boolean =>
  typeof value !== "function" && !(Array.isArray(value) && value.some((one) => typeof one === "function"));

/** In place, variables must be where the engine is. */
function checkBackend(tf: TensorFlow, store: { memory: string }, name: string): void {
  if (store.memory === "in place" && tf.getBackend() !== name)
    throw rangeError(
      "optimizer",
      `the backend "${name}", for which it was made: make one after tf.setBackend`,
      tf.getBackend(),
    );
}

const tensorOf = (tf: TensorFlow, values: StateArray): TfTensor =>
  values instanceof Float32Array
    ? tf.tensor(values, [values.length], "float32")
    : tf.tensor(wordsOfDoubles(values), [2 * values.length], "int32");

const arrayOf = (dtype: string, values: ArrayLike<number>): StateArray =>
  dtype === "int32" ? doublesOf(values) : Float32Array.from(values);
