/** What a contestant does in the contest. Each part that it lacks it leaves out. */
import type { Remote, Task } from "../harness.js";
import type { Batches, Floats, Net, ProductShape, Rule } from "./work.js";

export interface Contestant {
  name: string;
  product?(shape: ProductShape, a: Floats, b: Floats): Promise<Piece>;
  /** Undefined for a rule that it has not, or that it computes by another formula. */
  optimizer?(rule: Rule, p: Floats, g: Floats): Promise<Piece | undefined>;
  training?(net: Net, initial: readonly Floats[], batches: Batches): Promise<Training>;
  close?(): void;
}

/** One piece of work, again and again. */
export interface Piece {
  run: Task | Remote;
  /** So many runs, of one that is timed elsewhere. */
  steps?(count: number): Promise<unknown>;
  /** What the last run left: a product, or parameters. */
  output(): Promise<ArrayLike<number>>;
  dispose(): void;
}

/** A net and its Adam. Batches are taken in order, and from the first again after the last. */
export interface Training {
  run: Task | Remote;
  /** So many steps: the milliseconds they took, and the loss of the last. */
  steps(count: number): Promise<{ ms: number; loss: number }>;
  /** The logits of rows of inputs. */
  predict(x: Floats): Promise<ArrayLike<number>>;
  dispose(): void;
}

/** A training of which one step is known. */
export function training(step: () => number | Promise<number>, rest: Pick<Training, "predict" | "dispose">): Training {
  return {
    run: step,
    async steps(count) {
      let loss = Number.NaN;
      const start = performance.now();
      for (let i = 0; i < count; i++) loss = await step();
      return { ms: performance.now() - start, loss };
    },
    ...rest,
  };
}
