import { checkBoolean, checkKeys, checkNumber, checkPositive, rangeError, typeError } from "../check.js";
import type { Engine } from "../engine/engine.js";
import { Tensor } from "../engine/tensor.js";
import { clipFactor, squares } from "./clip.js";
import { Group } from "./group.js";
import type { Common } from "./hyper.js";
import type { Rule, Scheduled } from "./rule.js";
import { checkedState, type StateDict, stateOf } from "./state.js";

/** Parameters with hyperparameters of their own; what is not given is taken from the optimizer's. */
export type ParamGroup<H> = { params: readonly Tensor[] } & Partial<Scheduled<H> & Common>;

/** A group of a working optimizer. Reading a hyperparameter gives its present value; writing takes a number or a schedule. */
export type LiveGroup<H> = H & Common & { readonly params: readonly Tensor[] };

/** What one step may do besides stepping. */
export interface StepOptions {
  /** Multiplies every gradient (loss scaling, averaging over micro-batches). Default 1. */
  gradScale?: number;
  /** Scales the gradients of all groups together so that their norm is at most this. */
  clipNorm?: number;
  /** Set the gradients to zero after the step. Default false. */
  zeroGrad?: boolean;
}

const NONE: StepOptions = Object.freeze({});
const STEP_OPTIONS = ["gradScale", "clipNorm", "zeroGrad"];

/** Steps between two sweeps of the state for numbers about to become subnormal. */
const FLUSH_EVERY = 64;

/** An optimizer: one rule over one or more groups of parameters. Made by the factories: `adamw(params, hyper)`. */
export class Optimizer<H extends object = object, S extends object = object> {
  readonly rule: Rule<H, S>;
  readonly #engine: Engine;
  readonly #defaults: Partial<Scheduled<H> & Common>;
  readonly #groups: Group<H, S>[] = [];
  readonly #live: LiveGroup<H>[] = [];
  #attached: Tensor[] = [];
  #stepCount = 0;
  #mode: "train" | "eval" = "train";
  #disposed = false;

  /** @internal */
  constructor(
    rule: Rule<H, S>,
    params: readonly Tensor[] | readonly ParamGroup<H>[],
    hyper: Partial<Scheduled<H> & Common>,
  ) {
    this.rule = rule;
    if (!Array.isArray(params)) throw typeError("params", "an array of tensors or of groups", params);
    if (params.length === 0) throw rangeError("params", "at least one tensor", params);
    if (typeof hyper !== "object" || hyper === null) throw typeError("hyper", "an object of hyperparameters", hyper);
    const groups = (params as unknown[]).every((item) => item instanceof Tensor)
      ? [{ params: params as readonly Tensor[] } as ParamGroup<H>]
      : (params as readonly ParamGroup<H>[]);
    this.#defaults = { ...hyper };
    const [head] = groups as readonly unknown[];
    const own = (head as ParamGroup<H> | null)?.params;
    if (head instanceof Tensor) throw typeError("params", "tensors, or groups { params: [tensors] }, not both", params);
    if (!Array.isArray(own)) throw typeError("params[0]", "a tensor, or a group { params: [tensors] }", head);
    if (own.length === 0) throw rangeError("groups[0].params", "at least one tensor", own);
    const [first] = own as readonly unknown[];
    if (!(first instanceof Tensor)) throw typeError("groups[0].params[0]", "a tensor", first);
    this.#engine = first.engine;
    for (const group of groups) this.addParamGroup(group);
  }

  /** The groups, live: `opt.groups[0].lr = 1e-4` takes effect at the next step. A bad value throws and changes nothing. */
  get groups(): readonly LiveGroup<H>[] {
    return this.#live;
  }

  /** Steps taken. */
  get stepCount(): number {
    return this.#stepCount;
  }

  /** Adds parameters, with hyperparameters of their own where given. */
  addParamGroup(group: ParamGroup<H>): void {
    this.#alive();
    const name = `groups[${this.#groups.length}]`;
    if (typeof group !== "object" || group === null) throw typeError(name, "an object { params: [tensors] }", group);
    const { params, ...own } = group;
    if (!Array.isArray(params)) throw typeError(`${name}.params`, "an array of tensors", params);
    if (params.length === 0) throw rangeError(`${name}.params`, "at least one tensor", params);
    const seen = new Set(this.#groups.flatMap((other) => other.params));
    params.forEach((tensor, i) => {
      if (!(tensor instanceof Tensor)) throw typeError(`${name}.params[${i}]`, "a tensor", tensor);
      tensor.alive(`${name}.params[${i}]`);
      if (tensor.engine !== this.#engine) {
        throw new TypeError(
          `${name}.params[${i}]: expected a tensor of the same engine as the others, got another engine's`,
        );
      }
      if (seen.has(tensor))
        throw new RangeError(`${name}.params[${i}]: expected each tensor once, got one for the second time`);
      seen.add(tensor);
    });
    const set = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
    const given = { ...this.#defaults, ...set } as Partial<Scheduled<H> & Common>;
    const made = new Group(this.#engine, this.rule, [...params], given);
    this.#groups.push(made);
    this.#live.push(this.#liveGroup(made));
    this.#attached = this.#groups.flatMap((other) => other.params.filter((tensor) => tensor.attached));
  }

  /**
   * Takes one step with the gradients as they stand.
   *
   * @param closure evaluates the loss and its gradients first: it sets the gradients to zero, runs forward and
   *   backward, and returns the loss
   * @returns the loss that the closure returned
   * @throws RangeError when a schedule gives a value that the rule refuses: nothing has changed then
   */
  step(closure?: () => number, o?: StepOptions): number | undefined {
    // No callbacks and no objects along this path: a step leaves next to nothing for the garbage collector. Nor for-of,
    // whose iterators V8 makes where the loop calls something: 40 bytes a turn, 1,100 a step (measured, Node 20).
    const groups = this.#groups;
    const { gradScale = 1, clipNorm, zeroGrad = false } = this.#checkStep(closure, o);
    const t = this.#stepCount + 1;
    // All that can be refused is refused before anything changes.
    const ahead = this.#ahead(t - 1);
    const inRule = this.rule.closure === "required";
    let loss = inRule ? undefined : closure?.();
    // A rule that calls the closure itself finds no gradients before it has.
    if (inRule) for (const group of this.#groups) for (const tensor of group.params) void tensor.grad;
    for (let i = 0; i < groups.length; i++) groups[i]!.prepare();
    if (ahead) for (let i = 0; i < ahead.length; i++) Object.assign(groups[i]!.hyper.now, ahead[i]);
    this.#pull();
    for (let i = 0; i < groups.length; i++) groups[i]!.start();
    let scale = gradScale;
    if (clipNorm !== undefined) scale *= clipFactor(this.#norm() * Math.abs(gradScale), clipNorm);
    const within = inRule ? this.#around(closure!) : undefined;
    if (this.rule.stepAll) {
      try {
        const own = this.rule.stepAll(this.#groups.map((group) => group.begin(signed(group, scale), within)));
        if (inRule) loss = own;
      } catch (error) {
        // The closure's own. What the rule has put back is to be seen in the caller's arrays too.
        for (const group of this.#groups) group.steps--;
        this.#push();
        throw error;
      }
    } else {
      for (let i = 0; i < groups.length; i++) {
        const group = groups[i]!;
        const own = group.step(signed(group, scale), within);
        if (inRule) loss = own;
      }
    }
    this.#push();
    this.#stepCount = t;
    if (t % FLUSH_EVERY === 0) for (let i = 0; i < groups.length; i++) groups[i]!.flush();
    if (zeroGrad) this.zeroGrad();
    return loss;
  }

  /** Sets every gradient to zero. */
  zeroGrad(): void {
    this.#alive();
    const attached = this.#attached;
    for (let i = 0; i < attached.length; i++) if (attached[i]!.hasGradient) attached[i]!.grad.fill(0);
    for (let i = 0; i < this.#groups.length; i++) this.#groups[i]!.zeroGrad();
  }

  /** The state of a parameter by name (`expAvg`, …), as live tensors; empty before the first step. */
  state(tensor: Tensor): Record<string, Tensor> {
    this.#alive();
    for (const group of this.#groups) {
      const i = group.params.indexOf(tensor);
      if (i >= 0) return { ...group.slots[i] };
    }
    throw new RangeError("tensor: expected a parameter of this optimizer, got another tensor");
  }

  /** Moves the parameters to where gradients are taken. For most rules that is where they always are. */
  train(): void {
    this.#switch("train");
  }

  /** Moves the parameters to where the model is to be evaluated (Schedule-Free, averages). A step then throws until `train()`. */
  eval(): void {
    this.#switch("eval");
  }

  /** All that a later run needs to go on with the same bits: plain data, without functions. */
  stateDict(): StateDict {
    this.#alive();
    return stateOf(this.rule.name, this.#stepCount, this.#mode, this.#groups);
  }

  /**
   * Takes back what {@link stateDict} gave. Hyperparameters on a schedule stay on it.
   * @throws RangeError or TypeError for the state of another optimizer or of other shapes; nothing has changed then
   */
  loadStateDict(saved: StateDict): void {
    this.#alive();
    const load = checkedState(saved, this.rule, this.#groups);
    load();
    this.#stepCount = saved.stepCount;
    this.#mode = saved.mode;
  }

  /** Frees the state. The parameters are not the optimizer's, and stay. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const group of this.#groups) group.dispose();
  }
  [Symbol.dispose](): void {
    this.dispose();
  }

  #alive(): void {
    if (this.#disposed)
      throw new TypeError(`${this.rule.name}: expected a live optimizer, got one that has been disposed`);
    this.#engine.alive();
  }

  #checkStep(closure: unknown, o: StepOptions = NONE): StepOptions {
    this.#alive();
    if (closure !== undefined && typeof closure !== "function")
      throw typeError("closure", "a function that returns the loss", closure);
    if (this.rule.closure === "required" && closure === undefined) {
      throw typeError("closure", `a function that returns the loss, which ${this.rule.name} needs`, closure);
    }
    if (typeof o !== "object" || o === null) throw typeError("options", "an object of options", o);
    for (const key in o) if (!STEP_OPTIONS.includes(key)) checkKeys("step", o, STEP_OPTIONS);
    if (o.gradScale !== undefined) checkNumber("gradScale", o.gradScale, "a finite number", () => true);
    if (o.clipNorm !== undefined) checkPositive("clipNorm", o.clipNorm);
    if (o.clipNorm !== undefined && this.rule.closure === "required") {
      throw rangeError("clipNorm", `none with ${this.rule.name}, which takes gradients at several points`, o.clipNorm);
    }
    if (o.zeroGrad !== undefined) checkBoolean("zeroGrad", o.zeroGrad);
    if (this.#mode === "eval" && this.rule.mode)
      throw new Error(`${this.rule.name}: expected train() before step(), the parameters are at the point of eval()`);
    for (let i = 0; i < this.#groups.length; i++) {
      const { params } = this.#groups[i]!;
      for (let j = 0; j < params.length; j++) if (params[j]!.disposed) params[j]!.alive("params");
    }
    return o;
  }

  #pull(): void {
    for (let i = 0; i < this.#attached.length; i++) {
      const tensor = this.#attached[i]!;
      if (tensor.hasGradient) tensor.pull();
      // Without a gradient it takes no step, but a rule's `start` and `mode` look at every parameter.
      else if (this.#engine.backend === "wasm") this.#engine.memory.floats(tensor.ref, tensor.size).set(tensor.data);
    }
  }
  #push(): void {
    for (let i = 0; i < this.#attached.length; i++) this.#attached[i]!.push();
  }

  /** The closure for a rule that calls it itself: attached arrays are in step with the engine's memory on both sides of it. */
  #around(closure: () => number): () => number {
    return () => {
      this.#push();
      const loss = closure();
      this.#pull();
      return loss;
    };
  }

  #norm(): number {
    let total = 0;
    for (let i = 0; i < this.#groups.length; i++) {
      const { members } = this.#groups[i]!;
      for (let j = 0; j < members.length; j++) total += squares(members[j]!.g);
    }
    return Math.sqrt(total);
  }

  /** The hyperparameters of a step that are on schedules, by group; undefined when none is. */
  #ahead(step: number): (Partial<H> | null)[] | undefined {
    for (let i = 0; i < this.#groups.length; i++) {
      if (this.#groups[i]!.hyper.scheduled) return this.#groups.map(({ hyper }) => hyper.ahead(step));
    }
    return undefined;
  }

  #switch(mode: "train" | "eval"): void {
    this.#alive();
    if (mode === this.#mode) return;
    if (this.rule.mode && this.#stepCount > 0) {
      this.#pull();
      for (const group of this.#groups) group.mode(mode);
      this.#push();
    }
    this.#mode = mode;
  }

  #liveGroup(group: Group<H, S>): LiveGroup<H> {
    const live = { params: Object.freeze(group.params) };
    for (const key of group.hyper.keys) {
      Object.defineProperty(live, key, {
        enumerable: true,
        get: () => group.hyper.now[key as keyof H],
        set: (value: unknown) => {
          if (value === undefined) throw typeError(key, "a value or a schedule", value);
          group.hyper.set({ [key]: value } as Partial<Scheduled<H> & Common>, this.#stepCount);
        },
      });
    }
    return Object.freeze(live) as LiveGroup<H>;
  }
}

/** Ascending is stepping against the sign of the gradient. */
const signed = (group: { hyper: { now: Common } }, scale: number): number =>
  group.hyper.now.maximize ? -scale : scale;

/** What `thalweg` exports for every optimizer: a function that makes one, with its rule. */
export interface OptimizerFactory<H extends object, S extends object> {
  (params: readonly Tensor[] | readonly ParamGroup<H>[], hyper?: Partial<Scheduled<H> & Common>): Optimizer<H, S>;
  readonly rule: Rule<H, S>;
}

/** The factory of a rule. */
export function optimizer<H extends object, S extends object>(rule: Rule<H, S>): OptimizerFactory<H, S> {
  return Object.assign(
    (params: readonly Tensor[] | readonly ParamGroup<H>[], hyper: Partial<Scheduled<H> & Common> = {}) =>
      new Optimizer(rule, params, hyper),
    { rule },
  );
}
