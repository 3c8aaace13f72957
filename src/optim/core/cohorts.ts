import type { EngineCore } from "../../engine/core.js";
import type { Tensor } from "../../engine/tensor.js";
import { moves } from "../gradients/params.js";
import type { Member, Rule } from "./rule.js";
import { type Span, spansOf } from "./spans.js";

/**
 * Parameters of a group that move together with the same scalars, because they have taken the same steps: one `prepare`,
 * and kernel calls of their own. A group whose parameters all had gradients at every step is one cohort.
 */
export interface Cohort<S> {
  readonly state: S;
  readonly members: readonly Member[];
  spans: readonly Span[];
}

/**
 * The cohorts of a step in which the parameters with a member move. Parameters share the objects of `states`, which is
 * refilled here: those that move get another one than those that do not, so that the scalars of a parameter advance when
 * it moves, as PyTorch's `step` does; and parameters whose scalars have become equal join.
 *
 * A rule that steps all groups together measures the run as a whole (d, curvatures), and its powers count with it, as its
 * authors' do: a group is one cohort there, as it is where there are no scalars.
 */
export function cohortsOf<S extends object>(
  engine: EngineCore,
  // biome-ignore lint/suspicious/noExplicitAny: the hyperparameters do not matter
  rule: Rule<any, S>,
  states: S[],
  members: readonly (Member | undefined)[],
): Cohort<S>[] {
  const whole = rule.stepAll || !rule.state;
  const found = new Map<string, Cohort<S> & { members: Member[] }>();
  for (const [i, member] of members.entries()) {
    if (!member && !whole) continue;
    const key = whole ? "" : JSON.stringify(states[i]);
    const cohort = found.get(key) ?? { state: { ...states[i] }, members: [], spans: [] };
    found.set(key, cohort);
    states[i] = cohort.state;
    if (member) cohort.members.push(member);
  }
  const cohorts = [...found.values()];
  for (const cohort of cohorts) cohort.spans = spansOf(engine, cohort.members);
  return cohorts;
}

/** Whether these members are still the parameters that a step would move. */
export function areMoving(members: readonly Member[], params: readonly Tensor[]): boolean {
  let k = 0;
  for (let i = 0; i < params.length; i++) {
    const tensor = params[i];
    if (moves(tensor) && members[k++]?.p !== tensor) return false;
  }
  return k === members.length;
}
