import type { Scale } from "./schema.js";

/**
 * Computes the mean and the population deviation, in f64 and with only + − × ÷ √ in the order of the values, so that every
 * host gets the same bits.
 */
export function scaleOf(values: ArrayLike<number>): Scale {
  const { length } = values;
  let sum = 0;
  let constant = true;
  for (let i = 0; i < length; i++) {
    sum += values[i];
    constant &&= values[i] === values[0];
  }
  // + 0: JSON, in which the schema is saved, has no -0.
  const mean = length === 0 ? 0 : sum / length + 0;
  let squares = 0;
  for (let i = 0; i < length; i++) squares += (values[i] - mean) * (values[i] - mean);
  // Constancy is decided by the values: the mean of equal numbers may be rounded, which leaves a deviation of 1e-17.
  return { mean, deviation: constant ? 0 : Math.sqrt(squares / length) };
}

/** (x − mean) / deviation; 0 for a constant. */
export const scaled = (x: number, { mean, deviation }: Scale): number => (deviation === 0 ? 0 : (x - mean) / deviation);
