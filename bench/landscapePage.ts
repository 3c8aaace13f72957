/** The table of surfaces in docs/landscapes.md. */
import { markdownTable } from "markdown-table";
import { landscapes } from "../src/landscape/index.js";

const SEVERAL = 3;

export function landscapeTable(): string {
  const rows = Object.values(landscapes).map(({ name, formula, anyDims, domain, minima, source, note }) => {
    const sides = domain.map(([from, to]) => (from === -to ? `±${to}` : `[${number(from)}, ${number(to)}]`));
    const where = minima.slice(0, SEVERAL).map(({ point }) => `(${point.map(number).join(", ")})`);
    const more = minima.length > SEVERAL ? `, ${minima.length} in all` : "";
    const lowest = minima.length === 0 ? "none" : `${where.join(" ")}${more} = ${number(minima[0].value)}`;
    const dims = anyDims ? "any" : "2";
    return [`\`${name}\``, formula, dims, [...new Set(sides)].join(" × "), lowest, source, note];
  });
  return markdownTable([["name", "f", "dims", "domain", "global minima", "source", "note"], ...rows]);
}

const number = (x: number): string => String(Number(x.toFixed(6))).replace("-", "−");
