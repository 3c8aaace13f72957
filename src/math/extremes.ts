/**
 * Least and greatest of any number of values. `Math.min(...values)` passes each value as an argument on the stack, which
 * ends in a RangeError from some 120,000 values on.
 */

/** The least value, by the rules of Math.min: Infinity if there is none, NaN if any is. */
export function least(values: Iterable<number>): number {
  let found = Number.POSITIVE_INFINITY;
  for (const value of values) found = Math.min(found, value);
  return found;
}

/** The greatest value, by the rules of Math.max: -Infinity if there is none, NaN if any is. */
export function greatest(values: Iterable<number>): number {
  let found = Number.NEGATIVE_INFINITY;
  for (const value of values) found = Math.max(found, value);
  return found;
}
