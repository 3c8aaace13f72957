import { checkNumber, checkOneOf, checkWhole, rangeError, typeError } from "../../check.js";
import { type Shape, sizeOf } from "../../engine/tensor.js";
import { isKind, plainCopy } from "../../host/realm.js";
import type { Group } from "./group.js";
import type { Rule } from "./rule.js";
import type { SavedSlots } from "./slots.js";

/** The state of an optimizer as plain data; `structuredClone` copies it, `stateDictToJSON` makes it JSON. */
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
    params: SavedSlots[];
  }[];
}

type Values = Record<string, unknown>;
// biome-ignore lint/suspicious/noExplicitAny: state is plain data for any rule
type AnyGroup = Group<any, any>;
// biome-ignore lint/suspicious/noExplicitAny: likewise
type AnyRule = Rule<any, any>;

/** For those who wrote a state as JSON, in which its arrays become objects. */
const fromJson = (array: unknown): string =>
  typeof array === "object" && array !== null && !Array.isArray(array) && !ArrayBuffer.isView(array)
    ? " (through JSON it goes by stateDictToJSON)"
    : "";

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
      hyper: plainCopy(group.hyper.now) as Record<string, unknown>,
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
  checkWhole("state.stepCount", saved.stepCount, 0);
  if (saved.skippedSteps !== undefined) checkWhole("state.skippedSteps", saved.skippedSteps, 0);
  checkOneOf("state.mode", saved.mode, ["train", "eval"]);
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
    const params = list(`${at}.params`, from.params, group);
    const each = Array.from(list(`${at}.paramScalars`, from.paramScalars ?? [], group), (one, i) =>
      checkedScalars(`${at}.paramScalars[${i}]`, one, group, from.steps as number),
    );
    params.forEach((given, i) => {
      const slots = { ...record(`${at}.params[${i}]`, given) };
      const { shape } = group.params[i];
      const needed = [
        ...Object.keys(rule.slots(hyper.now, shape)),
        ...Object.keys(rule.doubles?.(hyper.now, shape) ?? {}),
      ];
      if (Object.keys(slots).length === 0) {
        // It was frozen: its state starts when it steps. States without `paramScalars` do not say that of the scalars.
        if (needed.length > 0 && !rule.stepAll) each[i] ??= rule.state?.(hyper.now) as Values;
        return;
      }
      const checkSlots = (shapes: Record<string, Shape>, kind: "Float32Array" | "Float64Array") => {
        for (const [key, dims] of Object.entries(shapes)) {
          const array = slots[key];
          // A slot that is there only for a value which a schedule may take later need not be saved.
          if (array === undefined && !needed.includes(key)) continue;
          const size = sizeOf(dims);
          const name = `${at}.params[${i}].${key}`;
          if (!isKind(kind, array)) throw typeError(name, `a ${kind}${fromJson(array)}`, array);
          if (array.length !== size) throw rangeError(name, `${size} numbers`, array);
        }
      };
      checkSlots(rule.slots(hyper.forSlots, shape), "Float32Array");
      checkSlots(rule.doubles?.(hyper.forSlots, shape) ?? {}, "Float64Array");
    });
    const slots = params as SavedSlots[];
    const reserve = () => slots.length > 0 && group.grow(hyper.forSlots, slots);
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
  const states = hyper.statefulSchedules().map(([name, schedule]) => [name, schedule.stateDict()]);
  return states.length === 0 ? {} : { schedules: plainCopy(Object.fromEntries(states)) };
}

/** Tries saved states on the schedules and puts their own back. A schedule that has no saved state keeps its own. */
function checkedSchedules(at: string, { hyper }: AnyGroup, saved: unknown = {}): () => void {
  const states = record(at, plainCopy(saved));
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
  const paramScalars = plainCopy(states) as Values[];
  const differ = new Set(states.map((state) => JSON.stringify(state))).size > 1;
  return { scalars: paramScalars[0], ...(differ && { paramScalars }) };
}

/** A copy of saved scalars. Those saved before parameters counted their own steps have the count of the group. */
function checkedScalars(name: string, value: unknown, group: AnyGroup, steps: number): Values {
  const saved: Values = { steps, ...record(name, value) };
  return Object.fromEntries(
    Object.entries(group.states[0]).map(([key, own]) => {
      checkScalar(`${name}.${key}`, saved[key], own);
      return [key, plainCopy(saved[key])];
    }),
  );
}

/** Refuses anything but a list with an entry for each parameter, or an empty one. */
function list(name: string, value: unknown, { params }: AnyGroup): unknown[] {
  if (!Array.isArray(value)) throw typeError(name, "an array", value);
  if (value.length !== 0 && value.length !== params.length)
    throw rangeError(name, `${params.length} parameters`, value);
  return value;
}

function record(name: string, value: unknown): Values {
  if (typeof value !== "object" || value === null || Array.isArray(value) || ArrayBuffer.isView(value))
    throw typeError(name, "an object", value);
  return value as Values;
}

/** Refuses a saved scalar, a number or a list of numbers, of another type than the one that it replaces, and not finite. */
function checkScalar(name: string, value: unknown, own: unknown): void {
  if (!Array.isArray(own)) checkNumber(name, value, "a finite number", () => true);
  else if (!Array.isArray(value)) throw typeError(name, "an array", value);
  else for (const [i, x] of value.entries()) checkScalar(`${name}[${i}]`, x, 0);
}
