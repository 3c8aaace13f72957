/** The signals that end a run, with the exit codes that shells give them: 128 plus the number of the signal. */
const CODES = { SIGHUP: 129, SIGINT: 130, SIGPIPE: 141, SIGTERM: 143 } as const;
type Signal = keyof typeof CODES;

/** What the message of an interrupted command says of each. */
const WORDS = {
  SIGHUP: "its terminal is gone",
  SIGINT: "interrupted",
  SIGPIPE: "its reader is gone",
  SIGTERM: "terminated",
} as const;

/** Thrown when Ctrl-C, a process manager's SIGTERM, or the loss of the terminal or of the output's reader ends a run. */
export class Interrupted extends Error {
  readonly signal: Signal;

  constructor(signal: Signal, rest = "") {
    super(`${WORDS[signal]}${rest}`);
    this.signal = signal;
  }

  get exitCode(): number {
    return CODES[this.signal];
  }
}

/**
 * Runs `work` with an AbortSignal that these signals abort, so that it can save what it has. A second signal ends the
 * process at once.
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const signals = (Object.keys(CODES) as Signal[]).filter((signal) => signal !== "SIGPIPE"); // see readerLost
  const abort = (signal: Signal) => {
    release();
    controller.abort(new Interrupted(signal));
  };
  const release = () => {
    for (const signal of signals) process.removeListener(signal, abort);
    abortWork = undefined;
  };
  for (const signal of signals) process.once(signal, abort);
  abortWork = () => abort("SIGPIPE");
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

/**
 * Ends the process because nobody reads its output any more (`| head`): interrupted work saves first. Node reports a lost
 * reader as an error of the stream and ignores SIGPIPE, which would end the process once a listener for it were removed.
 */
export function readerLost(): void {
  if (lost) return; // work that is saving goes on failing to write
  lost = true;
  if (abortWork) abortWork();
  else process.exit();
}
let lost = false;
/** Aborts the work that is under way. */
let abortWork: (() => void) | undefined;
