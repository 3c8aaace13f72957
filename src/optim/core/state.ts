import { checkNumber, checkWhole, rangeError, typeError } from "../../check.js";
import { sizeOf } from "../../engine/tensor.js";
import { apart } from "./cohorts.js";
import type { Group } from "./group.js";
import type { Rule } from "./rule.js";

/** The state of an optimizer as plain data; `structuredClone` copies it. */
export interface StateDict {
  optimizer: string;
  stepCount: number;
  /** Steps skipped for gradients that were not finite; 0 if missing. */
  skippedSteps?: number;
  mode: "train" | "eval";
  groups: {
    /** The hyperparameters; of those on a schedule the value at the last step. */
    hyper: Record<string, unknown>;
    /** The state of schedules that are fed a metric, by hyperparameter; missing if there are none. */
    schedules?: Record<string, unknown>;
    /** Steps that the group has taken: fewer than the optimizer if it was added later. */
    steps: number;
    /** The scalars that the rule carries from step to step: those of the first parameter, */
    scalars: Record<string, unknown>;
    /** and those of each, where they differ because some have taken fewer steps. */
    paramScalars?: Record<string, unknown>[];
    /** The slots of each parameter, in the order of the group. Empty before the first step, and for a frozen parameter. */
    params: Record<string, Float32Array>[];
  }[];
}

type Values = Record<string, unknown>;
// biome-ignore lint/suspicious/noExplicitAny: state is plain data for any rule
type AnyGroup = Group<any, any>;
// biome-ignore lint/suspicious/noExplicitAny: likewise
type AnyRule = Rule<any, any>;

export function stateOf(
  name: string,
  stepCount: number,
  skippedSteps: number,
  mode: "train" | "eval",
  groups: readonly AnyGroup[],
): StateDict {
  return {
    optimizer: name,
    stepCount,
    skippedSteps,
    mode,
    groups: groups.map((group) => ({
      hyper: structuredClone(group.hyper.now) as Record<string, unknown>,
      ...schedulesOf(group),
      steps: group.steps,
      ...scalarsOf(group.states),
      params: group.savedSlots(),
    })),
  };
}

/** Checks saved state completely against the groups and returns a function that restores it. */
export function checkedState(saved: StateDict, rule: AnyRule, groups: readonly AnyGroup[]): () => void {
  if (typeof saved !== "object" || saved === null) throw typeError("state", "what stateDict() returned", saved);
  if (saved.optimizer !== rule.name) throw rangeError("state.optimizer", `"${rule.name}"`, saved.optimizer);
  if (!Number.isInteger(saved.stepCount) || saved.stepCount < 0)
    throw rangeError("state.stepCount", "a whole number ≥ 0", saved.stepCount);
  if (saved.skippedSteps !== undefined) checkWhole("state.skippedSteps", saved.skippedSteps, 0);
  if (saved.mode !== "train" && saved.mode !== "eval") throw rangeError("state.mode", '"train" or "eval"', saved.mode);
  if (!Array.isArray(saved.groups) || saved.groups.length !== groups.length) {
    throw rangeError("state.groups", `${groups.length} groups`, saved.groups);
  }
  const loads = groups.map((group, g) => {
    const at = `state.groups[${g}]`;
    const from = record(at, saved.groups[g]);
    const loadSchedules = checkedSchedules(`${at}.schedules`, group, from.schedules);
    const hyper = group.hyper.restored(record(`${at}.hyper`, from.hyper), saved.stepCount);
    checkWhole(`${at}.steps`, from.steps, 0);
    const scalars = checkedScalars(`${at}.scalars`, from.scalars, group, from.steps as number);
    const { params, paramScalars = [] } = from;
    if (!Array.isArray(paramScalars)) throw typeError(`${at}.paramScalars`, "an array", paramScalars);
    checkCount(`${at}.paramScalars`, paramScalars, group);
    const each = Array.from(paramScalars, (one, i) =>
      checkedScalars(`${at}.paramScalars[${i}]`, one, group, from.steps as number),
    );
    if (!Array.isArray(params)) throw typeError(`${at}.params`, "an array", params);
    checkCount(`${at}.params`, params, group);
    params.forEach((given, i) => {
      const slots = record(`${at}.params[${i}]`, given);
      const { shape } = group.params[i];
      const needed = Object.keys(rule.slots(hyper.now, shape));
      if (Object.keys(slots).length === 0) {
        // It was frozen: its state starts when it steps. States without `paramScalars` do not say that of the scalars.
        if (needed.length > 0 && apart(rule)) each[i] ??= rule.state!(hyper.now);
        return;
      }
      for (const [key, dims] of Object.entries(rule.slots(hyper.forSlots, shape))) {
        const array = Object.hasOwn(slots, key) ? slots[key] : undefined;
        // A slot that is there only for a value which a schedule may take later need not be saved.
        if (array === undefined && !needed.includes(key)) continue;
        const size = sizeOf(dims);
        if (!(array instanceof Float32Array)) throw typeError(`${at}.params[${i}].${key}`, "a Float32Array", array);
        if (array.length !== size) throw rangeError(`${at}.params[${i}].${key}`, `${size} numbers`, array);
      }
    });
    const slots = params as Record<string, Float32Array>[];
    const reserve = () => slots.length > 0 && group.reserve(hyper.forSlots, slots);
    const load = () => {
      loadSchedules();
      group.hyper.set(hyper.set, saved.stepCount);
      group.restore(
        group.params.map((_, i) => each[i] ?? scalars),
        from.steps as number,
      );
      if (slots.length > 0) group.fillSlots(slots);
      else group.dispose();
    };
    return { group, reserve, load };
  });
  return () => {
    // Allocate everything before anything changes.
    try {
      for (const { reserve } of loads) reserve();
    } catch (error) {
      for (const { group } of loads) group.giveBack();
      throw error;
    }
    for (const { load } of loads) load();
  };
}

function schedulesOf({ hyper }: AnyGroup): { schedules?: Values } {
  const stateful = hyper.statefulSchedules();
  if (stateful.length === 0) return {};
  return { schedules: structuredClone(Object.fromEntries(stateful.map(([name, one]) => [name, one.stateDict()]))) };
}

/** Tries saved states on the schedules and puts their own back. A schedule that has no saved state keeps its own. */
function checkedSchedules(at: string, { hyper }: AnyGroup, saved: unknown): () => void {
  if (saved === undefined) return () => {};
  const states = record(at, structuredClone(saved));
  const known = hyper.statefulSchedules().filter(([name]) => states[name] !== undefined);
  for (const [name, schedule] of known) {
    const before = schedule.stateDict();
    schedule.loadStateDict(states[name]);
    schedule.loadStateDict(before);
  }
  return () => {
    for (const [name, schedule] of known) schedule.loadStateDict(states[name]);
  };
}

/** The scalars of a group, and those of each of its parameters if they differ. */
function scalarsOf(states: readonly object[]): { scalars: Values; paramScalars?: Values[] } {
  const [scalars, ...others] = structuredClone(states) as Values[];
  const first = JSON.stringify(scalars);
  return others.every((other) => JSON.stringify(other) === first)
    ? { scalars }
    : { scalars, paramScalars: [scalars, ...others] };
}

/** A copy of saved scalars. Those saved before parameters counted their own steps have the count of the group. */
function checkedScalars(name: string, value: unknown, group: AnyGroup, steps: number): Values {
  const saved = record(name, value);
  return Object.fromEntries(
    Object.entries(group.states[0]).map(([key, own]) => {
      const scalar = Object.hasOwn(saved, key) ? saved[key] : key === "steps" ? steps : undefined;
      if (key === "steps") checkWhole(`${name}.steps`, scalar, 0);
      else checkScalar(`${name}.${key}`, scalar, own);
      return [key, structuredClone(scalar)];
    }),
  );
}

/** Refuses a list with entries for some of the parameters. */
function checkCount(name: string, list: readonly unknown[], { params }: AnyGroup): void {
  if (list.length !== 0 && list.length !== params.length) throw rangeError(name, `${params.length} parameters`, list);
}

function record(name: string, value: unknown): Values {
  if (typeof value !== "object" || value === null || Array.isArray(value) || ArrayBuffer.isView(value))
    throw typeError(name, "an object", value);
  return value as Values;
}

/** Refuses a saved scalar of another type than the one that it replaces, and numbers that are not finite. */
function checkScalar(name: string, value: unknown, own: unknown): void {
  if (typeof value !== typeof own || Array.isArray(value) !== Array.isArray(own)) {
    throw typeError(name, Array.isArray(own) ? "an array" : `a ${typeof own}`, value);
  }
  const numbers = Array.isArray(value) ? value : typeof value === "number" ? [value] : [];
  for (const [i, x] of numbers.entries())
    checkNumber(Array.isArray(value) ? `${name}[${i}]` : name, x, "a finite number", () => true);
}
