import { quoted } from "../check.js";
import { nearest } from "../nearest.js";
import {
  constant,
  cosine,
  cosineRestarts,
  demon,
  exponential,
  join,
  linear,
  polynomial,
  stepDecay,
  warmup,
} from "../schedule/index.js";
import type { Schedule } from "../schedule/schedule.js";
import { UsageError } from "./args.js";

/** A schedule, and the steps that it takes. */
export interface Written {
  schedule: Schedule;
  steps: number;
}

type Words = Record<string, number>;
interface Piece {
  /** Words that may follow, each with a number, besides "over". */
  words: readonly string[];
  make(value: number, steps: number, words: Words): Schedule;
}

const PIECES: Record<string, Piece> = {
  constant: { words: [], make: (value) => constant(value) },
  cosine: { words: ["to"], make: (value, steps, words) => cosine(value, { steps, ...words }) },
  cosineRestarts: {
    words: ["every", "to"],
    make: (value, steps, { every = steps, ...words }) => cosineRestarts(value, { steps: every, ...words }),
  },
  demon: { words: [], make: (value, steps) => demon(value, { steps }) },
  exponential: {
    words: ["gamma", "to"],
    make: (value, _, { gamma = 0.99, ...words }) => exponential(value, { gamma, ...words }),
  },
  linear: { words: ["to"], make: (value, steps, words) => linear(value, { steps, ...words }) },
  polynomial: { words: ["to", "power"], make: (value, steps, words) => polynomial(value, { steps, ...words }) },
  stepDecay: {
    words: ["every", "gamma"],
    make: (value, steps, { every = steps, ...words }) => stepDecay(value, { steps: every, ...words }),
  },
};

/** The most steps: each is evaluated. */
const MOST_STEPS = 1_000_000;

/**
 * Reads a schedule: parts with commas between them. `warmup N` before a part rises to its first value in N steps; a part is
 * a name, its first value and `over N` for its steps, in any order after that `to V`, `power P`, `every N`, `gamma G`.
 */
export function readSchedule(text: string): Written {
  const pieces: Schedule[] = [];
  const boundaries: number[] = [];
  let steps = 0;
  let before: number | undefined;
  for (const part of text.split(",")) {
    const [name = "", first, ...rest] = part.trim().split(/\s+/);
    const wrong = (expected: string, got: string | undefined): UsageError =>
      new UsageError(`${name || "schedule"}: expected ${expected}, got ${got ? quoted(got) : "none"}`);
    const known = [...Object.keys(PIECES), "warmup"];
    if (!known.includes(name)) {
      const near = nearest(
        name.toLowerCase(),
        known.map((one) => one.toLowerCase()),
      );
      const meant = known.find((one) => one.toLowerCase() === near);
      throw new UsageError(
        `expected a schedule, got ${quoted(name)}; ${meant ? `did you mean ${meant}?` : `there are ${known.join(", ")}`}`,
      );
    }
    const value = numberOf(first);
    if (value === undefined) throw wrong(name === "warmup" ? "a number of steps" : "a first value", first);
    if (name === "warmup") {
      if (!Number.isInteger(value) || value < 1 || value > MOST_STEPS)
        throw wrong("a whole number of steps ≥ 1", first);
      if (rest.length > 0) throw wrong("a comma after its number of steps", rest[0]);
      if (before !== undefined) throw wrong("another part after the first warmup", first);
      before = value;
      continue;
    }
    const { make, words } = PIECES[name];
    const found: Words = {};
    for (let i = 0; i < rest.length; i += 2) {
      const number = numberOf(rest[i + 1]);
      if (!["over", ...words].includes(rest[i]) || rest[i] in found)
        throw wrong(["over", ...words].join(" or "), rest[i]);
      if (number === undefined) throw wrong(`a number after ${rest[i]}`, rest[i + 1]);
      found[rest[i]] = number;
    }
    const { over, ...others } = found;
    if (over === undefined || !Number.isInteger(over) || over < 1)
      throw wrong("over and a whole number of steps ≥ 1", over === undefined ? undefined : String(over));
    const made = make(value, over, others);
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

function numberOf(text: string | undefined): number | undefined {
  const value = Number(text);
  return text && Number.isFinite(value) ? value : undefined;
}
