import { typeError } from "../../check.js";
import type { Ref, Update } from "../../engine/backend.js";
import type { EngineCore } from "../../engine/core.js";
import { type Shape, type Tensor, tensorOf } from "../../engine/tensor.js";
import { type Common, Hyperparameters } from "./hyperparameters.js";
import { opsOf } from "./ops.js";
import { ALL_SLOTS, FilledPass } from "./pass.js";
import type { Member, Rule, Scheduled, StepContext } from "./rule.js";
import { Slots } from "./slots.js";
import { type Span, spansOf } from "./spans.js";

/** Whether a step moves the parameter: it has a gradient and is not frozen. Others are passed over, as PyTorch passes over None. */
export const moves = (tensor: Tensor): boolean => tensor.requiresGrad && tensor.hasGradient;

/** One parameter group at work: its tensors, their state, and the kernel calls that a step makes over them. */
export class Group<H extends object, S extends object> {
  readonly params: readonly Tensor[];
  readonly hyper: Hyperparameters<H, S>;
  state: S;
  /** Steps that this group has taken: fewer than the optimizer where it was added later. */
  steps = 0;
  readonly #engine: EngineCore;
  readonly #rule: Rule<H, S>;
  readonly #updates = new Map<string, Update>();
  readonly #pass = new FilledPass();
  /**
   * What `prepare` is given, for `apply`, which V8 does not inline: were `prepare` inlined into a step, there would be no
   * room left for `pass.scalars` beside it, and every scalar would be boxed (112 bytes a step, measured on Node 20).
   */
  readonly #given: [H & Common, S, number, FilledPass];
  readonly #slots: Slots;
  /** What `run` hands to a kernel besides parameters and gradients: one list, filled anew. */
  readonly #operands: Ref[] = [];
  readonly #scratch = new Map<string, Tensor>();
  readonly context: StepContext<H, S>;
  #spans: Span[] = [];
  #members: Member[] = [];
  /** The change of hyperparameters that the slots were last made for. */
  #grownFor = -1;
  /** Parameters whose slots have not been through the rule's `start`. */
  #waiting: number[] = [];
  /** Parameters that `run` passes over whether they have a gradient or not: in a rule's `start` and `mode`. */
  #everyone: readonly number[] | undefined;

  constructor(engine: EngineCore, rule: Rule<H, S>, params: readonly Tensor[], given: Partial<Scheduled<H> & Common>) {
    this.#engine = engine;
    this.#rule = rule;
    this.params = params;
    this.#slots = new Slots(engine, params);
    this.hyper = new Hyperparameters(rule, given);
    this.state = rule.state?.(this.hyper.now) ?? ({} as S);
    this.#given = [this.hyper.now, this.state, 0, this.#pass];
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
   * Brings memory up to date: slots before the first step, spans when other parameters have a gradient or are frozen.
   * Throws for want of memory, with the group as it was.
   */
  prepare(): void {
    // Apart: a function with closures makes a context for them as it begins, 40 bytes a step.
    if (this.#grownFor !== this.hyper.changes || !this.#laidOut()) this.#layOut();
  }

  #layOut(): void {
    for (const kernel in this.#rule.kernels) this.#update(kernel); // threads take memory for the code
    this.grow();
    for (const p of this.params) {
      const scratch = moves(p) ? (this.#rule.scratch?.(this.hyper.now, p.shape) ?? {}) : {};
      for (const [name, shape] of Object.entries(scratch)) this.#scratchOf(name, shape);
    }
    this.#members = this.params.flatMap((p, i) => (moves(p) ? [{ p, g: p.gradient, slots: this.slots[i] }] : []));
    this.context.tensors = this.#members;
    this.#spans = spansOf(this.#engine, this.#members);
  }

  /** After another group has found no memory: frees slots that were made for a step which is not to be. */
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

  /** Makes the context ready for the next step; its gradScale is the caller's to set before. */
  begin(closure?: () => number): StepContext<H, S> {
    const { context } = this;
    context.t = ++this.steps;
    context.closure = closure;
    return context;
  }

  /** The step of a group by itself. Returns the loss when the rule evaluated the closure. */
  step(closure?: () => number): number | undefined {
    const rule = this.#rule;
    const context = this.begin(closure);
    if (rule.step) return rule.step(context);
    const pass = this.#pass;
    const given = this.#given;
    given[0] = this.hyper.now;
    given[1] = this.state;
    given[2] = context.t;
    rule.prepare!.apply(rule, given);
    pass.values[0] = context.gradScale;
    const update = this.#update(pass.kernel);
    const spans = this.#spans; // by index: see Optimizer.step
    for (let i = 0; i < spans.length; i++) {
      const { n, p, g, slots } = spans[i];
      update(n, p, g, slots, pass.slots, pass.values);
    }
    return undefined;
  }

  /** Sets the gradients to zero, those of frozen parameters too. */
  zeroGrad(): void {
    const { fill } = this.#engine.kernels;
    if (this.#members.length === this.params.length && this.#laidOut()) {
      for (let i = 0; i < this.#spans.length; i++) fill(this.#spans[i].n, this.#spans[i].g, 0);
      return;
    }
    for (const tensor of this.params) if (tensor.hasGradient) fill(tensor.place.length, tensor.gradient.ref, 0);
  }

  /** Moves all parameters, those without a gradient too, between the points of training and of evaluation. */
  mode(mode: "train" | "eval"): void {
    this.grow();
    this.start();
    const everyone = this.params.map((_, i) => i).filter((i) => this.#slots.has(i));
    this.#withEveryone(everyone, (context) => this.#rule.mode!(context, mode));
  }

  /**
   * Sets moving averages below 2^-100 to 0. After a thousand steps of zero gradients (a dead unit) they would be
   * subnormal, and the step 25 to 37 times slower. Not where eps is 0: there a ratio of two tiny averages still counts.
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

  /** Copies of the slots, empty before the first step. One that an option has asked for since the last step is zeros. */
  savedSlots(): Record<string, Float32Array>[] {
    return this.#slots.saved(this.params.map(({ shape }) => this.#rule.slots(this.hyper.now, shape)));
  }

  /** Makes the slots that saved ones will fill, under hyperparameters to come. Throws for want of memory, with the group as it was. */
  reserve(h: H, saved: Record<string, Float32Array>[]): void {
    this.#growFor(h, (i) => Object.keys(saved[i]).length > 0);
  }

  /** Overwrites the slots with saved ones, making them first where this group has not stepped yet; others start anew. */
  fillSlots(saved: Record<string, Float32Array>[]): void {
    this.grow((i) => Object.keys(saved[i]).length > 0);
    this.#slots.clear();
    this.#waiting = this.params.map((_, i) => i).filter((i) => this.#slots.has(i));
    this.start();
    saved.forEach((arrays, i) => {
      for (const [name, array] of Object.entries(arrays)) this.slots[i][name]?.copyFrom(array);
    });
  }

  /** Takes the place of the state's scalars. */
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

  /** Whether the spans are those of the parameters that a step would move now. */
  #laidOut(): boolean {
    let k = 0;
    for (let i = 0; i < this.params.length; i++) {
      const tensor = this.params[i];
      if (moves(tensor) && this.#members[k++]?.p !== tensor) return false;
    }
    return k === this.#members.length;
  }

  /** Makes the slots that the rule asks for and that are not there; a frozen parameter waits for its own, unless `also` wants them. */
  grow(also: (i: number) => boolean = () => false): void {
    this.#growFor(this.hyper.forSlots(), also);
    this.#grownFor = this.hyper.changes;
  }

  #growFor(h: H, also: (i: number) => boolean): void {
    const wanted = this.params.map(({ shape }) => this.#rule.slots(h, shape));
    this.#waiting.push(...this.#slots.grow(wanted, (i) => this.params[i].requiresGrad || also(i)));
    this.#members = []; // to be laid out anew
  }

  /** Runs a part of the rule that is for these parameters, whether they have a gradient or not. */
  #withEveryone(everyone: readonly number[], run: (context: StepContext<H, S>) => void): void {
    const { tensors } = this.context;
    // A gradient is made by looking at it, and a parameter without one must stay without.
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
      // In place of a gradient that is not there goes the parameter: neither `start` nor `mode` reads gradients.
      for (const i of this.#everyone) {
        const p = this.params[i];
        const g = p.hasGradient ? p.gradient.ref : p.ref;
        update(p.place.length, p.ref, g, this.#listed(this.slots[i], extra), ALL_SLOTS, values);
      }
    } else for (const { n, p, g, slots } of this.#spans) update(n, p, g, slots, ALL_SLOTS, values);
  }

  /** Slots, then further tensors, as a kernel takes them; good until the next call. */
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
      update = this.#engine.implementation.update(kernel, twin, this.#rule.codes);
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
