import { rangeError, typeError } from "../check.js";
import type { Group } from "./group.js";
import type { Rule } from "./rule.js";

/** The state of an optimizer as plain data; `structuredClone` copies it. */
export interface StateDict {
  optimizer: string;
  stepCount: number;
  mode: "train" | "eval";
  groups: {
    /** Hyperparameters as they stood; those on a schedule with their value at the last step. */
    hyper: Record<string, unknown>;
    /** The scalars that the rule carries from step to step. */
    scalars: Record<string, unknown>;
    /** The slots of each parameter, in the order of the group. Empty before the first step. */
    params: Record<string, Float32Array>[];
  }[];
}

// biome-ignore lint/suspicious/noExplicitAny: state is the same data whatever the rule
type AnyGroup = Group<any, any>;
// biome-ignore lint/suspicious/noExplicitAny: likewise
type AnyRule = Rule<any, any>;

export function stateOf(
  name: string,
  stepCount: number,
  mode: "train" | "eval",
  groups: readonly AnyGroup[],
): StateDict {
  return {
    optimizer: name,
    stepCount,
    mode,
    groups: groups.map((group) => ({
      hyper: structuredClone(group.hyper.now) as Record<string, unknown>,
      scalars: structuredClone(group.state) as Record<string, unknown>,
      params: group.slots.map((slots) =>
        Object.fromEntries(Object.entries(slots).map(([key, slot]) => [key, slot.toArray()])),
      ),
    })),
  };
}

/** Checks saved state against the groups, whole, and returns what puts it in place. */
export function checkedState(saved: StateDict, rule: AnyRule, groups: readonly AnyGroup[]): () => void {
  if (typeof saved !== "object" || saved === null) throw typeError("state", "what stateDict() returned", saved);
  if (saved.optimizer !== rule.name) throw rangeError("state.optimizer", `"${rule.name}"`, saved.optimizer);
  if (!Number.isInteger(saved.stepCount) || saved.stepCount < 0)
    throw rangeError("state.stepCount", "a whole number ≥ 0", saved.stepCount);
  if (saved.mode !== "train" && saved.mode !== "eval") throw rangeError("state.mode", '"train" or "eval"', saved.mode);
  if (!Array.isArray(saved.groups) || saved.groups.length !== groups.length) {
    throw rangeError("state.groups", `${groups.length} groups`, saved.groups);
  }
  const loads = groups.map((group, g) => {
    const from = saved.groups[g]!;
    const at = `state.groups[${g}]`;
    const hyper = group.hyper.restored(from.hyper, saved.stepCount);
    const scalars = Object.keys(group.state);
    for (const key of scalars)
      if (!(key in (from.scalars ?? {}))) throw rangeError(`${at}.scalars`, `a scalar ${key}`, undefined);
    const params = from.params ?? [];
    if (params.length !== 0 && params.length !== group.params.length) {
      throw rangeError(`${at}.params`, `${group.params.length} parameters`, params);
    }
    params.forEach((slots, i) => {
      const wanted = rule.slots(from.hyper, group.params[i]!.shape);
      for (const [key, shape] of Object.entries(wanted)) {
        const size = shape.reduce((product, d) => product * d, 1);
        const array = slots[key];
        if (!(array instanceof Float32Array)) throw typeError(`${at}.params[${i}].${key}`, "a Float32Array", array);
        if (array.length !== size) throw rangeError(`${at}.params[${i}].${key}`, `${size} numbers`, array);
      }
    });
    return () => {
      group.hyper.set(hyper, saved.stepCount);
      group.restore(structuredClone(from.scalars));
      if (params.length > 0) group.fillSlots(params);
      else group.dispose();
    };
  });
  return () => {
    for (const load of loads) load();
  };
}
