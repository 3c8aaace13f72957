/** The generated part of docs/minimize.md: digits of NIST's certified parameters that each method finds. */
import { markdownTable } from "markdown-table";
import { minimizeLbfgs } from "../src/minimize/lbfgs.js";
import { leastSquares } from "../src/minimize/leastSquares.js";
import { digitsOf, halfSquares, jacobian, type Problem, problems, residuals } from "../test/support/nist.js";

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
