import { typeError } from "../../check.js";
import type { Ref, Update } from "../../engine/backend.js";
import type { EngineCore } from "../../engine/core.js";
import type { Tensor } from "../../engine/tensor.js";
import { moves } from "../gradients/params.js";
import { areMoving, type Cohort, cohortsOf } from "./cohorts.js";
import { type Common, Hyperparameters } from "./hyperparameters.js";
import { opsOf } from "./ops.js";
import { ALL_SLOTS, FilledPass } from "./pass.js";
import type { Member, Operands, Rule, Scheduled, StepContext } from "./rule.js";
import { Scratch } from "./scratch.js";
import { type SavedSlots, Slots, type Wanted } from "./slots.js";
import type { Span } from "./spans.js";

/**
 * One parameter group at work: its tensors, their state, and the kernel calls of a step. What runs at every step loops by
 * index (the reason is in RuleOptimizer.step).
 */
export class Group<H extends object, S extends object> {
  readonly params: readonly Tensor[];
  readonly hyper: Hyperparameters<H, S>;
  /** The scalars of each parameter: one object for all that have taken the same steps. */
  states: S[];
  /** Steps that this group has taken: fewer than the optimizer if it was added later. */
  steps = 0;
  readonly #engine: EngineCore;
  readonly #rule: Rule<H, S>;
  readonly #updates = new Map<string, Update>();
  readonly #pass = new FilledPass<H, S>();
  readonly #slots: Slots;
  /** The operands of a kernel in `run` besides parameters and gradients: one list, refilled at every call. */
  readonly #operands: Ref[] = [];
  readonly #scratch: Scratch;
  readonly context: StepContext<H, S>;
  /** The parameters that move: all, and those with the same scalars. */
  #members: Member[] = [];
  #cohorts: Cohort<S>[] = [];
  /** The kernel calls of `run` over a whole cohort. */
  #spans: readonly Span[] = [];
  /** The changes of hyperparameters and of addresses up to the last layout; -1: the next step has to lay out. */
  #laidOutFor = -1;
  /** Parameters whose slots are still to be filled by the rule's `start`. */
  #waiting: number[] = [];

  constructor(engine: EngineCore, rule: Rule<H, S>, params: readonly Tensor[], given: Partial<Scheduled<H> & Common>) {
    this.#engine = engine;
    this.#rule = rule;
    this.params = params;
    this.#slots = new Slots(engine, params);
    this.#scratch = new Scratch(engine);
    this.hyper = new Hyperparameters(rule, given);
    const state = rule.state?.(this.hyper.now) ?? ({} as S);
    this.states = params.map(() => state);
    this.context = {
      engine,
      ops: opsOf(engine),
      tensors: this.#members,
      hyper: this.hyper.now,
      state,
      t: 0,
      gradScale: 1,
      scratch: (name, shape) => this.#scratch.floats(name, shape),
      scratchDoubles: (name, shape) => this.#scratch.doubles(name, shape),
      run: (kernel, scalars, member, extra) => this.#run(kernel, scalars, member, extra),
    };
  }

  /** Slots of each parameter; empty until the first step, and for a parameter that has been frozen since. */
  get slots(): readonly Record<string, Tensor>[] {
    return this.#slots.records;
  }
  get doubles() {
    return this.#slots.doubles.records;
  }

  /** Bytes of the slots, with padding. */
  get slotBytes(): number {
    return this.#slots.bytes;
  }

  /**
   * Brings memory up to date: slots before the first step, spans when other parameters than before have a gradient or are
   * frozen. Throws if there is no memory, and leaves the group as it was.
   */
  prepare(): void {
    // A separate function: one with closures allocates a context for them when it begins, 40 bytes a step.
    const changes = this.hyper.changes + this.#engine.relocations;
    if (this.#laidOutFor !== changes || !areMoving(this.#members, this.params)) this.#layOut();
  }

  #layOut(): void {
    for (const kernel in this.#rule.kernels) this.#update(kernel); // threads allocate memory for the code
    this.grow();
    const all = this.params.map((p, i) => (moves(p) ? this.#member(i, p.gradient) : undefined));
    const members = all.filter((member) => member !== undefined);
    for (const { p } of members) this.#scratch.reserve(this.#rule, this.hyper.now, p.shape);
    this.#members = members;
    this.#cohorts = cohortsOf(this.#engine, this.#rule, this.states, all);
    if (this.#cohorts[0]) this.#work(this.#cohorts[0]);
    this.#laidOutFor = this.hyper.changes + this.#engine.relocations;
  }

  /** Makes `context` and `run` work on one cohort. */
  #work({ state, members, spans }: Cohort<S>): void {
    this.context.state = state;
    this.context.tensors = members;
    this.#spans = spans;
  }

  /** Called if another group finds no memory: frees the slots that were made for the step that is not taken. */
  giveBack(): void {
    const { length } = this.#waiting;
    if (length > 0 && length === this.#given().length) this.dispose();
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
    const cohorts = this.#cohorts;
    const pass = this.#pass;
    let loss: number | undefined;
    for (let k = 0; k < cohorts.length; k++) {
      this.#work(cohorts[k]);
      if (rule.step) {
        loss = rule.step(context);
        continue;
      }
      pass.fill(rule, context);
      const update = this.#update(pass.kernel);
      const spans = this.#spans;
      for (let i = 0; i < spans.length; i++) {
        const { n, p, g, slots } = spans[i];
        update(n, p, g, slots, pass.slots, pass.values);
      }
    }
    return loss;
  }

  /** Sets all gradients to zero, those of frozen parameters too. */
  zeroGrad(): void {
    const { fill } = this.#engine.kernels;
    if (this.#cohorts[0]?.members.length === this.params.length && areMoving(this.#members, this.params)) {
      for (let i = 0; i < this.#spans.length; i++) fill(this.#spans[i].n, this.#spans[i].g, 0);
      return;
    }
    for (const tensor of this.params) if (tensor.hasGradient) fill(tensor.place.length, tensor.gradient.ref, 0);
  }

  /** Moves all parameters, also those without a gradient, between the points of training and evaluation. */
  mode(mode: "train" | "eval"): void {
    this.grow();
    this.start();
    this.#withEveryone(this.#given(), (context) => this.#rule.mode!(context, mode));
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

  /** Copies of the slots; empty where no step has found its memory. One that an option has added since then is zeros. */
  savedSlots(): SavedSlots[] {
    const saved = this.#slots.saved(this.#wanted(this.hyper.now));
    for (const i of this.#waiting) saved[i] = {};
    return saved;
  }

  /** Overwrites the slots with saved ones, once {@link grow} has made room. A parameter without any starts when it steps. */
  fillSlots(saved: SavedSlots[]): void {
    this.#slots.clear();
    this.#waiting = this.#given();
    this.start();
    saved.forEach((arrays, i) => void this.#slots.fill(i, arrays));
    this.#waiting = this.#given().filter((i) => Object.keys(saved[i]).length === 0);
  }

  /** Replaces the scalars of each parameter. */
  restore(states: S[], steps: number): void {
    this.steps = steps;
    this.states = states;
    this.#laidOutFor = -1;
  }

  dispose(): void {
    this.#slots.dispose();
    this.#scratch.dispose();
    this.#members = [];
    this.#laidOutFor = -1;
    this.#waiting = [];
  }

  /** The parameters that have slots. */
  #given(): number[] {
    return this.params.map((_, i) => i).filter((i) => this.#slots.has(i));
  }

  /**
   * Allocates the slots that the rule wants under these hyperparameters and that are missing. A frozen parameter, or with
   * `saved` slots one without them, gets its own later. Throws if there is no memory, and leaves the group as it was.
   */
  grow(h: H = this.hyper.forSlots(), saved?: readonly SavedSlots[]): void {
    const wanted = this.#wanted(h);
    const takes = (i: number) => (saved ? Object.keys(saved[i]).length > 0 : this.params[i].requiresGrad);
    for (const i of this.#slots.grow(wanted, takes)) this.#waiting.push(i);
    this.#laidOutFor = -1;
  }

  #wanted(h: H): Wanted[] {
    const rule = this.#rule;
    return this.params.map(({ shape }) => ({ floats: rule.slots(h, shape), doubles: rule.doubles?.(h, shape) ?? {} }));
  }

  #member(i: number, g: Tensor): Member {
    return { p: this.params[i], g, slots: this.slots[i], doubles: this.doubles[i] };
  }

  /** Runs a part of the rule on these parameters, whether they have a gradient or not. */
  #withEveryone(everyone: readonly number[], run: (context: StepContext<H, S>) => void): void {
    const { state, tensors } = this.context;
    const before = { state, members: tensors, spans: this.#spans };
    // Reading a gradient allocates it, and a parameter without one must stay without: hence a getter, and the parameter
    // stands in for a missing gradient of a kernel. Neither `start` nor `mode` reads gradients.
    const members = everyone.map((i) => {
      const p = this.params[i];
      return {
        ...this.#member(i, p),
        get g() {
          return p.gradient;
        },
      };
    });
    const spans = members.map(({ p, slots }) => ({
      n: p.place.length,
      p: p.ref,
      g: (p.hasGradient ? p.gradient : p).ref,
      slots: Object.values(slots).map(({ ref }) => ref),
    }));
    this.#work({ state, members, spans });
    try {
      run(this.context);
    } finally {
      this.#work(before);
    }
  }

  #run(kernel: string, scalars: readonly number[], member?: Operands, extra?: readonly Tensor[]): void {
    const update = this.#update(kernel);
    const { values } = this.#pass;
    values[0] = this.context.gradScale;
    values.set(scalars, 1);
    if (member) {
      const { p, g, slots } = member;
      const operands = this.#operands;
      operands.length = 0;
      for (const name in slots) operands.push(slots[name].ref);
      if (extra) for (const { ref } of extra) operands.push(ref);
      update(p.place.length, p.ref, g.ref, operands, ALL_SLOTS, values);
    } else for (const { n, p, g, slots } of this.#spans) update(n, p, g, slots, ALL_SLOTS, values);
  }

  #update(kernel: string): Update {
    let update = this.#updates.get(kernel);
    if (update === undefined) {
      const twin = this.#rule.kernels[kernel];
      if (!twin) throw typeError("kernel", "a kernel of the rule", kernel);
      update = this.#engine.implementation.update(kernel, twin, this.#rule.binaries);
      this.#updates.set(kernel, update);
    }
    return update;
  }
}
