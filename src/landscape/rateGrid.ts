import { checkNumber, checkPositive, checkWhole, rangeError } from "../check.js";
import { exp, log } from "../math/f64.js";

/** The most rates of a grid: each is a run. */
const MOST_RATES = 100_000;

/**
 * Learning rates for a sweep: `perDecade` to each decade, evenly by their logarithms, both ends included, to six digits.
 *
 * Throws a TypeError or RangeError for ends that are not positive, or the wrong way round, and for more than 100,000 rates.
 *
 * @example
 * rateGrid(0.01, 1, 2); // [0.01, 0.0316228, 0.1, 0.316228, 1]
 */
export function rateGrid(from: number, to: number, perDecade: number): number[] {
  checkPositive("from", from);
  checkNumber("to", to, "a finite number ≥ from", (x) => x >= from);
  checkWhole("perDecade", perDecade);
  if (log(to / from) * (perDecade / Math.LN10) >= MOST_RATES)
    throw rangeError("perDecade", `one that makes at most ${MOST_RATES} rates`, perDecade);
  const rates: number[] = [];
  for (let k = 0; ; k++) {
    const rate = Number((from * exp((k / perDecade) * Math.LN10)).toPrecision(6));
    if (rate > to) return rates;
    rates.push(rate);
  }
}
