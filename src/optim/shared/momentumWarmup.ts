import { pow } from "../../math/f64.js";

/** The momentum of step t in NAdam, β₁ (1 - ½ 0.96^(tψ)); β₁ without a warm-up, ψ = 0. Dozat 2016, section 2. */
export function momentumOf(beta1: number, momentumDecay: number, t: number): number {
  return momentumDecay === 0 ? beta1 : beta1 * (1 - 0.5 * pow(0.96, t * momentumDecay));
}
