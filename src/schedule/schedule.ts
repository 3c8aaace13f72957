import { checkKeys, checkNonNegative, checkNumber, rangeError, typeError } from "../check.js";
import { hasState, type ScheduleState } from "./scheduleState.js";

/**
 * A hyperparameter as a function of the step, counted from 0: the first optimizer step uses f(0). Pure: the same step
 * always has the same value. Any function of a number is a schedule; those of `schedules` also print themselves.
 */
export type Schedule = (step: number) => number;

/** Gives a schedule that is made of others their state, if any has one: a list of states, in their order. */
export function withStateOf(made: Schedule, parts: readonly (number | Schedule)[]): Schedule {
  const stateful = parts.filter(hasState);
  if (stateful.length === 0) return made;
  const state: ScheduleState = {
    stateDict: () => stateful.map((part) => part.stateDict()),
    loadStateDict(states: unknown): void {
      if (!Array.isArray(states)) throw typeError("state", "an array", states);
      if (states.length !== stateful.length) throw rangeError("state", `${stateful.length} states`, states);
      const before = state.stateDict() as unknown[];
      try {
        for (const [i, part] of stateful.entries()) part.loadStateDict(states[i]);
      } catch (error) {
        for (const [i, part] of stateful.entries()) part.loadStateDict(before[i]);
        throw error;
      }
    },
  };
  return Object.assign(made, state);
}

/** Gives a function its text and a check of the step. Fractions of a step are allowed, for smooth plots. */
export function schedule(text: string | (() => string), f: Schedule): Schedule {
  const made = (step: number): number => {
    if (!(step >= 0 && step < Number.POSITIVE_INFINITY)) checkNonNegative("step", step);
    return f(step);
  };
  return Object.defineProperty(made, "toString", { value: typeof text === "string" ? () => text : text });
}

/** A schedule as it is, or a number as a constant one. */
export function asSchedule(name: string, given: number | Schedule): Schedule {
  if (typeof given === "function") return given;
  if (typeof given !== "number") throw typeError(name, "a schedule or a number", given);
  checkFinite(name, given);
  return () => given;
}

export function checkFinite(name: string, value: unknown): void {
  checkNumber(name, value, "a finite number", () => true);
}

export function checkOptions(name: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== "object" || options === null) throw typeError("options", "an object of options", options);
  checkKeys(name, options, known);
}

/** A number in short form: 1e-3, 0.05, 900. */
export function brief(x: number): string {
  const rounded = Number(x.toPrecision(4));
  if (rounded === 0) return "0";
  const size = Math.abs(rounded);
  return size < 0.01 || size >= 1e6 ? rounded.toExponential().replace("e+", "e") : String(rounded);
}

/** A number or a schedule inside another's text: in brackets if it is made of parts itself. */
export function inner(given: number | Schedule): string {
  if (typeof given === "number") return brief(given);
  if (!Object.hasOwn(given, "toString")) return given.name || "f(step)"; // a function's own text is its source
  const text = String(given);
  return /^\w+\([^()]*\)$/.test(text) ? text : `(${text})`;
}

/** A count of steps as it is, or short if it is not whole. */
export const count = (steps: number): string => (Number.isInteger(steps) ? String(steps) : brief(steps));
export const plural = (steps: number): string => (steps === 1 ? "1 step" : `${count(steps)} steps`);
