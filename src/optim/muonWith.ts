import { checkKeys, typeError } from "../check.js";
import type { Tensor } from "../engine/tensor.js";
import { type AdamwHyper, type AdamwState, adamw } from "./adamw.js";
import { byName, type DecayMask } from "./core/decayGroups.js";
import type { Common } from "./core/hyperparameters.js";
import type { Scheduled } from "./core/rule.js";
import type { RuleOptimizer } from "./core/ruleOptimizer.js";
import { type MuonHyper, muon } from "./muon.js";
import { type Combined, combine } from "./wrappers/combine.js";

/** Options of {@link muonWith}. */
export interface MuonWithOptions {
  /** Hyperparameters of Muon. */
  muon?: Partial<Scheduled<MuonHyper> & Common>;
  /** Hyperparameters of AdamW. */
  adamw?: Partial<Scheduled<AdamwHyper> & Common>;
  /** Which matrices Muon gets, by name and tensor; all by default. */
  muonFor?: DecayMask;
}

/**
 * Muon for matrices and AdamW for the rest, as one optimizer: `combine([muon(…), adamw(…)])`. By default Muon gets every
 * matrix; `muonFor` can leave some to AdamW, as is often done with the first and the last layer of a deep network.
 *
 * @param named pairs of a name and a tensor, as `model.namedParameters()` gives
 * @returns one optimizer, with Muon before AdamW in `parts`; a part that would have no parameter is left out
 * @throws TypeError or RangeError for anything but pairs, and for options that Muon or AdamW refuse
 * @example
 * const opt = muonWith(model.namedParameters(), { muon: { lr: 0.02 }, muonFor: (name) => name !== "4.weight" });
 */
export function muonWith(
  named: readonly (readonly [string, Tensor])[],
  options: MuonWithOptions = {},
): Combined<readonly (RuleOptimizer<MuonHyper, object> | RuleOptimizer<AdamwHyper, AdamwState>)[]> {
  checkKeys("muonWith", options, ["muon", "adamw", "muonFor"]);
  const { muonFor = () => true } = options;
  if (typeof muonFor !== "function") throw typeError("muonFor", "a function of name and tensor", muonFor);
  const [matrices, others] = byName(
    "muonFor",
    named,
    (name, tensor) => tensor.shape.length === 2 && muonFor(name, tensor),
  );
  return combine([
    ...(matrices.length > 0 ? [muon(matrices, options.muon)] : []),
    ...(others.length > 0 ? [adamw(others, options.adamw)] : []),
  ]);
}
