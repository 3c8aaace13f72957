/** The signals that end a run, with the exit codes that shells give them: 128 plus the number of the signal. */
const CODES = { SIGINT: 130, SIGTERM: 143 } as const;
type Signal = keyof typeof CODES;

/** Thrown when Ctrl-C or a process manager's SIGTERM ends a run. */
export class Interrupted extends Error {
  readonly signal: Signal;

  constructor(signal: Signal, rest = "") {
    super(`${signal === "SIGINT" ? "interrupted" : "terminated"}${rest}`);
    this.signal = signal;
  }

  get exitCode(): number {
    return CODES[this.signal];
  }
}

/** Runs `work` with an AbortSignal that Ctrl-C and SIGTERM abort. A second signal ends the process at once. */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const signals = Object.keys(CODES) as Signal[];
  const abort = (signal: Signal) => {
    release();
    controller.abort(new Interrupted(signal));
  };
  const release = () => {
    for (const signal of signals) process.removeListener(signal, abort);
  };
  for (const signal of signals) process.once(signal, abort);
  try {
    return await work(controller.signal);
  } finally {
    release();
  }
}

/** Yields to the event loop for signals and timers, then throws if the work has been aborted. */
export async function breathe(signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  signal.throwIfAborted();
}
