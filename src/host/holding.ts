/** Anything whose memory is given back by hand. */
export interface Disposes {
  dispose(): void;
}
/** Holds what it is given until the work is over. */
export type Hold = <T extends Disposes>(held: T) => T;

/**
 * Does the work and then disposes of what it held, the last first: `using` for code that runs in pages too. Lowered, that fails
 * where there is no Symbol.dispose, in Safari and in browsers of before 2025.
 */
export function holding<T>(work: (hold: Hold) => T): T {
  const [hold, release] = holder();
  try {
    return work(hold);
  } finally {
    release();
  }
}

/** The same in two halves, for generators. */
export function holder(): [Hold, () => void] {
  const all: Disposes[] = [];
  const hold: Hold = (held) => {
    all.push(held);
    return held;
  };
  return [
    hold,
    () => {
      for (let i = all.length - 1; i >= 0; i--) all[i].dispose();
    },
  ];
}
