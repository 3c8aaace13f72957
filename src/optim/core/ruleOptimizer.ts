import { rangeError } from "../../check.js";
import type { EngineCore } from "../../engine/core.js";
import type { Tensor } from "../../engine/tensor.js";
import { pullAll, pushAll } from "./attached.js";
import { checkGroup, groupsOf } from "./checkGroup.js";
import * as gradientNorm from "./gradientNorm.js";
import { Group } from "./group.js";
import type { Common } from "./hyperparameters.js";
import { liveGroup } from "./liveGroup.js";
import { type LiveGroup, Optimizer, type ParamGroup, type StepOptions } from "./optimizer.js";
import type { Rule, Scheduled, StepContext } from "./rule.js";
import { checkedState, type StateDict, stateOf } from "./state.js";
import { checkStep, checkUnclipped, NO_OPTIONS } from "./stepOptions.js";
import { stepTogether } from "./stepTogether.js";

// biome-ignore lint/suspicious/noExplicitAny: for any rule
const prepared = (group: Group<any, any>): void => group.prepare();

/** Steps between two sweeps of the state for numbers that are about to become subnormal. */
const FLUSH_EVERY = 64;

/** One rule over one or more groups of parameters. Made by the factories: `adamw(params, hyper)`. */
export class RuleOptimizer<H extends object = object, S extends object = object> extends Optimizer<H, S> {
  readonly rule: Rule<H, S>;
  /** @internal */
  readonly engine: EngineCore;
  readonly #defaults: Partial<Scheduled<H> & Common>;
  readonly #groups: Group<H, S>[] = [];
  readonly #live: LiveGroup<H>[] = [];
  #attached: Tensor[] = [];
  /** The contexts for a rule that steps all groups together: one list, refilled at every step. */
  readonly #contexts: StepContext<H, S>[] = [];
  #stepCount = 0;
  #skippedSteps = 0;
  readonly #gradients: gradientNorm.Measured = { norm: 0, scale: 1 };
  readonly #alone: readonly [RuleOptimizer<H, S>] = [this];
  #mode: "train" | "eval" = "train";
  #disposed = false;

  /** @internal */
  constructor(
    rule: Rule<H, S>,
    params: readonly Tensor[] | readonly ParamGroup<H>[],
    hyper: Partial<Scheduled<H> & Common>,
  ) {
    super();
    this.rule = rule;
    const groups = groupsOf<H>(params, hyper);
    this.#defaults = { ...hyper };
    this.engine = groups[0].params[0].engine;
    for (const group of groups) this.addParamGroup(group);
  }

  get name(): string {
    return this.rule.name;
  }
  get groups(): readonly LiveGroup<H>[] {
    return this.#live;
  }
  get stepCount(): number {
    return this.#stepCount;
  }
  get skippedSteps(): number {
    return this.#skippedSteps;
  }
  get stateBytes(): number {
    return this.#groups.reduce((total, group) => total + group.slotBytes, 0);
  }
  get needsClosure(): boolean {
    return this.rule.closure === "required";
  }
  override get report(): Readonly<Record<string, unknown>> {
    const doubles = this.#groups.flatMap((group) => group.doubles);
    return this.rule.report?.(this.#groups[0].states[0], doubles) ?? {};
  }

  /** @internal */
  checkedGroup(group: ParamGroup<H>): () => void {
    this.checkUsable();
    if (this.rule.oneGroup && this.#groups.length > 0) {
      throw rangeError("groups", `one group with ${this.name}, which steps along one direction for all`, 2);
    }
    const taken = this.#groups.flatMap(({ params }) => params);
    const name = `groups[${this.#groups.length}]`;
    checkGroup(name, group, this.engine, taken);
    for (const [i, p] of group.params.entries()) this.rule.checkShape?.(`${name}.params[${i}]`, p.shape);
    const { params, ...own } = group;
    const set = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
    const given = { ...this.#defaults, ...set } as Partial<Scheduled<H> & Common>;
    const made = new Group(this.engine, this.rule, [...params], given);
    return () => {
      this.#groups.push(made);
      this.#live.push(liveGroup(made, this));
      this.#attached = this.#groups.flatMap((other) => other.params.filter((tensor) => tensor.exposed));
    };
  }

  /** @internal */
  takeStep(closure?: () => number, o: StepOptions = NO_OPTIONS): number | undefined {
    return stepTogether(this.#alone, this.#groups, this.#gradients, closure, o);
  }

  zeroGrad(): void {
    this.alive();
    const attached = this.#attached;
    for (let i = 0; i < attached.length; i++) if (attached[i].hasGradient) attached[i].grad.fill(0);
    for (let i = 0; i < this.#groups.length; i++) this.#groups[i].zeroGrad();
  }

  state(tensor: Tensor): Record<string, Tensor> {
    this.alive();
    for (const group of this.#groups) {
      const i = group.params.indexOf(tensor);
      if (i >= 0) return { ...group.slots[i] };
    }
    throw new RangeError("tensor: expected a parameter of this optimizer, got another tensor");
  }

  /** @internal Makes the slots that are missing, for an optimizer that is given state before its first step. */
  protected makeSlots(): void {
    this.#reserve((group) => group.grow());
    for (const group of this.#groups) group.start();
  }

  train(): void {
    this.#switch("train");
  }
  eval(): void {
    this.#switch("eval");
  }

  stateDict(): StateDict {
    this.checkUsable();
    return stateOf(this.rule.name, this.#stepCount, this.#skippedSteps, this.#mode, this.#groups);
  }

  /** @internal */
  checkedLoad(saved: StateDict): () => void {
    this.checkUsable();
    const load = checkedState(saved, this.rule, this.#groups);
    return () => {
      load();
      this.#stepCount = saved.stepCount;
      this.#skippedSteps = saved.skippedSteps ?? 0;
      this.#mode = saved.mode;
    };
  }

  dispose(): void {
    if (this.#disposed) return;
    this.checkIdle();
    this.#disposed = true;
    for (const group of this.#groups) group.dispose();
  }

  protected alive(): void {
    if (this.#disposed)
      throw new TypeError(`${this.rule.name}: expected a live optimizer, got one that has been disposed`);
    this.engine.alive();
  }

  /** @internal Checks everything that a step may refuse; nothing changes. */
  begin(closure: unknown, o: StepOptions): void {
    this.#checkStep(closure, o);
    for (let i = 0; i < this.#groups.length; i++) this.#groups[i].hyper.ahead(this.#stepCount);
  }

  /** @internal */
  get gradientGroups(): readonly Group<H, S>[] {
    return this.#groups;
  }

  /** @internal Makes the gradients that a rule's own closure will fill: reading them allocates. */
  makeGradients(): void {
    for (const { params } of this.#groups) for (const tensor of params) void tensor.grad;
  }

  /** @internal Counts a step that is not taken. */
  skip(): void {
    this.#skippedSteps++;
  }

  /** @internal Allocates the memory of the step, or throws and leaves every group as it was. */
  reserve(): void {
    this.#reserve(prepared);
  }
  /** @internal Frees the slots that were made for a step that is not taken. */
  giveBack(): void {
    for (const group of this.#groups) group.giveBack();
  }

  /** @internal Adopts the hyperparameters of the step. */
  advance(): void {
    for (let i = 0; i < this.#groups.length; i++) this.#groups[i].hyper.advance();
  }

  /** @internal The update itself, with this factor on the gradients. Returns the loss if the rule evaluated the closure. */
  update(scale: number, closure: (() => number) | undefined): number | undefined {
    const groups = this.#groups;
    for (let i = 0; i < groups.length; i++) groups[i].start();
    const loss = this.#update(scale, this.needsClosure ? this.#around(closure!) : undefined);
    pushAll(this.#attached);
    this.#stepCount++;
    if (this.#stepCount % FLUSH_EVERY === 0) for (let i = 0; i < groups.length; i++) groups[i].flush();
    return loss;
  }

  #checkStep(closure: unknown, o: StepOptions): void {
    this.alive();
    checkStep(this.rule.name, this.needsClosure, closure, o);
    if (this.needsClosure) checkUnclipped(this.rule.name, o);
    if (this.#mode === "eval" && this.rule.mode)
      throw new Error(`${this.rule.name}: expected train() before step(), the parameters are at the point of eval()`);
    for (let i = 0; i < this.#groups.length; i++) {
      const { params } = this.#groups[i];
      for (let j = 0; j < params.length; j++) if (params[j].disposed) params[j].alive("params");
    }
  }

  /** Allocates the memory of all groups, or throws and leaves every group as it was. */
  #reserve(memoryOf: (group: Group<H, S>) => void): void {
    const groups = this.#groups;
    try {
      for (let i = 0; i < groups.length; i++) memoryOf(groups[i]);
      gradientNorm.reserve(groups);
    } catch (error) {
      this.giveBack();
      throw error;
    }
  }

  /** The update itself, of all groups. Returns the loss if the rule evaluated the closure. */
  #update(scale: number, closure: (() => number) | undefined): number | undefined {
    for (let i = 0; i < this.#groups.length; i++) {
      const { hyper, context } = this.#groups[i];
      // Ascending is descending along the negated gradient.
      context.gradScale = hyper.now.maximize ? -scale : scale;
    }
    if (!this.rule.stepAll) {
      let loss: number | undefined;
      for (let i = 0; i < this.#groups.length; i++) loss = this.#groups[i].step(closure);
      return loss;
    }
    try {
      for (const [i, group] of this.#groups.entries()) this.#contexts[i] = group.begin(closure);
      return this.rule.stepAll(this.#contexts);
    } catch (error) {
      // The closure threw. Attached arrays must show the parameters that the rule has restored.
      for (const group of this.#groups) group.steps--;
      pushAll(this.#attached);
      throw error;
    }
  }

  /** @internal Copies attached arrays into the engine. */
  pull(): void {
    pullAll(this.#attached);
  }

  /** The closure for a rule that calls it itself: before and after it, attached arrays and the engine's memory agree. */
  #around(closure: () => number): () => number {
    return () => {
      pushAll(this.#attached);
      const loss = closure();
      this.pull();
      return loss;
    };
  }

  #switch(mode: "train" | "eval"): void {
    this.checkUsable();
    if (mode === this.#mode) return;
    if (this.rule.mode && this.#stepCount > 0) {
      this.#reserve((group) => group.grow());
      this.pull();
      for (const group of this.#groups) group.mode(mode);
      pushAll(this.#attached);
    }
    this.#mode = mode;
  }
}

/** What `thalweg` exports for every optimizer: a function that makes one, and has its rule. */
export interface OptimizerFactory<H extends object, S extends object> {
  (params: readonly Tensor[] | readonly ParamGroup<H>[], hyper?: Partial<Scheduled<H> & Common>): RuleOptimizer<H, S>;
  readonly rule: Rule<H, S>;
}

/**
 * The factory of a rule: that of an optimizer of your own, too (docs/own-optimizer.md has whole ones).
 * @example
 * const swift = optimizer({ ...sgd.rule, name: "swift", hyper: { ...sgd.rule.hyper, lr: 0.1 } });
 */
export function optimizer<H extends object, S extends object>(rule: Rule<H, S>): OptimizerFactory<H, S> {
  return Object.assign(
    (params: readonly Tensor[] | readonly ParamGroup<H>[], hyper: Partial<Scheduled<H> & Common> = {}) =>
      new RuleOptimizer(rule, params, hyper),
    { rule },
  );
}
