import { effect, type ReadonlySignal, signal } from "@preact/signals-core";

/** The result of a computation that takes time, kept up to date. */
export interface Latest<T> {
  readonly found: ReadonlySignal<T | undefined>;
  /** Why there is none for the values of now. */
  readonly problem: ReadonlySignal<string>;
  dispose(): void;
}

/** Computes anew whenever a signal changes that `compute` reads before it waits. Of several results the last one counts. */
export function latest<T>(compute: () => Promise<T>): Latest<T> {
  const found = signal<T | undefined>(undefined);
  const problem = signal("");
  let generation = 0;
  const stop = effect(() => {
    const mine = ++generation;
    compute().then(
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
