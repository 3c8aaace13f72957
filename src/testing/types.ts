import type { Rule } from "../optim/core/rule.js";
import type { optimizer, RuleOptimizer } from "../optim/core/ruleOptimizer.js";

/** Rules, and what is made of them, for batteries that do not care which rule they drive. */
export type Hyper = Record<string, unknown>;
export type AnyRule = Rule<Hyper, object>;
export type AnyOptimizer = RuleOptimizer<Hyper, object>;
export type AnyFactory = ReturnType<typeof optimizer<Hyper, object>>;
