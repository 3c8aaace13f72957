import { checkSchema } from "./checkSchema.js";
import { DATE_INPUTS } from "./dateParts.js";
import type { Schema } from "./schema.js";

/**
 * A name for every input: `age`, `color=red`, `date.year`, `age is missing`.
 * @throws RangeError or TypeError for what is no schema
 */
export function inputNames(schema: Schema): string[] {
  const { names, features } = checkSchema(schema);
  return features.flatMap((feature) => {
    const name = names?.[feature.column] ?? `${feature.column}`;
    const inputs =
      feature.kind === "number"
        ? [name]
        : feature.kind === "category"
          ? [...feature.values, ...(feature.other ? ["other"] : [])].map((value) => `${name}=${value}`)
          : feature.parts.flatMap(({ part }) => DATE_INPUTS[part].map((input) => `${name}.${input}`));
    return feature.indicator ? [...inputs, `${name} is missing`] : inputs;
  });
}
