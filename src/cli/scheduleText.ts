import { isArgumentError, quoted } from "../check.js";
import { join, warmup } from "../schedule/index.js";
import type { Schedule } from "../schedule/schedule.js";
import { hint, spelt, UsageError } from "./args.js";
import { type Kind, PIECES, type Piece, type Words } from "./schedulePieces.js";

/** A schedule, and the steps that it takes. */
export interface Written {
  schedule: Schedule;
  steps: number;
}

/** The most steps: each is evaluated. */
const MOST_STEPS = 1_000_000;
const NAMES = [...Object.keys(PIECES), "warmup"];

/** Refuses a part: what was expected, what came. */
type Wrong = (expected: string, got: string | undefined) => UsageError;

/**
 * Reads a schedule: parts with commas between them. `warmup N` before a part rises to its first value in N steps; a part is
 * a name, its value, `over N` for its steps, and the words that it has, in any order (see {@link PIECES}).
 */
export function readSchedule(text: string): Written {
  const pieces: Schedule[] = [];
  const boundaries: number[] = [];
  let steps = 0;
  let before: number | undefined;
  for (const part of text.split(",")) {
    const [word = "", ...rest] = part.trim().split(/\s+/);
    const name = spelt(word, NAMES);
    if (name === undefined) {
      const meant = hint(word, NAMES) || `; there are ${NAMES.join(", ")}`;
      throw new UsageError(`expected a schedule, got ${quoted(word)}${meant}`);
    }
    const wrong: Wrong = (expected, got) =>
      new UsageError(`${name}: expected ${expected}, got ${got ? quoted(got) : "none"}`);
    if (name === "warmup") {
      if (before !== undefined) throw wrong("another part after the first warmup", rest[0]);
      before = warmupOf(rest, wrong);
      continue;
    }
    const piece: Piece = PIECES[name as keyof typeof PIECES];
    const { value, over, words } = partOf(piece, rest, wrong);
    const made = makes(name, () => piece.make(value, over, words));
    pieces.push(before === undefined ? made : warmup(before, made));
    steps += over + (before ?? 0);
    if (steps > MOST_STEPS) throw wrong(`at most ${MOST_STEPS} steps in all`, String(steps));
    boundaries.push(steps);
    before = undefined;
  }
  if (before !== undefined) throw new UsageError("warmup: expected a part after it, got none");
  boundaries.pop();
  return { schedule: pieces.length === 1 ? pieces[0] : join(pieces, boundaries), steps };
}

function warmupOf([first, ...rest]: string[], wrong: Wrong): number {
  const steps = numberOf(first);
  if (steps === undefined) throw wrong("a number of steps", first);
  if (!Number.isInteger(steps) || steps < 1 || steps > MOST_STEPS) throw wrong("a whole number of steps ≥ 1", first);
  if (rest.length > 0) throw wrong("a comma after its number of steps", rest[0]);
  return steps;
}

function partOf(piece: Piece, all: readonly string[], wrong: Wrong): { value: number; over: number; words: Words } {
  const [first, ...others] = piece.value === undefined ? ["", ...all] : all;
  const value = piece.value === undefined ? Number.NaN : numberOf(first);
  if (value === undefined) throw wrong(piece.value!, first);
  const kinds: Record<string, Kind> = { over: "number", ...piece.words };
  const known = Object.keys(kinds);
  const found: Words = {};
  for (let i = 0; i < others.length; ) {
    const word = spelt(others[i], known);
    if (word === undefined || word in found) throw wrong(known.join(" or "), others[i]);
    const after = others.slice(i + 1);
    const taken = following(word, kinds[word], after, wrong);
    found[word] = taken.value;
    i += 1 + taken.count;
  }
  const { over, ...words } = found;
  if (over === undefined || !Number.isInteger(over) || over < 1)
    throw wrong("over and a whole number of steps ≥ 1", over === undefined ? undefined : String(over));
  return { value, over, words };
}

/** What follows a word, and how many words that is. */
function following(
  word: string,
  kind: Kind,
  after: readonly string[],
  wrong: Wrong,
): { value: unknown; count: number } {
  if (kind === "nothing") return { value: true, count: 0 };
  if (typeof kind === "object") {
    const value = after[0] === undefined ? undefined : spelt(after[0], kind);
    if (value === undefined) throw wrong(`${kind.join(" or ")} after ${word}`, after[0]);
    return { value, count: 1 };
  }
  const numbers = after.map(numberOf);
  const end = numbers.indexOf(undefined);
  const count = kind === "number" ? 1 : end < 0 ? numbers.length : end;
  if (count === 0 || numbers[0] === undefined) throw wrong(`a number after ${word}`, after[0]);
  return { value: kind === "number" ? numbers[0] : numbers.slice(0, count), count };
}

/** A schedule's own refusal of a value is one of the call. */
function makes(name: string, make: () => Schedule): Schedule {
  try {
    return make();
  } catch (error) {
    if (!isArgumentError(error)) throw error;
    const word = RENAMED[name]?.[error.argument] ?? error.argument.replace(/^milestones/, "at");
    throw new UsageError(`${name}: ${word}: ${error.problem}`);
  }
}

/** What parameters of a schedule are called here, where that is another name. */
const RENAMED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  cosineRestarts: { steps: "every" },
  exponential: { steps: "every" },
  inverseTime: { steps: "every" },
  stepDecay: { steps: "every" },
  wsd: { stable: "over less warmup and decay" },
};

function numberOf(text: string | undefined): number | undefined {
  const value = Number(text);
  return text && Number.isFinite(value) ? value : undefined;
}
