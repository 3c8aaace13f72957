import { effect, type ReadonlySignal, signal } from "@preact/signals-core";

/** The result of a computation that takes time, kept up to date. */
export interface Latest<T> {
  readonly found: ReadonlySignal<T | undefined>;
  /** Why there is none for the values of now. */
  readonly problem: ReadonlySignal<string>;
  dispose(): void;
}

/** As long as a frame of the page may wait, in milliseconds. */
const TURN = 40;

/** Gives the page a turn where it has had none for a while; throws when the values have changed meanwhile. */
export type Pause = () => Promise<void>;

/**
 * Computes anew whenever a signal changes that `compute` reads before it waits. Of several results the last one counts. Where it may
 * take long, it awaits `pause()` between its parts.
 */
export function latest<T>(compute: (pause: Pause) => Promise<T>): Latest<T> {
  const found = signal<T | undefined>(undefined);
  const problem = signal("");
  let generation = 0;
  const stop = effect(() => {
    const mine = ++generation;
    let turned = performance.now();
    const pause = async (): Promise<void> => {
      if (performance.now() - turned < TURN) return;
      await new Promise((resolve) => setTimeout(resolve));
      if (mine !== generation) throw new Error("The values have changed");
      turned = performance.now();
    };
    compute(pause).then(
      (made) => {
        if (mine !== generation) return;
        problem.value = "";
        found.value = made;
      },
      (error) => {
        if (mine === generation) problem.value = error instanceof Error ? error.message : String(error);
      },
    );
  });
  return {
    found,
    problem,
    dispose() {
      generation++;
      stop();
    },
  };
}
