import type { EngineCore } from "../../engine/core.js";
import type { Member, Rule } from "./rule.js";
import { type Span, spansOf } from "./spans.js";

/**
 * Parameters of a group that move together with the same scalars, because they have taken the same steps: one `prepare`,
 * and kernel calls of their own. A group whose parameters all had gradients at every step is one cohort.
 */
export interface Cohort<S> {
  readonly state: S;
  readonly members: Member[];
  spans: Span[];
}

/**
 * Whether each parameter has scalars of its own, which advance when it moves, as PyTorch's `step` does. A rule that steps
 * all groups together measures the run as a whole (d, curvatures), and its powers count with it, as its authors' do.
 */
// biome-ignore lint/suspicious/noExplicitAny: for any rule
export const apart = (rule: Rule<any, any>): boolean => rule.state !== undefined && !rule.stepAll;

/**
 * The cohorts of a step in which the parameters with a member move. Parameters share one object of `states`, which is
 * refilled here: a cohort of which only a part moves is cut in two, and cohorts whose scalars have become equal join.
 */
export function cohortsOf<S extends object>(
  engine: EngineCore,
  // biome-ignore lint/suspicious/noExplicitAny: the hyperparameters do not matter
  rule: Rule<any, S>,
  states: S[],
  members: readonly (Member | undefined)[],
): Cohort<S>[] {
  const own = apart(rule);
  const cohorts = new Map<string, Cohort<S>>();
  for (const [i, member] of members.entries()) {
    const key = own ? `${member !== undefined} ${JSON.stringify(states[i])}` : "";
    const cohort = cohorts.get(key) ?? { state: { ...states[i] }, members: [], spans: [] };
    cohorts.set(key, cohort);
    states[i] = cohort.state;
    if (member) cohort.members.push(member);
  }
  const moving = [...cohorts.values()].filter((cohort) => !own || cohort.members.length > 0);
  for (const cohort of moving) cohort.spans = spansOf(engine, cohort.members);
  return moving;
}
