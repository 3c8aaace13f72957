import { rangeError, typeError } from "../../check.js";
import type { EngineCore } from "../../engine/core.js";
import type { Tensor } from "../../engine/tensor.js";
import type { Measured } from "../core/gradientNorm.js";
import {
  type CombinedState,
  type LiveGroup,
  Optimizer,
  type StepOptions,
  type WrapperState,
} from "../core/optimizer.js";
import type { Rule } from "../core/rule.js";
import { RuleOptimizer } from "../core/ruleOptimizer.js";
import type { StateDict } from "../core/state.js";
import { NO_OPTIONS } from "../core/stepOptions.js";
import { stepTogether } from "../core/stepTogether.js";

// biome-ignore lint/suspicious/noExplicitAny: optimizers of any rules
type Part = RuleOptimizer<any, any>;

/** Several optimizers that step as one. Made by {@link combine}. */
export class Combined<P extends readonly Part[] = readonly Part[]> extends Optimizer {
  /** The combined optimizers. */
  readonly parts: P;
  readonly #gradients: Measured = { norm: 0, scale: 1 };
  #disposed = false;

  /** @internal */
  constructor(parts: P) {
    super();
    this.parts = parts;
  }

  /** @internal */
  get engine(): EngineCore {
    return this.parts[0].engine;
  }
  get name(): string {
    return "combine";
  }
  /** The rule of the first part, or of the one that has two points, for training and for evaluation. */
  get rule(): Rule<object, object> {
    return (this.parts.find(({ rule }) => rule.mode) ?? this.parts[0]).rule;
  }
  /** The groups of all parts, those of the first part first. */
  get groups(): readonly LiveGroup<object>[] {
    return this.parts.flatMap(({ groups }) => groups);
  }
  get stepCount(): number {
    return this.parts[0].stepCount;
  }
  get skippedSteps(): number {
    return this.parts[0].skippedSteps;
  }
  get stateBytes(): number {
    return this.parts.reduce((total, part) => total + part.stateBytes, 0);
  }
  get needsClosure(): boolean {
    return false;
  }

  /** @internal */
  takeStep(closure?: () => number, o: StepOptions = NO_OPTIONS): number | undefined {
    this.alive();
    const groups = this.parts.flatMap(({ gradientGroups }) => gradientGroups);
    return stepTogether(this.parts, groups, this.#gradients, closure, o);
  }

  /** @internal */
  checkedGroup(): () => void {
    this.checkUsable();
    throw new TypeError(
      "addParamGroup: expected it of one of the parts (opt.parts[0].addParamGroup), got it of combine",
    );
  }

  zeroGrad(): void {
    this.alive();
    for (const part of this.parts) part.zeroGrad();
  }
  state(tensor: Tensor): Record<string, Tensor> {
    this.alive();
    const owner = this.parts.find(({ groups }) => groups.some(({ params }) => params.includes(tensor)));
    return (owner ?? this.parts[0]).state(tensor);
  }
  train(): void {
    this.#switch("train", "eval");
  }
  eval(): void {
    this.#switch("eval", "train");
  }

  stateDict(): CombinedState {
    this.checkUsable();
    return { optimizer: this.name, stepCount: this.stepCount, parts: this.parts.map((part) => part.stateDict()) };
  }

  /** @internal */
  checkedLoad(saved: StateDict | WrapperState | CombinedState): () => void {
    this.checkUsable();
    if (typeof saved !== "object" || saved === null) throw typeError("state", "what stateDict() returned", saved);
    if (saved.optimizer !== this.name) throw rangeError("state.optimizer", `"${this.name}"`, saved.optimizer);
    const { parts } = saved as CombinedState;
    const count = this.parts.length;
    if (!Array.isArray(parts) || parts.length !== count) throw rangeError("state.parts", `${count} states`, parts);
    const loads = this.parts.map((part, i) => part.checkedLoad(parts[i]));
    return () => {
      const before = this.parts.map((part) => part.stateDict());
      const done: Part[] = [];
      try {
        for (const [i, load] of loads.entries()) {
          load();
          done.push(this.parts[i]);
        }
      } catch (error) {
        // No memory for a later part: it has changed nothing, and those before it have room for the state they had.
        for (const [i, part] of done.entries()) part.loadStateDict(before[i]);
        throw error;
      }
    };
  }

  dispose(): void {
    if (this.#disposed) return;
    this.checkIdle();
    this.#disposed = true;
    for (const part of this.parts) part.dispose();
  }

  /** @internal */
  override needs(one: unknown): boolean {
    return one === this || this.parts.some((part) => part.needs(one));
  }
  /** @internal */
  override checkIdle(): void {
    super.checkIdle();
    for (const part of this.parts) part.checkIdle();
  }

  protected alive(): void {
    if (this.#disposed) throw new TypeError("combine: expected a live optimizer, got one that has been disposed");
    this.engine.alive();
  }

  #switch(mode: "train" | "eval", back: "train" | "eval"): void {
    this.checkUsable();
    const done: Part[] = [];
    try {
      for (const part of this.parts) {
        part[mode]();
        done.push(part);
      }
    } catch (error) {
      for (const part of done) part[back]();
      throw error;
    }
  }
}

/**
 * Several optimizers as one: each updates its own parameters, and all of them step together.
 *
 * `step` checks all parts and reserves the memory of all before the first moves, so that a step that is refused changes
 * nothing. `clipNorm` is by the norm of all gradients together, and a gradient that is not finite skips the step of all
 * parts where the group that has it says so. `groups` are those of all parts; `opt.parts[1].groups[0].lr` has its type.
 * Schedules, `stateDict`, `train` and `eval` go through all parts, and disposing it disposes of them.
 *
 * @param parts optimizers of one engine, each made by a factory, without a parameter in common, that have taken the same
 *   number of steps; from now on used by this one alone
 * @throws TypeError for anything but such optimizers; RangeError for a tensor that two parts have, for one that needs a
 *   closure and for different numbers of steps
 * @example
 * const opt = combine([muon([model.parameters()[0]], { lr: 0.02 }), adamw([model.parameters()[1]], { lr: 1e-3 })]);
 */
export function combine<const P extends readonly Part[]>(parts: P): Combined<P> {
  if (!Array.isArray(parts)) throw typeError("parts", "an array of optimizers", parts);
  if (parts.length === 0) throw rangeError("parts", "at least one optimizer", parts);
  const seen = new Set<Tensor>();
  for (const [i, part] of (parts as readonly unknown[]).entries()) {
    const name = `parts[${i}]`;
    if (!(part instanceof RuleOptimizer))
      throw typeError(name, "an optimizer made by its factory, not a wrapper", part);
    if (part.needsClosure)
      throw rangeError(name, "an optimizer that steps on given gradients", `${part.name}, which needs a closure`);
    if (part.engine !== parts[0].engine)
      throw new TypeError(`${name}: expected an optimizer of the same engine as the others, got another engine's`);
    if (part.stepCount !== parts[0].stepCount)
      throw rangeError(name, `${parts[0].stepCount} steps taken, as by the first`, part.stepCount);
    for (const tensor of part.groups.flatMap(({ params }) => params)) {
      if (seen.has(tensor)) throw rangeError(name, "each parameter in one part", "one for the second time");
      seen.add(tensor);
    }
  }
  return new Combined([...parts] as unknown as P);
}
