import { argumentError, quoted, typeError } from "../check.js";
import { nearest } from "../nearest.js";
import { noisyBowl } from "./bowls.js";
import { type Landscape, landscapeOf } from "./landscape.js";
import { SURFACES } from "./surfaces.js";

/** The names of the table. */
export type LandscapeName = keyof typeof SURFACES | "noisyBowl";

/**
 * Every surface by name, in two variables. {@link noisyBowl} has σ = 1, one example a batch and the seed 0 here; a bowl of data
 * is made by {@link regressionBowl}.
 *
 * @example
 * landscapes.rosenbrock.grad([-1.5, 1.5]);
 */
export const landscapes = /* @__PURE__ */ table();

function table(): Readonly<Record<LandscapeName, Landscape>> {
  const surfaces = Object.entries(SURFACES).map(([name, surface]) => [name, landscapeOf(surface)]);
  return { ...Object.fromEntries(surfaces), noisyBowl: noisyBowl() };
}

/**
 * The surface of this name, in capitals or not, in so many variables. Throws a RangeError for an unknown name, with the
 * nearest one, and for a number of variables that the surface does not have.
 *
 * @example
 * landscape("rastrigin", 10).f(new Array(10).fill(0.5));
 */
export function landscape(name: string, dims = 2): Landscape {
  if (typeof name !== "string") throw typeError("name", "the name of a landscape", name);
  const names = Object.keys(landscapes) as LandscapeName[];
  const plain = (word: string): string => word.toLowerCase().replace(/[-_ ]/g, "");
  const found = names.find((each) => plain(each) === plain(name));
  if (found !== undefined) return dims === 2 ? landscapes[found] : landscapes[found].inDims(dims);
  const near = nearest(plain(name), names.map(plain));
  const meant = near === undefined ? names.join(", ") : `did you mean ${names.find((each) => plain(each) === near)}?`;
  throw argumentError("name", `expected the name of a landscape, got ${quoted(name)}; ${meant}`);
}
