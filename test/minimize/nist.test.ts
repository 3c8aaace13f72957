/** NIST's certified problems: digits from both starts, and the page that shows them. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { nistDigits, nistTable } from "../../bench/minimizePage.js";
import { jacobian, problems, residuals } from "../support/nist.js";

const found = nistDigits();

it.each(problems)("the data of $name and its certified parameters give the certified sum of squares", (problem) => {
  const sum = residuals(problem)(problem.certified).reduce((total, r) => total + r * r, 0);
  expect(Math.abs(sum / problem.residualSumOfSquares - 1)).toBeLessThan(1e-10);
});

it.each(problems)("the derivatives of $name are its differences", (problem) => {
  const b = problem.certified;
  const rows = jacobian(problem)(b);
  for (const k of b.keys()) {
    const width = 1e-5 * Math.abs(b[k]);
    const [ahead, behind] = [width, -width].map((by) => residuals(problem)(b.map((x, i) => (i === k ? x + by : x))));
    const most = Math.max(...rows.map((row) => Math.abs(row[k])));
    for (const [i, row] of rows.entries()) {
      expect(Math.abs((ahead[i] - behind[i]) / (2 * width) - row[k])).toBeLessThan(1e-6 * most);
    }
  }
});

// MGH17 and MGH09 converge linearly, with a valley of nearly equal sums; Thurber's derivatives cancel.
it.each(found)(
  "least squares finds 7 digits of $problem.name from start $start, with and without derivatives",
  (row) => {
    expect(row.exact.digits).toBeGreaterThan(7.5);
    expect(row.differences.digits).toBeGreaterThan(7.5);
  },
);

it("L-BFGS finds 7 digits where no parameter is a millionth of another", () => {
  const apart = found.filter(({ lbfgs }) => lbfgs.digits <= 7).map(({ problem, start }) => `${problem.name} ${start}`);
  // Hahn1's parameters are 1 to 1e-7, MGH10's far start has 2 and 400,000.
  expect(apart).toEqual(["Hahn1 1", "Hahn1 2", "MGH10 1"]);
});

it("docs/minimize.md has the table, as `npm run docs:tables` writes it", () => {
  const page = readFileSync(new URL("../../docs/minimize.md", import.meta.url), "utf8");
  expect(page.match(/<!-- nist -->\n([\s\S]*?)\n<!-- end -->/)?.[1]).toBe(nistTable(found));
});
