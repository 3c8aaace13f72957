import { rangeError, typeError } from "../../check.js";
import type { EngineCore } from "../../engine/core.js";
import type { Tensor } from "../../engine/tensor.js";
import {
  type CombinedState,
  type LiveGroup,
  Optimizer,
  type ParamGroup,
  type WrapperState,
} from "../core/optimizer.js";
import type { Rule } from "../core/rule.js";
import type { StateDict } from "../core/state.js";

/** An optimizer around another: whatever it does not override is the inner one's. Disposing it disposes the inner one too. */
export abstract class Wrapper<H extends object, S extends object> extends Optimizer<H, S> {
  /** The wrapped optimizer. */
  readonly inner: Optimizer<H, S>;
  readonly #name: string;
  #disposed = false;

  /** @internal */
  constructor(name: string, inner: Optimizer<H, S>) {
    super();
    if (!(inner instanceof Optimizer)) throw typeError("opt", "an optimizer", inner);
    this.#name = name;
    this.inner = inner;
  }

  /** @internal */
  get engine(): EngineCore {
    return this.inner.engine;
  }
  get name(): string {
    return this.#name;
  }
  get rule(): Rule<H, S> {
    return this.inner.rule;
  }
  get groups(): readonly LiveGroup<H>[] {
    return this.inner.groups;
  }
  get stepCount(): number {
    return this.inner.stepCount;
  }
  get skippedSteps(): number {
    return this.inner.skippedSteps;
  }
  get stateBytes(): number {
    return this.inner.stateBytes;
  }
  get needsClosure(): boolean {
    return this.inner.needsClosure;
  }
  override get report(): Readonly<Record<string, unknown>> {
    return this.inner.report;
  }
  /** @internal */
  checkedGroup(group: ParamGroup<H>): () => void {
    this.checkUsable();
    return this.inner.checkedGroup(group);
  }
  zeroGrad(): void {
    this.alive();
    this.inner.zeroGrad();
  }
  state(tensor: Tensor): Record<string, Tensor> {
    return this.inner.state(tensor);
  }
  train(): void {
    this.checkUsable();
    this.inner.train();
  }
  eval(): void {
    this.checkUsable();
    this.inner.eval();
  }

  /** @internal */
  override needs(one: unknown): boolean {
    return one === this || this.inner.needs(one);
  }
  /** @internal */
  override checkIdle(): void {
    super.checkIdle();
    this.inner.checkIdle();
  }

  stateDict(): WrapperState {
    this.checkUsable();
    return { optimizer: this.name, ...this.own(), inner: this.inner.stateDict() };
  }
  /** @internal */
  checkedLoad(saved: StateDict | WrapperState | CombinedState): () => void {
    this.checkUsable();
    if (typeof saved !== "object" || saved === null) throw typeError("state", "what stateDict() returned", saved);
    if (saved.optimizer !== this.name) throw rangeError("state.optimizer", `"${this.name}"`, saved.optimizer);
    const { inner } = saved as WrapperState;
    const load = this.checkedOwn(saved as WrapperState);
    const loadInner = this.inner.checkedLoad(inner);
    return () => {
      const finish = load(); // allocates, so it comes first: if it throws, nothing has changed
      try {
        loadInner();
      } catch (error) {
        finish(false);
        throw error;
      }
      finish(true);
    };
  }

  dispose(): void {
    if (this.#disposed) return;
    this.checkIdle();
    this.#disposed = true;
    this.release();
    this.inner.dispose();
  }

  /** @internal The parameters of all groups. */
  protected params(): Tensor[] {
    return this.groups.flatMap(({ params }) => params);
  }
  /** @internal The state of the wrapper itself. */
  protected own(): Record<string, unknown> {
    return {};
  }
  /**
   * @internal Checks that state and returns a function that allocates what it takes. The function that this returns restores
   * the state, or gives the memory back where the inner optimizer's state was refused.
   */
  protected checkedOwn(_: WrapperState): () => (accepted: boolean) => void {
    return () => () => {};
  }
  /** @internal Frees the memory of the wrapper itself. */
  protected release(): void {}

  protected alive(): void {
    if (this.#disposed) throw new TypeError(`${this.name}: expected a live optimizer, got one that has been disposed`);
  }
}
