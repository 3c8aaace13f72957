/// <reference path="../../host/disposable.d.ts" preserve="true" />
import { duringStep, type EngineCore, type Stepping } from "../../engine/core.js";
import type { Tensor } from "../../engine/tensor.js";
import type { Settable } from "./accessors.js";
import type { Common } from "./hyperparameters.js";
import type { Rule, Scheduled } from "./rule.js";
import type { StateDict } from "./state.js";

/** Parameters with hyperparameters of their own; those left out are the optimizer's. */
export type ParamGroup<H> = { params: readonly Tensor[] } & Partial<Scheduled<H> & Common>;

/** A group of a working optimizer. Reading a hyperparameter gives its present value; writing takes a number or a schedule. */
export type LiveGroup<H> = Settable<H> & Common & { readonly params: readonly Tensor[] };

/** What a step does besides updating the parameters. */
export interface StepOptions {
  /** Multiplies every gradient (loss scaling, averaging over micro-batches). Default 1. */
  gradScale?: number;
  /** Scales the gradients of all groups together so that their norm is at most this. */
  clipNorm?: number;
  /** Set the gradients to zero after the step. Default false. */
  zeroGrad?: boolean;
}

/** The state of a wrapper around an optimizer as plain data: its own numbers, and the state of what it wraps. */
export interface WrapperState {
  /** The wrapper: "accumulate", "lookahead", "sam". */
  optimizer: string;
  inner: StateDict | WrapperState | CombinedState;
  [own: string]: unknown;
}

/** The state of several optimizers that step as one (`combine`), as plain data. */
export interface CombinedState {
  optimizer: string;
  /** Steps taken, for readers of the state; those of the parts are what is restored. */
  stepCount: number;
  parts: StateDict[];
}

/**
 * An optimizer over one or more groups of parameters: one rule (made by the factories, `adamw(params, hyper)`), or a
 * wrapper around one (`lookahead(opt)`, `sam(opt)`, `accumulate(opt, k)`).
 */
export abstract class Optimizer<H extends object = object, S extends object = object> {
  abstract readonly rule: Rule<H, S>;

  /** The name of the rule, "adamw", or of the wrapper, "lookahead". */
  abstract get name(): string;

  /** The groups, live: `opt.groups[0].lr = 1e-4` takes effect at the next step. A bad value throws and changes nothing. */
  abstract get groups(): readonly LiveGroup<H>[];

  /** Steps taken. Schedules follow it. */
  abstract get stepCount(): number;

  /** Steps that `onNonFinite: "skip"` has skipped. */
  abstract get skippedSteps(): number;

  /**
   * Bytes of the engine's memory that the state takes: slots, with their padding, and the slow weights of `lookahead`. 0
   * before the first step. Working memory that a step overwrites does not count.
   */
  abstract get stateBytes(): number;

  /** Whether `step` needs a closure, which it calls itself. */
  abstract get needsClosure(): boolean;

  /**
   * What the rule says of its steps: for `lbfgs`, why the last one ended; for `shampoo`, `soap` and `kfac`, how often a
   * matrix was damped, or its decomposition failed. Empty for most rules.
   */
  get report(): Readonly<Record<string, unknown>> {
    return {};
  }

  /** Adds a group of parameters, with hyperparameters of its own if given. */
  addParamGroup(group: ParamGroup<H>): void {
    this.checkedGroup(group)();
  }

  /**
   * Takes one step with the present gradients. While it runs, its closure and its schedules may not call this optimizer, but
   * for `zeroGrad` and `state`, nor dispose of what it works on: a TypeError, and nothing has changed.
   *
   * @param closure evaluates the loss and its gradients first: it sets the gradients to zero, runs forward and
   *   backward, and returns the loss
   * @returns the loss that the closure returned
   * @throws RangeError if a schedule gives a value that the rule refuses, or a gradient is not finite or too large with
   *   `onNonFinite: "throw"`; nothing has changed then
   */
  step(closure?: () => number, o?: StepOptions): number | undefined {
    this.checkIdle();
    const { engine } = this;
    this.outer = engine.stepping;
    engine.stepping = this;
    try {
      return this.takeStep(closure, o);
    } finally {
      engine.stepping = this.outer;
    }
  }

  /** Sets every gradient to zero. */
  abstract zeroGrad(): void;

  /** The state of a parameter by name (`expAvg`, …), as live tensors; empty before the first step. */
  abstract state(tensor: Tensor): Record<string, Tensor>;

  /** Moves the parameters to the point where gradients are taken. Most rules have only that point. */
  abstract train(): void;

  /** Moves the parameters to the point at which to evaluate the model (Schedule-Free). A step then throws until `train()`. */
  abstract eval(): void;

  /** Everything a later run needs to resume with the same bits: plain data, without functions. */
  abstract stateDict(): StateDict | WrapperState | CombinedState;

  /**
   * Restores what {@link stateDict} returned. Hyperparameters on a schedule stay on it.
   * @throws RangeError or TypeError for the state of another optimizer or of other shapes; nothing has changed then
   */
  loadStateDict(saved: StateDict | WrapperState | CombinedState): void {
    this.checkedLoad(saved)();
  }

  /** Frees the state. The parameters belong to the caller and stay. */
  abstract dispose(): void;
  [Symbol.dispose](): void {
    this.dispose();
  }

  /** @internal */
  abstract readonly engine: EngineCore;

  /** @internal The step itself: a wrapper's is the step of what it wraps too. */
  abstract takeStep(closure?: () => number, o?: StepOptions): number | undefined;

  /** @internal */
  outer: Stepping | undefined;

  /** @internal Throws once it is disposed. */
  protected abstract alive(): void;

  /** @internal Throws once it is disposed, and during a step of its own. */
  protected checkUsable(): void {
    this.alive();
    this.checkIdle();
  }

  /** @internal Throws during a step of this optimizer or of a wrapper around it. */
  checkIdle(): void {
    for (let one = this.engine.stepping; one; one = one.outer) if (one.needs(this)) throw duringStep(this.name);
  }

  /** @internal Whether this is the optimizer, one that it wraps, or a parameter. */
  needs(one: unknown): boolean {
    return one === this || this.groups.some(({ params }) => params.includes(one as Tensor));
  }

  /** @internal Checks a group completely and returns a function that adds it: a wrapper allocates between the two. */
  abstract checkedGroup(group: ParamGroup<H>): () => void;

  /** @internal Checks saved state completely and returns a function that restores it: a wrapper checks its own between the two. */
  abstract checkedLoad(saved: StateDict | WrapperState | CombinedState): () => void;
}
