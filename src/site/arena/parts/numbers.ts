/** Numbers of figures as a table, for those who do not see figures. */
import { html, type TemplateResult } from "lit-html";
import { short } from "../draw/scale.js";
import type { Rows } from "./take.js";

const MOST = 60;

const ENDINGS: Readonly<Record<string, string>> = { one: "st", two: "nd", few: "rd", other: "th" };
const ordinals = new Intl.PluralRules("en", { type: "ordinal" });
const ordinal = (n: number): string => `${n}${ENDINGS[ordinals.select(n)]}`;

/** What may be wider than the page, such as a table: it can be scrolled with the keyboard too. */
export const scrolling = (label: string, content: TemplateResult): TemplateResult =>
  html`<div class="scroll" tabindex="0" role="group" aria-label=${label}>${content}</div>`;

export function numbersTable([head = [], ...rows]: Rows): TemplateResult {
  const by = Math.max(1, Math.ceil(rows.length / MOST));
  const shown = rows.filter((_, i) => i % by === 0 || i === rows.length - 1);
  const numeric = head.map((_, k) => rows.every((row) => typeof row[k] === "number" || row[k] === ""));
  return scrolling(
    "Numbers",
    html`<table class="numbers">
      <caption>${by > 1 ? `Every ${ordinal(by)} of ${rows.length} rows` : `${rows.length} rows`}</caption>
      <thead><tr>${head.map((each, k) => html`<th scope="col" class=${numeric[k] ? "n" : ""}>${each}</th>`)}</tr></thead>
      <tbody>${shown.map((row) => html`<tr>${row.map((each, k) => html`<td class=${numeric[k] ? "n" : ""}>${typeof each === "number" ? short(each, 6) : each}</td>`)}</tr>`)}</tbody>
    </table>`,
  );
}
