/** How to scale columns to mean 0 and deviation 1, with one entry per column. */
export interface Scaling {
  readonly means: Float64Array;
  /** 1 / deviation; 0 for a constant column, which then becomes 0 everywhere. */
  readonly factors: Float64Array;
}

/**
 * Computes the mean and the population deviation of every column, in f64 and with only + − × ÷ √ in the order of the
 * rows, so that every host gets the same bits.
 *
 * @param values rows × columns, row-major
 */
export function scalingOf(values: Float64Array, columns: number): Scaling {
  const rows = values.length / columns;
  const means = new Float64Array(columns);
  const factors = new Float64Array(columns);
  for (let j = 0; j < columns; j++) {
    let sum = 0;
    let constant = true;
    for (let i = j; i < values.length; i += columns) {
      sum += values[i];
      constant &&= values[i] === values[j];
    }
    const mean = sum / rows;
    let squares = 0;
    for (let i = j; i < values.length; i += columns) squares += (values[i] - mean) * (values[i] - mean);
    const deviation = Math.sqrt(squares / rows);
    means[j] = mean;
    // Constancy is decided by the values: the mean of equal numbers may be rounded, which leaves a deviation of 1e-17.
    factors[j] = constant || deviation === 0 ? 0 : 1 / deviation;
  }
  return { means, factors };
}

/** Computes (x − mean) / deviation for every value, rounded to f32 once. */
export function standardise(values: Float64Array, { means, factors }: Scaling): Float32Array {
  const columns = means.length;
  return Float32Array.from(values, (x, i) => {
    const factor = factors[i % columns];
    return factor === 0 ? 0 : (x - means[i % columns]) * factor;
  });
}
