import { typeError } from "../../check.js";
import type { Ref, Update } from "../../engine/backend.js";
import type { EngineCore } from "../../engine/core.js";
import { type Shape, type Tensor, tensorOf } from "../../engine/tensor.js";
import { moves } from "../gradients/params.js";
import { type Common, Hyperparameters } from "./hyperparameters.js";
import { opsOf } from "./ops.js";
import { ALL_SLOTS, FilledPass } from "./pass.js";
import type { Member, Rule, Scheduled, StepContext } from "./rule.js";
import { Slots } from "./slots.js";
import { type Span, spansOf } from "./spans.js";

/**
 * One parameter group at work: its tensors, their state, and the kernel calls of a step. What runs at every step loops by
 * index (the reason is in RuleOptimizer.step).
 */
export class Group<H extends object, S extends object> {
  readonly params: readonly Tensor[];
  readonly hyper: Hyperparameters<H, S>;
  state: S;
  /** Steps that this group has taken: fewer than the optimizer if it was added later. */
  steps = 0;
  readonly #engine: EngineCore;
  readonly #rule: Rule<H, S>;
  readonly #updates = new Map<string, Update>();
  readonly #pass: FilledPass<H, S>;
  readonly #slots: Slots;
  /** The operands of a kernel in `run` besides parameters and gradients: one list, refilled at every call. */
  readonly #operands: Ref[] = [];
  readonly #scratch = new Map<string, Tensor>();
  readonly context: StepContext<H, S>;
  #spans: Span[] = [];
  #members: Member[] = [];
  /** The value of `hyper.changes` for which the slots were last made. */
  #grownFor = -1;
  /** Parameters whose slots are still to be filled by the rule's `start`. */
  #waiting: number[] = [];
  /** During a rule's `start` and `mode`: the parameters that `run` updates, with a gradient or without. */
  #everyone: readonly number[] | undefined;

  constructor(engine: EngineCore, rule: Rule<H, S>, params: readonly Tensor[], given: Partial<Scheduled<H> & Common>) {
    this.#engine = engine;
    this.#rule = rule;
    this.params = params;
    this.#slots = new Slots(engine, params);
    this.hyper = new Hyperparameters(rule, given);
    this.state = rule.state?.(this.hyper.now) ?? ({} as S);
    this.#pass = new FilledPass(this.hyper.now, this.state);
    this.context = {
      ops: opsOf(engine),
      tensors: this.#members,
      hyper: this.hyper.now,
      state: this.state,
      t: 0,
      gradScale: 1,
      scratch: (name, shape) => this.#scratchOf(name, shape),
      run: (kernel, scalars, member, extra) => this.#run(kernel, scalars, member, extra),
    };
  }

  /** Slots of each parameter; empty until the first step, and for a parameter that has been frozen since. */
  get slots(): readonly Record<string, Tensor>[] {
    return this.#slots.records;
  }

  /**
   * Brings memory up to date: slots before the first step, spans when other parameters than before have a gradient or are
   * frozen. Throws if there is no memory, and leaves the group as it was.
   */
  prepare(): void {
    // A separate function: one with closures allocates a context for them when it begins, 40 bytes a step.
    if (this.#grownFor !== this.hyper.changes || !this.#laidOut()) this.#layOut();
  }

  #layOut(): void {
    for (const kernel in this.#rule.kernels) this.#update(kernel); // threads allocate memory for the code
    this.grow();
    for (const p of this.params) {
      const scratch = moves(p) ? (this.#rule.scratch?.(this.hyper.now, p.shape) ?? {}) : {};
      for (const [name, shape] of Object.entries(scratch)) this.#scratchOf(name, shape);
    }
    this.#members = this.params.flatMap((p, i) => (moves(p) ? [{ p, g: p.gradient, slots: this.slots[i] }] : []));
    this.context.tensors = this.#members;
    this.#spans = spansOf(this.#engine, this.#members);
  }

  /** Called if another group finds no memory: frees the slots that were made for the step that is not taken. */
  giveBack(): void {
    const { length } = this.#waiting;
    if (length > 0 && length === this.params.filter((_, i) => this.#slots.has(i)).length) this.dispose();
  }

  /** Fills the slots that do not start at zero, once. */
  start(): void {
    if (this.#waiting.length === 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    if (this.#rule.start) this.#withEveryone(waiting, (context) => this.#rule.start!(context));
  }

  /** Prepares the context for the next step. The caller sets its gradScale before. */
  begin(closure?: () => number): StepContext<H, S> {
    const { context } = this;
    context.t = ++this.steps;
    context.closure = closure;
    return context;
  }

  /** The step of this group alone. Returns the loss if the rule evaluated the closure. */
  step(closure?: () => number): number | undefined {
    const rule = this.#rule;
    const context = this.begin(closure);
    if (rule.step) return rule.step(context);
    const pass = this.#pass;
    pass.fill(rule, this.hyper.now, this.state, context.t, context.gradScale);
    const update = this.#update(pass.kernel);
    const spans = this.#spans;
    for (let i = 0; i < spans.length; i++) {
      const { n, p, g, slots } = spans[i];
      update(n, p, g, slots, pass.slots, pass.values);
    }
    return undefined;
  }

  /** Sets all gradients to zero, those of frozen parameters too. */
  zeroGrad(): void {
    const { fill } = this.#engine.kernels;
    if (this.#members.length === this.params.length && this.#laidOut()) {
      for (let i = 0; i < this.#spans.length; i++) fill(this.#spans[i].n, this.#spans[i].g, 0);
      return;
    }
    for (const tensor of this.params) if (tensor.hasGradient) fill(tensor.place.length, tensor.gradient.ref, 0);
  }

  /** Moves all parameters, also those without a gradient, between the points of training and evaluation. */
  mode(mode: "train" | "eval"): void {
    this.grow();
    this.start();
    const everyone = this.params.map((_, i) => i).filter((i) => this.#slots.has(i));
    this.#withEveryone(everyone, (context) => this.#rule.mode!(context, mode));
  }

  /**
   * Sets moving averages below 2^-100 to 0. After a thousand steps of zero gradients (a dead unit) they would be subnormal,
   * and a step 25 to 37 times slower. Does nothing if eps is 0, as then the ratio of two tiny averages still matters.
   */
  flush(): void {
    const averages = this.#rule.averages?.(this.hyper.now) ?? [];
    if (averages.length === 0 || (this.hyper.now as { eps?: number }).eps === 0) return;
    const { flush } = this.#engine.kernels;
    for (let i = 0; i < this.#members.length; i++) {
      const { slots } = this.#members[i];
      for (let j = 0; j < averages.length; j++) {
        const slot = slots[averages[j]];
        if (slot) flush(slot.place.length, slot.ref);
      }
    }
  }

  /** Copies of the slots; empty before the first step. A slot that an option has added since the last step is zeros. */
  savedSlots(): Record<string, Float32Array>[] {
    return this.#slots.saved(this.params.map(({ shape }) => this.#rule.slots(this.hyper.now, shape)));
  }

  /** Allocates the slots for saved ones under the hyperparameters that come with them. Throws if there is no memory, and leaves the group as it was. */
  reserve(h: H, saved: Record<string, Float32Array>[]): void {
    this.#growFor(h, (i) => Object.keys(saved[i]).length > 0);
  }

  /** Overwrites the slots with saved ones, allocating them if this group has not stepped yet. Slots that were not saved are reset. */
  fillSlots(saved: Record<string, Float32Array>[]): void {
    this.grow((i) => Object.keys(saved[i]).length > 0);
    this.#slots.clear();
    this.#waiting = this.params.map((_, i) => i).filter((i) => this.#slots.has(i));
    this.start();
    saved.forEach((arrays, i) => {
      for (const [name, array] of Object.entries(arrays)) {
        if (Object.hasOwn(this.slots[i], name)) this.slots[i][name].copyFrom(array);
      }
    });
  }

  /** Replaces the scalars of the state. */
  restore(state: S, steps: number): void {
    this.steps = steps;
    this.state = state;
    this.context.state = state;
  }

  dispose(): void {
    this.#slots.dispose();
    for (const tensor of this.#scratch.values()) tensor.dispose();
    this.#scratch.clear();
    this.#spans = [];
    this.#members = [];
    this.#grownFor = -1;
    this.#waiting = [];
  }

  /** Whether the spans still fit the parameters that a step would move. */
  #laidOut(): boolean {
    let k = 0;
    for (let i = 0; i < this.params.length; i++) {
      const tensor = this.params[i];
      if (moves(tensor) && this.#members[k++]?.p !== tensor) return false;
    }
    return k === this.#members.length;
  }

  /** Allocates the slots that the rule wants and that are missing. A frozen parameter gets its own later, unless `also` is true for it. */
  grow(also: (i: number) => boolean = () => false): void {
    this.#growFor(this.hyper.forSlots(), also);
    this.#grownFor = this.hyper.changes;
  }

  #growFor(h: H, also: (i: number) => boolean): void {
    const wanted = this.params.map(({ shape }) => this.#rule.slots(h, shape));
    const grown = this.#slots.grow(wanted, (i) => this.params[i].requiresGrad || also(i));
    for (const slot of grown) this.#waiting.push(slot);
    this.#members = []; // so that the next step lays them out
  }

  /** Runs a part of the rule on these parameters, whether they have a gradient or not. */
  #withEveryone(everyone: readonly number[], run: (context: StepContext<H, S>) => void): void {
    const { tensors } = this.context;
    // Reading a gradient allocates it, and a parameter without one must stay without: hence a getter.
    this.context.tensors = everyone.map((i) => {
      const p = this.params[i];
      return {
        p,
        get g() {
          return p.gradient;
        },
        slots: this.slots[i],
      };
    });
    this.#everyone = everyone;
    try {
      run(this.context);
    } finally {
      this.#everyone = undefined;
      this.context.tensors = tensors;
    }
  }

  #run(kernel: string, scalars: readonly number[], member?: Member, extra: readonly Tensor[] = NONE): void {
    const update = this.#update(kernel);
    const { values } = this.#pass;
    values[0] = this.context.gradScale;
    values.set(scalars, 1);
    if (member) {
      update(member.p.place.length, member.p.ref, member.g.ref, this.#listed(member.slots, extra), ALL_SLOTS, values);
    } else if (this.#everyone) {
      // The parameter stands in for a missing gradient: neither `start` nor `mode` reads gradients.
      for (const i of this.#everyone) {
        const p = this.params[i];
        const g = p.hasGradient ? p.gradient.ref : p.ref;
        update(p.place.length, p.ref, g, this.#listed(this.slots[i], extra), ALL_SLOTS, values);
      }
    } else for (const { n, p, g, slots } of this.#spans) update(n, p, g, slots, ALL_SLOTS, values);
  }

  /** Slots, then further tensors, in the form that a kernel takes; valid until the next call. */
  #listed(slots: Record<string, Tensor>, extra: readonly Tensor[]): Ref[] {
    const list = this.#operands;
    list.length = 0;
    for (const name in slots) list.push(slots[name].ref);
    for (const tensor of extra) list.push(tensor.ref);
    return list;
  }

  #update(kernel: string): Update {
    let update = this.#updates.get(kernel);
    if (update === undefined) {
      const twin = this.#rule.kernels[kernel];
      if (!twin) throw typeError("kernel", `one of ${Object.keys(this.#rule.kernels).join(", ")}`, kernel);
      update = this.#engine.implementation.update(kernel, twin, this.#rule.binaries);
      this.#updates.set(kernel, update);
    }
    return update;
  }

  #scratchOf(name: string, shape: Shape): Tensor {
    const key = `${name} [${shape}]`;
    let tensor = this.#scratch.get(key);
    if (tensor === undefined) {
      tensor = tensorOf(this.#engine, shape);
      this.#scratch.set(key, tensor);
    }
    return tensor;
  }
}

const NONE: readonly Tensor[] = [];
