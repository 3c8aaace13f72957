import { pow } from "../../f64.js";

/** The momentum of step t in Nesterov Adam: β₁ (1 - ½ 0.96^(tψ)), and with ψ = 0 no warm-up: β₁. Dozat 2016. */
export function momentumOf(beta1: number, momentumDecay: number, t: number): number {
  return momentumDecay === 0 ? beta1 : beta1 * (1 - 0.5 * pow(0.96, t * momentumDecay));
}
