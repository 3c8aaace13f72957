/** Which class is taken for which, in few numbers, however many classes there are: told by the worker to the page. */
import type { Score } from "../../../../tabular/index.js";
import type { Confusion, Taken } from "./messages.js";

/** Classes of a table, and pairs of a list. */
const [MOST, PAIRS] = [12, 10];

export function confusionOf(
  train: Score,
  held: Score | undefined,
  classes: readonly string[] | null,
): Confusion | undefined {
  const counts = held?.confusion ?? train.confusion;
  if (counts === undefined || classes === null) return undefined;
  const where = { held: held?.confusion !== undefined };
  if (classes.length <= MOST) return { ...where, counts };
  let worst: Taken[] = [];
  for (const [c, row] of counts.entries())
    for (const [p, rows] of row.entries()) {
      if (c === p || rows === 0) continue;
      worst.push({ rows, of: classes[c], as: classes[p] });
      if (worst.length >= 1000) worst = first(worst);
    }
  return { ...where, worst: first(worst) };
}

const first = (all: Taken[]): Taken[] => all.sort((a, b) => b.rows - a.rows).slice(0, PAIRS);
