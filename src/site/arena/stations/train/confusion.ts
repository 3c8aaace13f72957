/** Which class is taken for which: as a table of few classes, as a list of the worst of many. */
import { html, type TemplateResult } from "lit-html";
import { scrolling } from "../../parts/numbers.js";
import type { Result, Taken } from "./messages.js";

export function confusionTable({ confusion, classes }: Result): TemplateResult {
  if (confusion === undefined || classes === null) return html``;
  const where = confusion.held ? "rows held out" : "rows trained on";
  if (confusion.worst) return worst(confusion.worst, where);
  const shade = (count: number, of: number): number => (count === 0 ? 0 : Math.max(1, Math.round((count / of) * 4)));
  return scrolling(
    "Confusion",
    html`<table class="confusion">
      <caption>Confusion, ${where}: a row for each class, a column for what it was taken for</caption>
      <thead><tr><td></td>${classes.map((name) => html`<th scope="col" class="n">${name}</th>`)}</tr></thead>
      <tbody>${confusion.counts?.map((row, c) => {
        const all = row.reduce((sum, each) => sum + each, 0);
        return html`<tr><th scope="row">${classes[c]}</th>${row.map((count, p) => html`<td class="n ${c === p ? "hit" : "miss"} q${shade(count, all)}">${count === 0 ? "·" : count}</td>`)}</tr>`;
      })}</tbody>
    </table>`,
  );
}

function worst(pairs: readonly Taken[], where: string): TemplateResult {
  return html`<table><caption>Taken for another most often, ${where}</caption>
    <thead><tr><th scope="col">class</th><th scope="col">taken for</th><th scope="col" class="n">rows</th></tr></thead>
    <tbody>${pairs.map(({ of, as, rows }) => html`<tr><td>${of}</td><td>${as}</td><td class="n">${rows}</td></tr>`)}
    ${pairs.length === 0 ? html`<tr><td>none</td><td>–</td><td class="n">0</td></tr>` : ""}</tbody></table>`;
}
