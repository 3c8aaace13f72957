import type { Tensor } from "../../engine/tensor.js";
import type { Common } from "./hyperparameters.js";
import type { Rule, Scheduled } from "./rule.js";
import type { StateDict } from "./state.js";

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

/** The state of a wrapper around an optimizer as plain data: its own numbers, and the state of what it wraps. */
export interface WrapperState {
  /** The wrapper: "accumulate", "lookahead", "sam". */
  optimizer: string;
  inner: StateDict | WrapperState;
  [own: string]: unknown;
}

/**
 * An optimizer over one or more groups of parameters: one rule (made by the factories, `adamw(params, hyper)`), or a
 * wrapper around one (`lookahead(opt)`, `sam(opt)`, `accumulate(opt, k)`).
 */
export abstract class Optimizer<H extends object = object, S extends object = object> {
  abstract readonly rule: Rule<H, S>;

  /** "adamw"; of a wrapper its own: "lookahead". */
  abstract get name(): string;

  /** The groups, live: `opt.groups[0].lr = 1e-4` takes effect at the next step. A bad value throws and changes nothing. */
  abstract get groups(): readonly LiveGroup<H>[];

  /** Steps taken. Schedules follow it. */
  abstract get stepCount(): number;

  /** Steps that `onNonFinite: "skip"` has left out. */
  abstract get skippedSteps(): number;

  /** Whether `step` needs a closure that it calls itself. */
  abstract get needsClosure(): boolean;

  /** Adds parameters, with hyperparameters of their own where given. */
  addParamGroup(group: ParamGroup<H>): void {
    this.checkedGroup(group)();
  }

  /**
   * Takes one step with the gradients as they stand.
   *
   * @param closure evaluates the loss and its gradients first: it sets the gradients to zero, runs forward and
   *   backward, and returns the loss
   * @returns the loss that the closure returned
   * @throws RangeError when a schedule gives a value that the rule refuses, or a gradient is not finite under
   *   `onNonFinite: "throw"`: nothing has changed then
   */
  abstract step(closure?: () => number, o?: StepOptions): number | undefined;

  /** Sets every gradient to zero. */
  abstract zeroGrad(): void;

  /** The state of a parameter by name (`expAvg`, …), as live tensors; empty before the first step. */
  abstract state(tensor: Tensor): Record<string, Tensor>;

  /** Moves the parameters to where gradients are taken. For most rules that is where they always are. */
  abstract train(): void;

  /** Moves the parameters to where the model is to be evaluated (Schedule-Free, averages). A step then throws until `train()`. */
  abstract eval(): void;

  /** All that a later run needs to go on with the same bits: plain data, without functions. */
  abstract stateDict(): StateDict | WrapperState;

  /**
   * Takes back what {@link stateDict} gave. Hyperparameters on a schedule stay on it.
   * @throws RangeError or TypeError for the state of another optimizer or of other shapes; nothing has changed then
   */
  abstract loadStateDict(saved: StateDict | WrapperState): void;

  /** Frees the state. The parameters are not the optimizer's, and stay. */
  abstract dispose(): void;
  [Symbol.dispose](): void {
    this.dispose();
  }

  /** @internal Checks a group, whole, and returns what adds it: a wrapper may lack memory of its own in between. */
  abstract checkedGroup(group: ParamGroup<H>): () => void;

  /** @internal Checks saved state, whole, and returns what puts it in place: a wrapper changes nothing before all is checked. */
  abstract checkedLoad(saved: StateDict | WrapperState): () => void;
}
