/** The generated parts of docs/minimize.md: evaluations beside SciPy's, and digits of NIST's certified parameters that each method finds. */
import { markdownTable } from "markdown-table";
import { minimizeLbfgs } from "../src/minimize/lbfgs.js";
import { leastSquares } from "../src/minimize/leastSquares.js";
import { minimize } from "../src/minimize/minimize.js";
import { digitsOf, halfSquares, jacobian, type Problem, problems, residuals } from "../test/support/nist.js";
import { compared } from "../test/support/scipyFunctions.js";

/** Of one problem, from one of its starts: digits, and evaluations in parentheses. */
export interface NistDigits {
  problem: Problem;
  start: 1 | 2;
  exact: { digits: number; evaluations: number };
  differences: { digits: number; evaluations: number };
  lbfgs: { digits: number; evaluations: number };
}

/** All problems from both starts, with default options; L-BFGS goes as far as f64 does. */
export const nistDigits = (): NistDigits[] =>
  problems.flatMap((problem) =>
    problem.starts.map((x0, i): NistDigits => {
      const digits = ({ x, evaluations }: { x: Float64Array; evaluations: number }) => ({
        digits: digitsOf(x, problem),
        evaluations,
      });
      return {
        problem,
        start: i === 0 ? 1 : 2,
        exact: digits(leastSquares(residuals(problem), x0, { jacobian: jacobian(problem) })),
        differences: digits(leastSquares(residuals(problem), x0)),
        lbfgs: digits(minimizeLbfgs(halfSquares(problem), x0, { gradientTolerance: 0 })),
      };
    }),
  );

export function nistTable(found: readonly NistDigits[]): string {
  const cell = ({ digits, evaluations }: NistDigits["exact"]) => `${digits.toFixed(1)} (${evaluations})`;
  const rows = found.map(({ problem, start, exact, differences, lbfgs }) => [
    ...[problem.name, problem.level, String(start), String(problem.certified.length)],
    ...[cell(exact), cell(differences), cell(lbfgs)],
  ]);
  return markdownTable([
    ["problem", "difficulty", "start", "parameters", "least squares", "by differences", "L-BFGS"],
    ...rows,
  ]);
}

/** The least, the median of ten and the most: "24 – 51 (29)". */
function spread(evaluations: readonly number[]): string {
  const sorted = [...evaluations].sort((a, b) => a - b);
  const middle = (sorted[4]! + sorted[5]!) / 2;
  return `${sorted[0]} – ${sorted[9]} (${Math.round(middle)})`;
}

/** Evaluations to a gradient of 1e-6 from ten starts, with the gradient and by central differences, beside SciPy's. */
export function scipyTable(): string {
  const rows = compared.map(({ name, f, starts, scipy, differences, found }) => {
    const exact = starts.map((start) => minimize(f, start));
    const without = starts.map((start) => minimize((x) => f(x).value, start));
    const same = [exact, without].map((ends) => ends.filter(({ x }, i) => isAt(x, found[i]!)).length);
    const counts = [exact, without].map((ends) => spread(ends.map(({ evaluations }) => evaluations)));
    return [name, same.join(", "), counts[0]!, spread(scipy), counts[1]!, spread(differences)];
  });
  const heads = [
    "function",
    "same minimum, of 10",
    "with gradient",
    "SciPy",
    "by differences",
    "SciPy, by differences",
  ];
  return markdownTable([heads, ...rows]);
}

const isAt = (x: Float64Array, found: readonly number[]): boolean =>
  Math.abs(x[0]! - found[0]!) < 1e-4 && Math.abs(x[1]! - found[1]!) < 1e-4;
