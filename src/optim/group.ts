import { typeError } from "../check.js";
import type { Block, Engine } from "../engine/engine.js";
import { padded, type Ref, type Update } from "../engine/kernel.js";
import { type Shape, Tensor } from "../engine/tensor.js";
import { type Common, Hyperparameters } from "./hyper.js";
import { opsOf } from "./ops.js";
import { ALL_SLOTS, FilledPass } from "./pass.js";
import type { Member, Rule, Scheduled, StepContext } from "./rule.js";

/** Neighbours in memory: parameters, gradients and slots that one kernel call passes over. */
interface Span {
  n: number;
  p: Ref;
  g: Ref;
  slots: Ref[];
}

/** One parameter group at work: its tensors, their state, and the kernel calls that a step makes over them. */
export class Group<H extends object, S extends object> {
  readonly params: readonly Tensor[];
  readonly hyper: Hyperparameters<H, S>;
  /** Slots of each parameter; empty until the first step. */
  slots: Record<string, Tensor>[] = [];
  state: S;
  /** Steps that this group has taken: fewer than the optimizer where it was added later. */
  steps = 0;
  readonly #engine: Engine;
  readonly #rule: Rule<H, S>;
  readonly #updates = new Map<string, Update>();
  readonly #pass = new FilledPass();
  readonly #scratch = new Map<string, Tensor>();
  readonly context: StepContext<H, S>;
  #blocks: Block[] = [];
  #spans: Span[] = [];
  #members: Member[] = [];
  /** The change of hyperparameters that the slots were last made for. */
  #grownFor = -1;
  #started = false;
  /** Whether `run` passes over parameters without a gradient too: in a rule's `mode`. */
  #everyone = false;

  constructor(engine: Engine, rule: Rule<H, S>, params: readonly Tensor[], given: Partial<Scheduled<H> & Common>) {
    this.#engine = engine;
    this.#rule = rule;
    this.params = params;
    this.hyper = new Hyperparameters(rule, given);
    this.state = rule.state?.(this.hyper.now) ?? ({} as S);
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

  /** The parameters that have a gradient, with gradients and slots. Others are passed over, as PyTorch passes over None. */
  get members(): readonly Member[] {
    return this.#members;
  }

  /**
   * Brings memory up to date: slots before the first step, spans when more parameters have got a gradient. Throws for
   * want of memory, with the group as it was.
   */
  prepare(): void {
    if (this.#grownFor !== this.hyper.changes) this.#grow();
    if (this.#ready() !== this.#members.length || this.#spans.length === 0) this.#layOut();
  }

  /** Fills the slots that do not start at zero, once. */
  start(): void {
    if (this.#started) return;
    this.#started = true;
    if (this.#rule.start) this.#withEveryone((context) => this.#rule.start!(context));
  }

  /** Makes the context ready for the next step. */
  begin(gradScale: number, closure?: () => number): StepContext<H, S> {
    const { context } = this;
    context.t = ++this.steps;
    context.gradScale = gradScale;
    context.closure = closure;
    return context;
  }

  /** The step of a group by itself. Returns the loss when the rule evaluated the closure. */
  step(gradScale: number, closure?: () => number): number | undefined {
    const rule = this.#rule;
    const context = this.begin(gradScale, closure);
    if (rule.step) return rule.step(context);
    const pass = this.#pass;
    rule.prepare!(this.hyper.now, this.state, context.t, pass);
    pass.values[0] = gradScale;
    const update = this.#update(pass.kernel);
    const spans = this.#spans; // by index: see Optimizer.step
    for (let i = 0; i < spans.length; i++) {
      const { n, p, g, slots } = spans[i]!;
      update(n, p, g, slots, pass.slots, pass.values);
    }
    return undefined;
  }

  /** Sets the gradients to zero. */
  zeroGrad(): void {
    const { fill } = this.#engine.kernels;
    if (this.#spans.length > 0 && this.#ready() === this.#members.length) {
      for (let i = 0; i < this.#spans.length; i++) fill(this.#spans[i]!.n, this.#spans[i]!.g, 0);
      return;
    }
    // Not laid out yet, or a parameter has got its gradient since.
    for (const tensor of this.params) if (tensor.hasGradient) fill(tensor.place.length, tensor.gradient.ref, 0);
  }

  /** Moves all parameters, those without a gradient too, between the points of training and of evaluation. */
  mode(mode: "train" | "eval"): void {
    this.#grow();
    this.start();
    this.#withEveryone((context) => this.#rule.mode!(context, mode));
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
      const { slots } = this.#members[i]!;
      for (let j = 0; j < averages.length; j++) {
        const slot = slots[averages[j]!];
        if (slot) flush(slot.place.length, slot.ref);
      }
    }
  }

  /** Copies of the slots, empty before the first step. One that an option has asked for since the last step is zeros. */
  savedSlots(): Record<string, Float32Array>[] {
    return this.slots.map((slots, i) => {
      const wanted = this.#rule.slots(this.hyper.now, this.params[i]!.shape);
      const fresh = Object.entries(wanted).filter(([name]) => !slots[name]);
      return Object.fromEntries([
        ...Object.entries(slots).map(([name, slot]) => [name, slot.toArray()]),
        ...fresh.map(([name, shape]) => [name, new Float32Array(shape.reduce((product, d) => product * d, 1))]),
      ]);
    });
  }

  /** Overwrites the slots with saved ones, making them first where this group has not stepped yet; others start anew. */
  fillSlots(saved: Record<string, Float32Array>[]): void {
    this.#grow();
    for (const slots of this.slots) for (const slot of Object.values(slots)) slot.data.fill(0);
    this.#started = false;
    this.start();
    saved.forEach((arrays, i) => {
      for (const [name, array] of Object.entries(arrays)) this.slots[i]![name]?.copyFrom(array);
    });
  }

  /** Takes the place of the state's scalars. */
  restore(state: S, steps: number): void {
    this.steps = steps;
    this.state = state;
    this.context.state = state;
  }

  dispose(): void {
    for (const record of this.slots) for (const slot of Object.values(record)) slot.retire();
    for (const block of this.#blocks) this.#engine.free(block);
    for (const tensor of this.#scratch.values()) tensor.dispose();
    this.#scratch.clear();
    this.#blocks = [];
    this.#spans = [];
    this.#members = [];
    this.#grownFor = -1;
    this.#started = false;
    this.slots = [];
  }

  /** Parameters that have a gradient. */
  #ready(): number {
    let ready = 0;
    for (let i = 0; i < this.params.length; i++) if (this.params[i]!.hasGradient) ready++;
    return ready;
  }

  /** Allocates the slots that the rule asks for and that are not there: all of them at first, one more when an option needs it. */
  #grow(): void {
    const wanted = this.params.map((tensor) => this.#rule.slots(this.hyper.forSlots(), tensor.shape));
    const held = this.#blocks.length;
    const first = this.slots.length === 0;
    if (first) this.slots = this.params.map(() => ({}));
    try {
      for (const name of new Set(wanted.flatMap((shapes) => Object.keys(shapes)))) {
        const takers = this.params.map((_, i) => i).filter((i) => wanted[i]![name] && !this.slots[i]![name]);
        if (takers.length === 0) continue;
        const shapes = takers.map((i) => wanted[i]![name]!);
        this.#allocate(name, takers, shapes);
        this.#spans = [];
      }
    } catch (error) {
      for (const block of this.#blocks.splice(held)) this.#takeBack(block);
      if (first) this.slots = [];
      throw error;
    }
    this.#order(wanted);
    this.#grownFor = this.hyper.changes;
  }

  /** Puts the slots that the rule asks for first, in its order: an option may ask for one between two that are there. */
  #order(wanted: readonly Record<string, Shape>[]): void {
    this.slots.forEach((slots, i) => {
      const names = Object.keys(wanted[i]!);
      if (names.every((name, k) => name === Object.keys(slots)[k])) return;
      const held = { ...slots };
      for (const name of Object.keys(held)) delete slots[name];
      for (const name of names) slots[name] = held[name]!;
      Object.assign(slots, held);
      this.#spans = [];
    });
  }

  /** Frees an allocation and forgets the slots in it. */
  #takeBack(block: Block): void {
    for (const slots of this.slots) {
      for (const [name, slot] of Object.entries(slots)) {
        if (slot.place.base !== block.ref) continue;
        slot.retire();
        delete slots[name];
      }
    }
    this.#engine.free(block);
  }

  /** Runs a part of the rule that is for all parameters, whether they have a gradient or not. */
  #withEveryone(run: (context: StepContext<H, S>) => void): void {
    // A gradient is made by looking at it, and a parameter without one must stay without.
    this.context.tensors = this.params.map((p, i) => ({
      p,
      get g() {
        return p.gradient;
      },
      slots: this.slots[i]!,
    }));
    this.#everyone = true;
    try {
      run(this.context);
    } finally {
      this.#everyone = false;
      this.context.tensors = this.#members;
    }
  }

  /** One allocation for a slot of all its takers, end to end as the parameters are in a slab. */
  #allocate(name: string, takers: number[], shapes: Shape[]): void {
    const lengths = shapes.map((shape) => padded(shape.reduce((product, d) => product * d, 1)));
    const block = this.#engine.allocate(lengths.reduce((total, length) => total + length, 0));
    this.#blocks.push(block);
    let offset = 0;
    takers.forEach((taker, i) => {
      const length = lengths[i]!;
      const ref = this.#engine.memory.at(block.ref, offset, length);
      const place = { ref, length, owner: "an optimizer", base: block.ref, offset };
      this.slots[taker]![name] = new Tensor(this.#engine, shapes[i]!, place);
      offset += length;
    });
  }

  #layOut(): void {
    const ready = this.params.flatMap((p, i) => (p.hasGradient ? [i] : []));
    this.#members = ready.map((i) => ({ p: this.params[i]!, g: this.params[i]!.gradient, slots: this.slots[i]! }));
    this.context.tensors = this.#members;
    this.#spans = [];
    for (let from = 0; from < ready.length; ) {
      let to = from + 1;
      while (to < ready.length && this.#follows(ready[to - 1]!, ready[to]!)) to++;
      this.#spans.push(this.#span(this.#members.slice(from, to)));
      from = to;
    }
  }

  /** Whether parameter j stands right behind parameter i, slots included. */
  #follows(i: number, j: number): boolean {
    const a = this.params[i]!.place;
    const b = this.params[j]!.place;
    if (j !== i + 1 || a.slab === undefined || a.slab !== b.slab || b.offset !== a.offset! + a.length) return false;
    const parallel = (k: number) =>
      Object.values(this.slots[k]!).every((slot) => slot.place.length === this.params[k]!.place.length);
    return Object.keys(this.slots[i]!).join() === Object.keys(this.slots[j]!).join() && parallel(i) && parallel(j);
  }

  #span(members: Member[]): Span {
    const [first] = members as [Member];
    const n = members.reduce((total, { p }) => total + p.place.length, 0);
    if (members.length === 1) return { n, p: first.p.ref, g: first.g.ref, slots: refs(first.slots) };
    const slots = Object.values(first.slots).map(({ place }) => this.#engine.memory.at(place.base!, place.offset!, n));
    return { n, ...first.p.place.slab!.stretch(first.p.place.offset!, n), slots };
  }

  #run(kernel: string, scalars: readonly number[], member?: Member, extra: readonly Tensor[] = []): void {
    const update = this.#update(kernel);
    const { values } = this.#pass;
    values[0] = this.context.gradScale;
    values.set(scalars, 1);
    const more = extra.map((tensor) => tensor.ref);
    if (member) {
      update(member.p.place.length, member.p.ref, member.g.ref, [...refs(member.slots), ...more], ALL_SLOTS, values);
    } else if (this.#everyone) {
      // In place of a gradient that is not there goes the parameter: neither `start` nor `mode` reads gradients.
      this.params.forEach((p, i) => {
        const g = p.hasGradient ? p.gradient.ref : p.ref;
        update(p.place.length, p.ref, g, refs(this.slots[i]!), ALL_SLOTS, values);
      });
    } else for (const { n, p, g, slots } of this.#spans) update(n, p, g, slots, ALL_SLOTS, values);
  }

  #update(kernel: string): Update {
    let update = this.#updates.get(kernel);
    if (update === undefined) {
      const twin = this.#rule.kernels[kernel];
      if (!twin) throw typeError("kernel", `one of ${Object.keys(this.#rule.kernels).join(", ")}`, kernel);
      update = this.#engine.memory.update(kernel, twin);
      this.#updates.set(kernel, update);
    }
    return update;
  }

  #scratchOf(name: string, shape: Shape): Tensor {
    const key = `${name} [${shape}]`;
    let tensor = this.#scratch.get(key);
    if (tensor === undefined) {
      tensor = this.#engine.tensor(shape);
      this.#scratch.set(key, tensor);
    }
    return tensor;
  }
}

const refs = (slots: Record<string, Tensor>): Ref[] => Object.values(slots).map((slot) => slot.ref);
