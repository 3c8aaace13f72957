import { typeError } from "../../check.js";
import type { Group } from "./group.js";
import type { Common } from "./hyperparameters.js";
import type { LiveGroup, Optimizer } from "./optimizer.js";
import type { Scheduled } from "./rule.js";

/** A group as users see it: its parameters, and its hyperparameters to read and to set, between the steps of `owner`. */
export function liveGroup<H extends object, S extends object>(
  group: Group<H, S>,
  owner: Pick<Optimizer, "checkIdle" | "stepCount">,
): LiveGroup<H> {
  const live = { params: Object.freeze(group.params) };
  for (const key of group.hyper.keys) {
    Object.defineProperty(live, key, {
      enumerable: true,
      get: () => group.hyper.now[key as keyof H],
      set: (value: unknown) => {
        owner.checkIdle();
        if (value === undefined) throw typeError(key, "a value or a schedule", value);
        group.hyper.set({ [key]: value } as Partial<Scheduled<H> & Common>, owner.stepCount);
      },
    });
  }
  return Object.freeze(live) as LiveGroup<H>;
}
