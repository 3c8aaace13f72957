import { rangeError, typeError } from "../../check.js";
import type { EngineCore } from "../../engine/core.js";
import type { Tensor } from "../../engine/tensor.js";
import { type LiveGroup, Optimizer, type ParamGroup, type WrapperState } from "../core/optimizer.js";
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
  get needsClosure(): boolean {
    return this.inner.needsClosure;
  }
  /** @internal */
  checkedGroup(group: ParamGroup<H>): () => void {
    this.#idle();
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
    this.#idle();
    this.inner.train();
  }
  eval(): void {
    this.#idle();
    this.inner.eval();
  }

  /** @internal */
  override checkIdle(): void {
    super.checkIdle();
    this.inner.checkIdle();
  }

  stateDict(): WrapperState {
    this.#idle();
    return { optimizer: this.name, ...this.own(), inner: this.inner.stateDict() };
  }
  loadStateDict(saved: WrapperState): void {
    this.checkedLoad(saved)();
  }
  /** @internal */
  checkedLoad(saved: StateDict | WrapperState): () => void {
    this.#idle();
    if (typeof saved !== "object" || saved === null) throw typeError("state", "what stateDict() returned", saved);
    if (saved.optimizer !== this.name) throw rangeError("state.optimizer", `"${this.name}"`, saved.optimizer);
    const { inner } = saved as WrapperState;
    const load = this.checkedOwn(saved as WrapperState);
    const loadInner = this.inner.checkedLoad(inner);
    return () => {
      load(); // allocates, so it comes first: if it throws, nothing has changed
      loadInner();
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
  /** @internal Checks that state and returns a function that restores it. */
  protected checkedOwn(_: WrapperState): () => void {
    return () => {};
  }
  /** @internal Frees the memory of the wrapper itself. */
  protected release(): void {}

  #idle(): void {
    this.alive();
    this.checkIdle();
  }

  protected alive(): void {
    if (this.#disposed) throw new TypeError(`${this.name}: expected a live optimizer, got one that has been disposed`);
  }
}
